//! How the quorum stands, as DescribeQuorum tells it (KIP-595, KIP-836).

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Now, Offset, Timestamp};

use crate::{
    raft::Raft,
    role::State,
    voters::{Voter, VoterKey, Voters},
};

/// What one replica of the metadata log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaStatus {
    /// Who.
    pub key: VoterKey,
    /// Where its log ends; `None` while it did not fetch from this leader.
    pub log_end: Option<Offset>,
    /// When it last fetched.
    pub last_fetch: Option<Timestamp>,
    /// When it last had everything that the leader had.
    pub last_caught_up: Option<Timestamp>,
}

/// How the quorum stands. Only its leader knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumStatus {
    /// Who leads.
    pub leader: BrokerId,
    /// Its epoch.
    pub epoch: LeaderEpoch,
    /// The end of what is committed; `None` until the leader committed the record that opened its epoch.
    pub high_watermark: Option<Offset>,
    /// The voters, by node id.
    pub voters: Vec<ReplicaStatus>,
    /// Who fetches without a vote.
    pub observers: Vec<ReplicaStatus>,
    /// The voter set, with endpoints.
    pub voter_set: Voters,
}

impl Raft {
    /// How the quorum stands; `None` when this node does not lead it.
    #[must_use]
    pub fn status(&self, now: Now) -> Option<QuorumStatus> {
        let State::Leader(leadership) = &self.state else { return None };
        // Before, the lead may not be durable.
        leadership.opened?;
        // The leader is always caught up with itself.
        let mine = ReplicaStatus {
            key: self.me.key,
            log_end: Some(self.appended),
            last_fetch: Some(now.wall),
            last_caught_up: Some(now.wall),
        };
        let status = |voter: &Voter| if voter.key == mine.key { mine } else { leadership.status(voter.key) };
        Some(QuorumStatus {
            leader: self.me.key.id,
            epoch: self.quorum.epoch,
            high_watermark: leadership.is_elected.then_some(self.committed),
            voters: self.voters().iter().map(status).collect(),
            observers: leadership.observers(self.voters(), now.mono),
            voter_set: self.voters().clone(),
        })
    }
}
