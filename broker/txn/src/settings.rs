//! What the coordinator is told when it is made.

use core::time::Duration;

/// Settings of a transaction coordinator, from its node's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `transaction.max.timeout.ms`.
    pub timeout_max: Duration,
    /// `transaction.abort.timed.out.transaction.cleanup.interval.ms`.
    pub abort_timed_out_interval: Duration,
    /// `transactional.id.expiration.ms`.
    pub id_expiration: Duration,
    /// `transaction.remove.expired.transaction.cleanup.interval.ms`.
    pub remove_expired_interval: Duration,
    /// `transaction.two.phase.commit.enable` (KIP-939).
    pub two_phase_commit: bool,
}

impl Default for Settings {
    /// Kafka's defaults.
    fn default() -> Self {
        Self {
            timeout_max: Duration::from_secs(15 * 60),
            abort_timed_out_interval: Duration::from_secs(10),
            id_expiration: Duration::from_secs(7 * 24 * 60 * 60),
            remove_expired_interval: Duration::from_secs(60 * 60),
            two_phase_commit: false,
        }
    }
}
