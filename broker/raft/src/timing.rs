//! How long things may take among the members of a quorum.

use core::time::Duration;

/// How long things may take; the defaults are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// `controller.quorum.election.timeout.ms`: an election takes as long, and up to twice as long.
    pub election_timeout: Duration,
    /// `controller.quorum.fetch.timeout.ms`: a leader that does not answer for so long is not followed.
    pub fetch_timeout: Duration,
    /// `controller.quorum.election.backoff.max.ms`: the longest pause after an election was lost.
    pub backoff_max: Duration,
    /// `controller.quorum.request.timeout.ms`: after that a request counts as lost.
    pub request_timeout: Duration,
    /// `controller.quorum.retry.backoff.ms`: the pause after a request failed.
    pub retry_backoff: Duration,
    /// How long a leader keeps a fetch that there is nothing new for.
    pub fetch_wait_max: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            election_timeout: Duration::from_secs(1),
            fetch_timeout: Duration::from_secs(2),
            backoff_max: Duration::from_secs(1),
            request_timeout: Duration::from_secs(2),
            retry_backoff: Duration::from_millis(20),
            fetch_wait_max: Duration::from_millis(500),
        }
    }
}
