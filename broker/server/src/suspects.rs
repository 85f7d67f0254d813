//! Brokers whose connection to a fetcher here broke a moment ago, and that the metadata still has.
//!
//! The controller notices the same and fences them within milliseconds. A client that was connected to one asks for metadata
//! at that very moment; told the old leader, it would ask again only at its own pace (librdkafka: a second later). So
//! what says who leads waits a moment for the controller. Invariant: nobody waits longer than [`PATIENCE`] after a break.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use broker_metadata::Image;
use broker_types::BrokerId;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use crate::broker::Broker;

/// How long the controller may take.
const PATIENCE: Duration = Duration::from_millis(200);

/// Who is suspect, and until when that matters.
#[derive(Debug, Default)]
pub(crate) struct Suspects {
    until: Mutex<BTreeMap<BrokerId, Instant>>,
    /// Lets metadata skip the lock when nobody is suspect.
    any: AtomicBool,
    image_changed: Notify,
}

impl Suspects {
    /// The connection to a broker broke.
    pub(crate) fn note(&self, broker: BrokerId) {
        self.until.lock().insert(broker, Instant::now() + PATIENCE);
        self.any.store(true, Ordering::Release);
    }

    /// Another image is there.
    pub(crate) fn image_changed(&self) {
        if self.any.load(Ordering::Acquire) {
            self.image_changed.notify_waiters();
        }
    }

    /// Until when it is worth waiting for an image without the suspects; those that it has no more are forgotten.
    fn worth_waiting(&self, image: &Image) -> Option<Instant> {
        let mut until = self.until.lock();
        let now = Instant::now();
        until.retain(|broker, until| *until > now && image.cluster().is_active(*broker));
        self.any.store(!until.is_empty(), Ordering::Release);
        until.values().max().copied()
    }
}

impl Broker {
    /// Waits, for a moment, until the metadata has no broker any more that seems to be gone.
    pub(crate) async fn settle_suspects(&self) {
        while self.suspects.any.load(Ordering::Acquire) {
            let changed = self.suspects.image_changed.notified();
            let mut changed = std::pin::pin!(changed);
            // Before the look at the image, so that no change between the two is missed.
            changed.as_mut().enable();
            let Some(until) = self.suspects.worth_waiting(&self.image()) else { return };
            let _elapsed = timeout_at(until, changed).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestBroker;

    #[tokio::test]
    async fn who_the_metadata_has_is_waited_for_and_nobody_else() {
        let test = TestBroker::of_node(1, &[]).await;
        let suspects = &test.broker.suspects;
        suspects.note(BrokerId::new(2));
        assert_eq!(suspects.worth_waiting(&test.broker.image()), None, "it is fenced already");
        assert!(!suspects.any.load(Ordering::Acquire));
        let began = Instant::now();
        suspects.note(BrokerId::new(1));
        assert!(suspects.worth_waiting(&test.broker.image()).is_some());
        test.broker.settle_suspects().await;
        assert!(began.elapsed() >= PATIENCE, "it stays in the metadata");
        assert!(!suspects.any.load(Ordering::Acquire));
    }
}
