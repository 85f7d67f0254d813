//! Voters that come, go and change, as the leader does it (KIP-853, KIP-1186).
//!
//! ```text
//! Add ─► CatchingUp ─► AppendVoters ─► VotersAppended (the new set holds) ─► Committed by the new majority ─► answer
//! Remove, Update ────────┘
//! ```
//!
//! Invariants: at most one set is not committed; two sets that follow each other differ in one voter, so that their
//! majorities meet; no set is changed before the leader committed a record of its own epoch; the last voter stays.

use core::time::Duration;

use broker_records::{ControlBatch, ControlType};
use broker_types::{LeaderEpoch, Mono, Offset, ReplyId, Timestamp};
use bytes::Bytes;

use crate::{
    event::{Action, PeerAction},
    message::{Awaited, Outcome, Refusal},
    raft::Raft,
    role::State,
    snapshot::{DYNAMIC, SnapshotTooLarge, encoded},
    voters::{Voter, VoterKey, Voters},
};

/// What a client, or a voter itself, wants changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VoterRequest {
    /// `AddRaftVoter`: an observer shall vote. Its versions are those that it told when it was asked for them.
    Add {
        /// Who, and where.
        voter: Voter,
        /// How long the observer may take to catch up, and the set to be committed.
        timeout: Duration,
        /// Whether the answer waits for the commit, or only for the append (KIP-1186). Who asks for itself cannot fetch
        /// while it waits: then it must have caught up before.
        ack_when_committed: bool,
    },
    /// `RemoveRaftVoter`: it shall vote no longer.
    Remove {
        /// Who.
        voter: VoterKey,
        /// How long the set may take to be committed.
        timeout: Duration,
    },
    /// `UpdateRaftVoter`: a voter is reached elsewhere, or speaks other versions. Answered when it is appended: the
    /// voter that asks must fetch it for it to be committed.
    Update {
        /// The epoch of the leader that is asked.
        epoch: LeaderEpoch,
        /// The voter as it is now.
        voter: Voter,
    },
}

/// The change under way.
#[derive(Clone, Debug)]
pub(crate) struct VoterChange {
    reply: ReplyId,
    pub(crate) until: Mono,
    waits_for_commit: bool,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    CatchingUp(Voter),
    Appending,
    Committing { end: Offset },
}

/// A set that is being appended; it will be even if the leadership ends before.
#[derive(Clone, Debug)]
pub(crate) struct Appending {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) voters: Voters,
}

impl VoterChange {
    pub(crate) const fn reply(&self) -> ReplyId {
        self.reply
    }
}

impl Raft {
    /// The batch that [`PeerAction::AppendVoters`] asks for; `None` when it did not ask.
    ///
    /// # Errors
    /// When the voter set does not fit a batch.
    pub fn voters_batch(&self, offset: Offset, now: Timestamp) -> Result<Option<Bytes>, SnapshotTooLarge> {
        let Some(Appending { epoch, voters }) = &self.voters_appending else { return Ok(None) };
        let mut batch = ControlBatch::quorum(offset, *epoch, now);
        batch.append(ControlType::KRaftVoters, &encoded(&voters.to_record())?)?;
        Ok(Some(batch.build()))
    }

    /// The answer, or `None` when it comes later.
    pub(crate) fn voters_requested(
        &mut self,
        now: Mono,
        reply: ReplyId,
        request: VoterRequest,
    ) -> Option<Outcome> {
        self.change_voters(now, reply, request).err()
    }

    /// Begins the change; gives the answer when there is nothing to begin.
    fn change_voters(&mut self, now: Mono, reply: ReplyId, request: VoterRequest) -> Result<(), Outcome> {
        let refused = |refusal| Err(Outcome::Refused(refusal));
        let epoch = match &request {
            VoterRequest::Update { epoch, .. } => *epoch,
            VoterRequest::Add { .. } | VoterRequest::Remove { .. } => self.quorum.epoch,
        };
        if let Some(refusal) = self.refusal_of_epoch(epoch) {
            return refused(refusal);
        }
        if let Some(awaited) = self.before_a_change() {
            return refused(Refusal::TimedOut(awaited));
        }
        let speaks = |voter: &Voter| voter.kraft_versions.0 <= DYNAMIC && DYNAMIC <= voter.kraft_versions.1;
        let (waits_for_commit, timeout, stage) = match request {
            VoterRequest::Add { voter, timeout, ack_when_committed } => {
                if self.voters().get(voter.key.id).is_some() {
                    return refused(Refusal::DuplicateVoter);
                }
                if !speaks(&voter) {
                    return refused(Refusal::InvalidRequest);
                }
                if !ack_when_committed && !self.is_caught_up(voter.key, now) {
                    return refused(Refusal::TimedOut(Awaited::CatchUp));
                }
                (ack_when_committed, timeout, Stage::CatchingUp(voter))
            }
            VoterRequest::Remove { voter, timeout } => {
                if !self.voters().contains(voter) {
                    return refused(Refusal::VoterNotFound);
                }
                let Some(voters) = self.voters().without(voter) else {
                    return refused(Refusal::InvalidRequest);
                };
                self.append_voters(voters);
                (true, timeout, Stage::Appending)
            }
            VoterRequest::Update { voter, .. } => {
                if !self.voters().contains(voter.key) {
                    return refused(Refusal::VoterNotFound);
                }
                if !speaks(&voter) {
                    return refused(Refusal::InvalidRequest);
                }
                let Some(voters) = self.voters().updated(&voter) else {
                    return Err(Outcome::VotersChanged);
                };
                self.append_voters(voters);
                (false, self.timing.request_timeout, Stage::Appending)
            }
        };
        let change = VoterChange { reply, until: now.plus(timeout), waits_for_commit, stage };
        if let State::Leader(leadership) = &mut self.state {
            leadership.change = Some(change);
        }
        Ok(())
    }

    /// What is to be waited for: one change at a time, and none before the leader knows what is committed.
    fn before_a_change(&self) -> Option<Awaited> {
        let State::Leader(leadership) = &self.state else { return Some(Awaited::Leadership) };
        if leadership.change.is_some() || self.voters_appending.is_some() {
            return Some(Awaited::EarlierChange);
        }
        if !leadership.is_elected {
            return Some(Awaited::Leadership);
        }
        let (end, committed) = (self.voters.latest_end(), self.committed);
        (end > committed).then_some(Awaited::EarlierVoters { end, committed })
    }

    fn is_caught_up(&self, key: VoterKey, now: Mono) -> bool {
        let within = self.check_every();
        matches!(&self.state, State::Leader(leadership) if leadership.is_caught_up(key, now, within))
    }

    fn append_voters(&mut self, voters: Voters) {
        let epoch = self.quorum.epoch;
        self.voters_appending = Some(Appending { epoch, voters });
        self.push(Action::Peer(PeerAction::AppendVoters { epoch }));
    }

    pub(crate) fn voters_appended(&mut self, now: Mono, end: Offset) {
        let Some(Appending { voters, .. }) = self.voters_appending.take() else {
            self.log_appended(end);
            return;
        };
        self.appended = self.appended.max(end);
        // A set holds from its append on, committed or not (KIP-853).
        self.voters.appended(end, voters);
        let check_at = now.plus(self.check_every());
        if let State::Leader(leadership) = &mut self.state {
            leadership.voters_changed(self.voters.latest(), check_at);
            match leadership.change.take() {
                Some(change) if change.waits_for_commit => {
                    leadership.change = Some(VoterChange { stage: Stage::Committing { end }, ..change });
                }
                Some(change) => self.respond(change.reply, Outcome::VotersChanged),
                None => {}
            }
        }
        self.flush();
    }

    /// Whether it may ask for votes: a voter, or one whose removal is not known to be committed. That one may have the
    /// longest log of all, so that nobody else can be elected; its own vote does not count, and once the set without it
    /// is committed it resigns (Raft dissertation, section 4.2.2).
    pub(crate) fn may_stand(&self) -> bool {
        let is_open = self.voters.latest_end() > self.committed;
        self.is_voter() || (is_open && self.voters.previous().contains(self.me.key))
    }

    pub(crate) fn poll_voter_change(&mut self, now: Mono) {
        let within = self.check_every();
        let State::Leader(leadership) = &mut self.state else { return };
        let is_over = self.voters.latest_end() <= self.committed;
        if let Some(change) = leadership.change.take() {
            let reply = change.reply;
            match &change.stage {
                Stage::Committing { end } if *end <= self.committed => {
                    self.respond(reply, Outcome::VotersChanged);
                }
                stage if change.until <= now => {
                    let awaited = match stage {
                        Stage::CatchingUp(_) => Awaited::CatchUp,
                        Stage::Appending | Stage::Committing { .. } => Awaited::Commit,
                    };
                    self.respond(reply, Outcome::Refused(Refusal::TimedOut(awaited)));
                }
                Stage::CatchingUp(voter) if leadership.is_caught_up(voter.key, now, within) => {
                    let voters = self.voters.latest().with(voter.clone());
                    leadership.change = Some(VoterChange { stage: Stage::Appending, ..change });
                    self.append_voters(voters);
                }
                _ => leadership.change = Some(change),
            }
        }
        // It led on until the set without it was committed; from now on one of that set leads.
        if is_over && !self.is_voter() {
            self.resign(now);
        }
    }
}
