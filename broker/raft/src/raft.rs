//! The machine: from a start to a leader, from an append to a commit.

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Now, Offset, Timestamp};
use bytes::Bytes;

use crate::{
    opening::{self, Opening},
    snapshot::SnapshotTooLarge,
    status::{QuorumStatus, ReplicaStatus},
    voter_history::VoterHistory,
    voters::{Voter, VoterKey, Voters},
};

/// What a member must not forget: written to `quorum-state` before it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuorumState {
    /// Who leads the epoch, as far as is known.
    pub leader: Option<BrokerId>,
    /// The newest epoch that was heard of.
    pub epoch: LeaderEpoch,
    /// For whom this node voted in the epoch.
    pub voted: Option<VoterKey>,
}

/// What a member's files tell when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durable {
    /// `quorum-state`; the default when there is none.
    pub state: QuorumState,
    /// The voter sets of snapshot and log.
    pub voters: VoterHistory,
    /// Where the log ends.
    pub end: Offset,
    /// The epoch of the log's last batch, or of the snapshot that it follows.
    pub last_epoch: LeaderEpoch,
}

/// What happens to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The process has started; log and state were read.
    Start,
    /// The last [`Action::WriteState`] is durable.
    StateWritten,
    /// The log ends here now; everything in it carries the present epoch or an older one.
    Appended {
        /// The offset after the last record.
        end: Offset,
    },
    /// The log is durable up to here.
    Flushed {
        /// The offset after the last durable record.
        upto: Offset,
    },
}

/// What a member wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make this durable, then say [`Event::StateWritten`].
    WriteState(QuorumState),
    /// Append [`Raft::opening_batch`], which opens the leadership, then say [`Event::Appended`].
    AppendLeaderChange {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
    },
    /// This node leads, and everything before `next` is committed: records may be proposed.
    Elected {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
        /// The offset of the first record that will be proposed.
        next: Offset,
    },
    /// Make the log durable up to here, then say [`Event::Flushed`]. A later one includes an earlier one.
    Flush {
        /// The offset after the last record to flush.
        upto: Offset,
    },
    /// Everything before this offset is committed.
    Committed {
        /// The offset after the last committed record.
        upto: Offset,
    },
}

/// What a member is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Not started.
    Unattached,
    /// Not in the voter set: it follows, and never votes.
    Observer,
    /// Voted for itself; the vote is being made durable.
    Candidate,
    /// Has all votes; the lead is being made durable.
    Winner,
    /// Leads; the batch that opens its epoch is being appended.
    Opening,
    /// Leads; the batch that opens its epoch is being committed.
    Committing,
    /// Leads.
    Leader,
}

/// A quorum that this release cannot be a part of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the metadata quorum has {voters} voters; quorums of more than one arrive with a later release")]
pub struct UnsupportedQuorum {
    /// How many voters there are.
    pub voters: usize,
}

/// One member of the quorum.
#[derive(Clone, Debug)]
pub struct Raft {
    me: Voter,
    voters: VoterHistory,
    /// The set that the opening batch of this leadership must carry.
    voters_to_log: Option<Voters>,
    state: QuorumState,
    role: Role,
    appended: Offset,
    flushed: Offset,
    committed: Offset,
}

impl Raft {
    /// A member as its files tell it. `me` is this node as it can be reached now; while it leads, the voter set in
    /// the log is made to say the same.
    ///
    /// # Errors
    /// When the quorum has more voters than one.
    pub fn new(me: Voter, durable: Durable) -> Result<Self, UnsupportedQuorum> {
        let Durable { mut state, voters, end, last_epoch } = durable;
        let count = voters.latest().len();
        if count > 1 {
            return Err(UnsupportedQuorum { voters: count });
        }
        if last_epoch > state.epoch {
            // The state file is older than the log, or lost: nobody can be named, but the epoch is over.
            state = QuorumState { epoch: last_epoch, ..QuorumState::default() };
        }
        Ok(Self {
            me,
            voters,
            voters_to_log: None,
            state,
            role: Role::Unattached,
            appended: end,
            flushed: Offset::ZERO,
            committed: Offset::ZERO,
        })
    }

    /// What it is at the moment.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The present epoch and who leads it.
    #[must_use]
    pub const fn state(&self) -> QuorumState {
        self.state
    }

    /// The voters.
    #[must_use]
    pub fn voters(&self) -> &Voters {
        self.voters.latest()
    }

    /// The voters before `end`, for a snapshot that ends there.
    #[must_use]
    pub fn voters_before(&self, end: Offset) -> &Voters {
        self.voters.before(end)
    }

    /// Where the log ends.
    #[must_use]
    pub const fn end(&self) -> Offset {
        self.appended
    }

    /// Everything before it is committed.
    #[must_use]
    pub const fn committed(&self) -> Offset {
        self.committed
    }

    /// The batch that [`Action::AppendLeaderChange`] asks for: who leads, and the voters when the log does not have
    /// them, or not as they can be reached now.
    ///
    /// # Errors
    /// When the voter set does not fit a batch.
    pub fn opening_batch(&self, offset: Offset, now: Timestamp) -> Result<Bytes, SnapshotTooLarge> {
        let opening = Opening {
            leader: self.me.key.id,
            epoch: self.state.epoch,
            voters: self.voters_to_log.as_ref().unwrap_or_else(|| self.voters()),
            granting: &[self.me.key.id],
            with_voters: self.voters_to_log.is_some(),
        };
        opening::batch(&opening, offset, now)
    }

    /// How the quorum stands; `None` when this node does not lead it.
    #[must_use]
    pub fn status(&self, now: Now) -> Option<QuorumStatus> {
        if !matches!(self.role, Role::Opening | Role::Committing | Role::Leader) {
            return None;
        }
        // The leader is always caught up with itself.
        let replica = |voter: &Voter| ReplicaStatus {
            key: voter.key,
            log_end: Some(self.appended),
            last_fetch: Some(now.wall),
            last_caught_up: Some(now.wall),
        };
        Some(QuorumStatus {
            leader: self.me.key.id,
            epoch: self.state.epoch,
            high_watermark: (self.role == Role::Leader).then_some(self.committed),
            voters: self.voters().iter().map(replica).collect(),
            observers: Vec::new(),
            voter_set: self.voters().clone(),
        })
    }

    /// Takes one event. Total: an event that does not fit the role changes nothing.
    pub fn step(&mut self, _now: Now, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Start => self.start(actions),
            Event::StateWritten => self.state_written(actions),
            Event::Appended { end } => self.appended(end, actions),
            Event::Flushed { upto } => self.flushed(upto, actions),
        }
        assert!(
            self.committed <= self.flushed && self.flushed <= self.appended,
            "committed, flushed, appended"
        );
    }

    fn start(&mut self, actions: &mut Vec<Action>) {
        if self.role != Role::Unattached {
            return;
        }
        if !self.voters().contains(self.me.key) {
            self.role = Role::Observer;
            return;
        }
        // The only voter needs no other's vote; its own must be durable all the same, or a crash could
        // let it vote twice in an epoch.
        self.role = Role::Candidate;
        self.state = QuorumState { leader: None, epoch: self.state.epoch.next(), voted: Some(self.me.key) };
        actions.push(Action::WriteState(self.state));
    }

    fn state_written(&mut self, actions: &mut Vec<Action>) {
        match self.role {
            Role::Candidate => {
                self.role = Role::Winner;
                self.state = QuorumState { leader: Some(self.me.key.id), voted: None, ..self.state };
                actions.push(Action::WriteState(self.state));
            }
            Role::Winner => {
                self.role = Role::Opening;
                let unlogged = (!self.voters.is_logged()).then(|| self.voters().clone());
                self.voters_to_log = self.voters().updated(&self.me).or(unlogged);
                actions.push(Action::AppendLeaderChange { epoch: self.state.epoch });
            }
            Role::Unattached | Role::Observer | Role::Opening | Role::Committing | Role::Leader => {}
        }
    }

    fn appended(&mut self, end: Offset, actions: &mut Vec<Action>) {
        if end <= self.appended {
            return;
        }
        self.appended = end;
        if self.role == Role::Opening {
            self.role = Role::Committing;
            // A set holds from its append on, committed or not (KIP-853).
            if let Some(voters) = self.voters_to_log.take() {
                self.voters.appended(end, voters);
            }
        }
        actions.push(Action::Flush { upto: end });
    }

    fn flushed(&mut self, upto: Offset, actions: &mut Vec<Action>) {
        self.flushed = self.flushed.max(upto.min(self.appended));
        // A leader commits only with a record of its own epoch (Raft, section 5.4.2): the batch that opened it, which
        // is all that was appended while it is being committed.
        let opens = self.role == Role::Committing && self.flushed == self.appended;
        if !(opens || self.role == Role::Leader) || self.flushed <= self.committed {
            return;
        }
        self.committed = self.flushed;
        actions.push(Action::Committed { upto: self.committed });
        if opens {
            self.role = Role::Leader;
            actions.push(Action::Elected { epoch: self.state.epoch, next: self.appended });
        }
    }
}

#[cfg(test)]
mod tests;
