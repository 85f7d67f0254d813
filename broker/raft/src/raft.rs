//! The machine: from a start to a leader, from an append to a commit.

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Now, Offset};

use crate::voters::{VoterKey, Voters};

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
    /// Append the control record that opens the leadership, then say [`Event::Appended`].
    AppendLeaderChange {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
    },
    /// This node leads: records may be proposed.
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
    /// Leads; the record that opens its epoch is being appended.
    Opening,
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
    me: VoterKey,
    voters: Voters,
    state: QuorumState,
    role: Role,
    appended: Offset,
    flushed: Offset,
    committed: Offset,
}

impl Raft {
    /// A member as its files tell it: `end` is where its log ends.
    ///
    /// # Errors
    /// When the quorum has more voters than one.
    pub fn new(
        me: VoterKey,
        voters: Voters,
        state: QuorumState,
        end: Offset,
    ) -> Result<Self, UnsupportedQuorum> {
        if voters.len() > 1 {
            return Err(UnsupportedQuorum { voters: voters.len() });
        }
        Ok(Self {
            me,
            voters,
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
    pub const fn voters(&self) -> &Voters {
        &self.voters
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
        if !self.voters.contains(self.me) {
            self.role = Role::Observer;
            return;
        }
        // The only voter needs no other's vote; its own must be durable all the same, or a crash could
        // let it vote twice in an epoch.
        self.role = Role::Candidate;
        self.state = QuorumState { leader: None, epoch: self.state.epoch.next(), voted: Some(self.me) };
        actions.push(Action::WriteState(self.state));
    }

    fn state_written(&mut self, actions: &mut Vec<Action>) {
        match self.role {
            Role::Candidate => {
                self.role = Role::Winner;
                self.state = QuorumState { leader: Some(self.me.id), voted: None, ..self.state };
                actions.push(Action::WriteState(self.state));
            }
            Role::Winner => {
                self.role = Role::Opening;
                actions.push(Action::AppendLeaderChange { epoch: self.state.epoch });
            }
            Role::Unattached | Role::Observer | Role::Opening | Role::Leader => {}
        }
    }

    fn appended(&mut self, end: Offset, actions: &mut Vec<Action>) {
        if end <= self.appended {
            return;
        }
        self.appended = end;
        if self.role == Role::Opening {
            self.role = Role::Leader;
            actions.push(Action::Elected { epoch: self.state.epoch, next: end });
        }
        actions.push(Action::Flush { upto: end });
    }

    fn flushed(&mut self, upto: Offset, actions: &mut Vec<Action>) {
        self.flushed = self.flushed.max(upto.min(self.appended));
        // A leader commits only with a record of its own epoch (Raft, section 5.4.2): the one that opened it.
        if self.role == Role::Leader && self.flushed > self.committed {
            self.committed = self.flushed;
            actions.push(Action::Committed { upto: self.committed });
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use broker_types::{DirectoryId, Uuid};

    use super::*;
    use crate::voters::Voter;

    fn me() -> VoterKey {
        VoterKey { id: BrokerId::new(1), directory: DirectoryId::new(Uuid::from_bytes([7; 16])) }
    }

    fn voters(key: VoterKey) -> Voters {
        Voters::standalone(Voter { key, endpoints: vec![], kraft_versions: (0, 1) })
    }

    fn step(raft: &mut Raft, event: Event) -> Vec<Action> {
        let mut actions = Vec::new();
        raft.step(Now::default(), event, &mut actions);
        actions
    }

    #[test]
    fn the_only_voter_leads_after_its_vote_and_its_lead_are_durable() {
        let before = QuorumState { leader: Some(BrokerId::new(1)), epoch: LeaderEpoch::new(4), voted: None };
        let mut raft = Raft::new(me(), voters(me()), before, Offset::new(10)).expect("one voter");
        let epoch = LeaderEpoch::new(5);
        let voted = QuorumState { leader: None, epoch, voted: Some(me()) };
        assert_eq!(step(&mut raft, Event::Start), [Action::WriteState(voted)]);
        let leads = QuorumState { leader: Some(BrokerId::new(1)), epoch, voted: None };
        assert_eq!(step(&mut raft, Event::StateWritten), [Action::WriteState(leads)]);
        assert_eq!(step(&mut raft, Event::StateWritten), [Action::AppendLeaderChange { epoch }]);
        let end = Offset::new(11);
        assert_eq!(
            step(&mut raft, Event::Appended { end }),
            [Action::Elected { epoch, next: end }, Action::Flush { upto: end }]
        );
        assert_eq!(step(&mut raft, Event::Flushed { upto: end }), [Action::Committed { upto: end }]);
    }

    #[test]
    fn what_is_not_flushed_is_not_committed() {
        let mut raft =
            Raft::new(me(), voters(me()), QuorumState::default(), Offset::ZERO).expect("one voter");
        for event in [Event::Start, Event::StateWritten, Event::StateWritten] {
            step(&mut raft, event);
        }
        step(&mut raft, Event::Appended { end: Offset::new(1) });
        step(&mut raft, Event::Appended { end: Offset::new(4) });
        let upto = Offset::new(1);
        assert_eq!(step(&mut raft, Event::Flushed { upto }), [Action::Committed { upto }]);
        assert_eq!(raft.committed(), upto);
    }

    #[test]
    fn an_emptied_volume_does_not_vote() {
        let other = VoterKey { directory: DirectoryId::new(Uuid::from_bytes([8; 16])), ..me() };
        for voters in [Voters::default(), voters(other)] {
            let mut raft =
                Raft::new(me(), voters, QuorumState::default(), Offset::ZERO).expect("at most one");
            assert_eq!(step(&mut raft, Event::Start), []);
            assert_eq!(raft.role(), Role::Observer);
        }
    }
}
