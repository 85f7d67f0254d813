//! A new leader tells the voters that it leads, until each knows (KIP-595).

use broker_types::{BrokerId, LeaderEpoch, Mono};

use crate::{
    message::{Destination, Outcome, Refusal, Request},
    raft::Raft,
    role::State,
    voters::VoterKey,
};

impl Raft {
    pub(crate) fn begin_requested(
        &mut self,
        now: Mono,
        epoch: LeaderEpoch,
        leader: BrokerId,
        voter: VoterKey,
    ) -> Outcome {
        if epoch < self.quorum.epoch {
            return Outcome::Refused(Refusal::FencedEpoch);
        }
        if voter != self.me.key {
            return Outcome::Refused(Refusal::InvalidVoterKey);
        }
        if leader == self.me.key.id {
            return Outcome::Refused(Refusal::InvalidRequest);
        }
        let known = self.quorum.leader.filter(|_| epoch == self.quorum.epoch);
        match known {
            Some(known) if known != leader => Outcome::Refused(Refusal::InvalidRequest),
            Some(_) if matches!(self.state, State::Follower(_)) => Outcome::BeginQuorumEpoch,
            _ => {
                self.adopt(now, epoch, Some(leader));
                Outcome::BeginQuorumEpoch
            }
        }
    }

    pub(crate) fn begin_answered(&mut self, from: BrokerId) {
        if let State::Leader(leadership) = &mut self.state {
            leadership.informed.insert(from);
        }
    }

    pub(crate) fn begin_epoch(&mut self, now: Mono) {
        for voter in self.others() {
            let State::Leader(leadership) = &self.state else { return };
            if !leadership.informed.contains(&voter.id) {
                let (epoch, leader) = (self.quorum.epoch, self.me.key.id);
                let request = Request::BeginQuorumEpoch { epoch, leader, voter };
                self.send(now, Destination::Node(voter.id), request);
            }
        }
    }
}
