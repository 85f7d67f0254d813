//! A leader that resigns tells the voters, and who should lead next, so that nobody waits for a timeout (KIP-595).

use broker_types::{BrokerId, LeaderEpoch, Mono};

use crate::{
    message::{Destination, Outcome, Refusal, Request},
    raft::Raft,
    role::State,
    voters::VoterKey,
};

/// After so many doublings the pause of a successor grows no more.
const DOUBLINGS_MAX: u32 = 16;

impl Raft {
    pub(crate) fn end_requested(
        &mut self,
        now: Mono,
        epoch: LeaderEpoch,
        leader: BrokerId,
        successors: &[VoterKey],
    ) -> Outcome {
        if epoch < self.quorum.epoch {
            return Outcome::Refused(Refusal::FencedEpoch);
        }
        if leader == self.me.key.id {
            return Outcome::Refused(Refusal::InvalidRequest);
        }
        if epoch > self.quorum.epoch || self.is_news(leader) {
            self.adopt(now, epoch, Some(leader));
        }
        if self.quorum.leader != Some(leader) {
            return Outcome::Refused(Refusal::InvalidRequest);
        }
        let place = successors.iter().position(|key| *key == self.me.key);
        let pause = self.succession_pause(place);
        if let State::Follower(following) = &mut self.state {
            following.was_answered = false;
            following.gone_at = following.gone_at.min(now.plus(pause));
        }
        Outcome::EndQuorumEpoch
    }

    /// The first successor asks at once, each later one after a longer pause; who is not named waits longest.
    fn succession_pause(&mut self, place: Option<usize>) -> core::time::Duration {
        match place {
            Some(0) => core::time::Duration::ZERO,
            Some(place) => {
                let doublings = u32::try_from(place).unwrap_or(DOUBLINGS_MAX).min(DOUBLINGS_MAX);
                let pause = self.timing.retry_backoff.saturating_mul(1 << doublings);
                pause.min(self.timing.backoff_max) + self.up_to(self.timing.retry_backoff)
            }
            None => self.timing.backoff_max + self.up_to(self.timing.backoff_max),
        }
    }

    pub(crate) fn end_answered(&mut self, from: BrokerId) {
        if let State::Resigned(resignation) = &mut self.state {
            resignation.untold.retain(|id| *id != from);
        }
    }

    pub(crate) fn poll_resigned(&mut self, now: Mono) {
        let State::Resigned(resignation) = &self.state else { return };
        if resignation.until <= now {
            self.unattach(now);
            return;
        }
        let (untold, successors) = (resignation.untold.clone(), resignation.successors.clone());
        let (epoch, leader) = (self.quorum.epoch, self.me.key.id);
        for id in untold {
            let request = Request::EndQuorumEpoch { epoch, leader, successors: successors.clone() };
            self.send(now, Destination::Node(id), request);
        }
    }
}
