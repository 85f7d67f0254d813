//! A leader whose process is gone: nobody listens any more where its followers ask.
//!
//! Kafka waits for `controller.quorum.fetch.timeout.ms` all the same. An election may as well begin at once: it asks
//! first (KIP-996), so that whoever still hears from the leader keeps it.

use broker_types::Mono;

use crate::{
    message::{Correlation, Destination},
    raft::Raft,
    role::State,
};

/// Followers begin at different moments within this part of the election timeout, so that the others have seen by then
/// that the leader is gone.
const SPREAD: u32 = 10;

impl Raft {
    pub(crate) fn refused(&mut self, now: Mono, correlation: Correlation) {
        let Some(to) = self.requests.answered(correlation) else { return };
        self.requests.pause(to, now, self.timing.retry_backoff);
        let is_leader = |leader| to == Destination::Node(leader);
        let State::Follower(following) = &self.state else { return };
        // The moment was drawn when it was first refused.
        if following.is_refused || !is_leader(following.leader) {
            return;
        }
        let gone_at = now.plus(self.up_to(self.timing.election_timeout / SPREAD));
        if let State::Follower(following) = &mut self.state {
            following.is_refused = true;
            following.was_answered = false;
            following.gone_at = following.gone_at.min(gone_at);
        }
    }
}
