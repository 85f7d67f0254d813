//! So many records in a second, as Kafka's tools keep to it.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Keeps to a rate.
#[derive(Debug)]
pub(super) struct Throttle {
    start: Instant,
    /// Records in a second; below zero: as many as there can be.
    target: f64,
}

impl Throttle {
    pub(super) fn new(target: f64) -> Self {
        Self { start: Instant::now(), target }
    }

    /// When the record that comes after `sent` ones is due; `None` when now.
    pub(super) fn due(&self, sent: u64) -> Option<Instant> {
        if self.target < 0.0 {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate is no more exact")]
        let seconds = sent as f64 / self.target;
        // None is to come at the rate of zero: the end of time is far enough.
        let at = Duration::try_from_secs_f64(seconds).unwrap_or(FOREVER).min(FOREVER);
        Some(self.start + at).filter(|due| *due > Instant::now())
    }
}

const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// Waits until then.
pub(super) async fn wait(due: Instant) {
    sleep_until(due).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_are_due_one_after_the_other() {
        let throttle = Throttle::new(0.5);
        assert_eq!(throttle.due(0), None);
        assert_eq!(throttle.due(2).map(|due| due - throttle.start), Some(Duration::from_secs(4)));
        assert_eq!(Throttle::new(-1.0).due(1000), None);
        assert!(Throttle::new(0.0).due(1).is_some());
    }
}
