//! Wakes parked fetches when a partition's readable end moves on: the high watermark for consumers, the end of the log
//! for other replicas, which also learn of a new high watermark without delay.
//!
//! Invariant: a fetch registers before it looks, and a producer moves the end before it wakes, so no wake-up is lost.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

/// How many parked fetches a partition remembers before it forgets those that are gone.
const SWEEP_AT: usize = 32;

/// One parked fetch, registered with every partition that it reads.
#[derive(Debug, Default)]
pub(crate) struct ParkedFetch {
    notify: Notify,
}

impl ParkedFetch {
    /// Resolves at the next wake-up, also one between registration and this call.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }
}

/// What a parked fetch waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaits {
    /// What is committed: a consumer.
    Committed,
    /// What is appended: another replica.
    Appended,
}

/// The fetches parked on one partition.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    consumers: Parked,
    replicas: Parked,
}

impl Waiters {
    /// Registers a fetch. It stays until woken, or until it is gone and swept.
    pub(crate) fn park(&self, fetch: &Arc<ParkedFetch>, awaits: Awaits) {
        match awaits {
            Awaits::Committed => self.consumers.park(fetch),
            Awaits::Appended => self.replicas.park(fetch),
        }
    }

    /// Wakes all; they look again and park again if they must.
    pub(crate) fn wake(&self) {
        self.consumers.wake();
        self.replicas.wake();
    }

    /// The log is longer: wakes those who read to its end.
    pub(crate) fn appended(&self) {
        self.replicas.wake();
    }
}

#[derive(Debug, Default)]
struct Parked {
    fetches: Mutex<Vec<Arc<ParkedFetch>>>,
    /// Lets an append skip the lock when nobody waits.
    any: AtomicBool,
}

impl Parked {
    fn park(&self, fetch: &Arc<ParkedFetch>) {
        let mut fetches = self.fetches.lock();
        if fetches.len() >= SWEEP_AT {
            fetches.retain(|other| Arc::strong_count(other) > 1);
        }
        fetches.push(Arc::clone(fetch));
        self.any.store(true, Ordering::SeqCst);
    }

    fn wake(&self) {
        if !self.any.load(Ordering::SeqCst) {
            return;
        }
        let woken = {
            let mut fetches = self.fetches.lock();
            self.any.store(false, Ordering::SeqCst);
            std::mem::take(&mut *fetches)
        };
        for fetch in woken {
            fetch.notify.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wake_between_registration_and_waiting_is_kept() {
        let waiters = Waiters::default();
        let fetch = Arc::new(ParkedFetch::default());
        waiters.park(&fetch, Awaits::Committed);
        waiters.wake();
        fetch.woken().await;
    }

    #[test]
    fn an_append_wakes_replicas_only() {
        let waiters = Waiters::default();
        let [consumer, replica] = [Arc::new(ParkedFetch::default()), Arc::new(ParkedFetch::default())];
        waiters.park(&consumer, Awaits::Committed);
        waiters.park(&replica, Awaits::Appended);
        waiters.appended();
        assert_eq!((Arc::strong_count(&consumer), Arc::strong_count(&replica)), (2, 1));
        waiters.wake();
        assert_eq!(Arc::strong_count(&consumer), 1);
    }

    #[test]
    fn fetches_that_are_gone_are_swept() {
        let waiters = Waiters::default();
        for _ in 0..10 * SWEEP_AT {
            waiters.park(&Arc::new(ParkedFetch::default()), Awaits::Committed);
        }
        assert!(waiters.consumers.fetches.lock().len() <= SWEEP_AT);
    }
}
