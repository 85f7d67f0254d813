//! The times of a broker's life.

use core::time::Duration;

/// How often and how long a broker waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Between heartbeats (`broker.heartbeat.interval.ms`).
    pub heartbeat_interval: Duration,
    /// Between heartbeats until it is caught up.
    pub starting_interval: Duration,
    /// Before the second heartbeat that asks to stop.
    pub stopping_interval: Duration,
    /// The longest pause after failures (`broker.session.timeout.ms`).
    pub session_timeout: Duration,
    /// By when it must be registered (`initial.broker.registration.timeout.ms`).
    pub registration_timeout: Duration,
    /// By when the controller must know of a failed directory (`log.dir.failure.timeout.ms`).
    pub directory_failure_timeout: Duration,
    /// How long it waits for its leaderships to be moved before it stops all the same.
    pub shutdown_timeout: Duration,
    /// How long, while it is to stop, no controller may answer before it stops all the same: longer than a quorum needs for
    /// another leader, so that only a quorum that is gone is not waited for.
    pub controller_patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            heartbeat_interval: Duration::from_secs(2),
            starting_interval: Duration::from_millis(10),
            stopping_interval: Duration::from_millis(50),
            session_timeout: Duration::from_secs(9),
            registration_timeout: Duration::from_secs(60),
            directory_failure_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(300),
            controller_patience: Duration::from_secs(4),
        }
    }
}
