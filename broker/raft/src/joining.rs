//! What a follower asks its leader for on its own behalf: that the voter set says how it is reached now (KIP-853), and,
//! when it is told to join by itself, a vote (KIP-1186).
//!
//! Invariant: it asks once per fetch timeout and leader, and only on the ground of a voter set that is in the log; what
//! came of it is told by the log, not by the answer.

use broker_types::Mono;

use crate::{message::Destination, raft::Raft, role::State, voter_change::VoterRequest};

impl Raft {
    /// Makes a member that joins the voters by itself (`controller.quorum.auto.join.enable`), or does not.
    #[must_use]
    pub const fn joining(mut self, joins: bool) -> Self {
        self.joins = joins;
        self
    }

    /// What is to be asked for now, if anything; then the next time begins.
    pub(crate) fn wish_due(&mut self, now: Mono) -> Option<VoterRequest> {
        let State::Follower(following) = &self.state else { return None };
        if now < following.wish_at || !self.requests.may_send(Destination::Node(following.leader), now) {
            return None;
        }
        let next = now.plus(self.timing.fetch_timeout);
        if let State::Follower(following) = &mut self.state {
            following.wish_at = next;
        }
        self.wish()
    }

    fn wish(&self) -> Option<VoterRequest> {
        if !self.voters.is_logged() {
            return None;
        }
        let timeout = self.timing.request_timeout;
        match self.voters().get(self.me.key.id) {
            Some(known) if known.key == self.me.key => (*known != self.me)
                .then(|| VoterRequest::Update { epoch: self.quorum.epoch, voter: self.me.clone() }),
            _ if !self.joins => None,
            // It voted with another directory, which is gone: as long as that one counts, a majority is harder to get.
            Some(gone) => Some(VoterRequest::Remove { voter: gone.key, timeout }),
            None => Some(VoterRequest::Add { voter: self.me.clone(), timeout, ack_when_committed: false }),
        }
    }
}
