//! A member of a classic group, as a machine: what happens goes in, what is to be asked and done comes out.
//!
//! ```text
//! Start, Revoked, Joined, Partitions, Synced, Beat, Topics, Time, Leave
//!     -> Revoke | Lose | FindCoordinator | Join | LookUp | Sync | Take | Beat | Leave | Fail
//! ```
//!
//! Invariants: at most one request is out; partitions are given up before the group is asked again (the eager protocol,
//! which every assignor of the Java client takes part in); nothing is taken but from the group's own answer.

mod faults;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broker_protocol::{ErrorCode, Str};
use broker_types::{Mono, TopicName, TopicPartition};

use crate::assignor::{self, Assignment, Assignor, Subscriber};

/// The pause before a request is tried again that could not be carried out.
const PAUSE: Duration = Duration::from_millis(100);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The member is to be in the group, for these topics.
    Start(BTreeSet<TopicName>),
    /// What it had is given up.
    Revoked,
    /// JoinGroup was answered.
    Joined {
        /// The id that the coordinator gives it.
        member: Str,
        /// How it went.
        outcome: Result<Joined, Fault>,
    },
    /// How many partitions the topics have that were looked up.
    Partitions(BTreeMap<TopicName, i32>),
    /// SyncGroup was answered.
    Synced(Result<BTreeSet<TopicPartition>, Fault>),
    /// A heartbeat, or a commit, was answered.
    Beat(Result<(), Fault>),
    /// The topics that are subscribed to now, with their numbers of partitions.
    Topics(BTreeMap<TopicName, i32>),
    /// Time has passed.
    Time,
    /// The member is to leave.
    Leave,
}

/// What a group answers to who has joined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    pub(crate) generation: i32,
    /// The assignor that all have.
    pub(crate) protocol: Str,
    /// All members, for the one that assigns; empty for others.
    pub(crate) members: Vec<Subscriber>,
    /// Whether this one leads, and assigns.
    pub(crate) leads: bool,
}

/// Why a request had no success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The coordinator says so.
    Code(ErrorCode),
    /// Nobody answered.
    Broken,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Give these up, commit what was read of them, and say [`Event::Revoked`].
    Revoke(BTreeSet<TopicPartition>),
    /// These are somebody else's already: nothing can be committed; then say [`Event::Revoked`].
    Lose(BTreeSet<TopicPartition>),
    /// The coordinator is to be looked up before the next request.
    FindCoordinator,
    /// Ask JoinGroup.
    Join {
        /// The id from before; empty at first.
        member: Str,
        /// What is subscribed to.
        topics: BTreeSet<TopicName>,
    },
    /// Look up how many partitions these have.
    LookUp(BTreeSet<TopicName>),
    /// Ask SyncGroup.
    Sync {
        /// As whom.
        identity: Identity,
        /// The assignor.
        protocol: Str,
        /// What everybody gets, from the leader; empty from others.
        assignments: Assignment,
    },
    /// These are the member's.
    Take(BTreeSet<TopicPartition>),
    /// Ask Heartbeat.
    Beat(Identity),
    /// Ask LeaveGroup.
    Leave(Str),
    /// It cannot be in the group.
    Fail(ErrorCode),
}

/// Who a member is in its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) member: Str,
    pub(crate) generation: i32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Not in the group.
    Out,
    /// Partitions are being given up.
    Revoking,
    /// Asks to join at that time.
    Pausing(Mono),
    Joining,
    /// Learns how many partitions there are.
    Leading(Joined),
    Syncing,
    Stable {
        beat_at: Mono,
        is_beating: bool,
    },
    /// Over.
    Failed,
}

/// The member.
#[derive(Debug)]
pub(crate) struct Member {
    heartbeat_interval: Duration,
    /// Whether it keeps its place in the group over restarts: it does not leave it.
    is_static: bool,
    state: State,
    topics: BTreeSet<TopicName>,
    member: Str,
    generation: Option<i32>,
    assigned: BTreeSet<TopicPartition>,
    /// What the assignment rests on, when this member made it.
    counts: Option<BTreeMap<TopicName, i32>>,
}

impl Member {
    pub(crate) fn new(heartbeat_interval: Duration, is_static: bool) -> Self {
        Self {
            heartbeat_interval,
            is_static,
            state: State::Out,
            topics: BTreeSet::new(),
            member: Str::EMPTY,
            generation: None,
            assigned: BTreeSet::new(),
            counts: None,
        }
    }

    /// Takes an event in.
    pub(crate) fn step(&mut self, now: Mono, event: Event, actions: &mut Vec<Action>) {
        match event {
            Event::Start(topics) if self.state == State::Out => {
                self.topics = topics;
                self.give_up(actions);
            }
            Event::Revoked if self.state == State::Revoking => {
                self.assigned.clear();
                self.join(actions);
            }
            Event::Joined { member, outcome } if self.state == State::Joining => {
                self.joined(now, member, outcome, actions);
            }
            Event::Partitions(counts) => self.looked_up(counts, actions),
            Event::Synced(outcome) if self.state == State::Syncing => self.synced(now, outcome, actions),
            Event::Beat(outcome) => self.beaten(now, outcome, actions),
            Event::Topics(topics) => self.topics_are(topics, actions),
            Event::Time => self.time(now, actions),
            Event::Leave => self.leave(actions),
            // Answers to what nobody waits for any more.
            Event::Start(_) | Event::Revoked | Event::Joined { .. } | Event::Synced(_) => {}
        }
    }

    /// When time is to be told to it.
    pub(crate) fn next_deadline(&self) -> Option<Mono> {
        match &self.state {
            State::Pausing(at) => Some(*at),
            State::Stable { beat_at, is_beating: false } => Some(*beat_at),
            _ => None,
        }
    }

    /// Who it is, while it has its partitions.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let is_in = matches!(self.state, State::Stable { .. } | State::Revoking);
        let generation = self.generation.filter(|_| is_in)?;
        Some(Identity { member: self.member.clone(), generation })
    }

    /// Whether it has its place and its partitions.
    pub(crate) fn is_stable(&self) -> bool {
        matches!(self.state, State::Stable { .. })
    }

    fn give_up(&mut self, actions: &mut Vec<Action>) {
        self.state = State::Revoking;
        actions.push(match self.generation {
            None if !self.assigned.is_empty() => Action::Lose(self.assigned.clone()),
            _ => Action::Revoke(self.assigned.clone()),
        });
    }

    fn join(&mut self, actions: &mut Vec<Action>) {
        self.state = State::Joining;
        self.counts = None;
        actions.push(Action::Join { member: self.member.clone(), topics: self.topics.clone() });
    }

    fn joined(&mut self, now: Mono, member: Str, outcome: Result<Joined, Fault>, actions: &mut Vec<Action>) {
        match outcome {
            Ok(joined) => {
                self.member = member;
                self.generation = Some(joined.generation);
                if joined.leads {
                    let topics = joined.members.iter().flat_map(|member| member.topics.iter().cloned());
                    actions.push(Action::LookUp(topics.collect()));
                    self.state = State::Leading(joined);
                } else {
                    self.sync(joined.protocol, Assignment::new(), actions);
                }
            }
            Err(Fault::Code(ErrorCode::MemberIdRequired)) => {
                self.member = member;
                self.join(actions);
            }
            Err(fault) => self.fault(now, fault, actions),
        }
    }

    fn looked_up(&mut self, counts: BTreeMap<TopicName, i32>, actions: &mut Vec<Action>) {
        let State::Leading(joined) = &self.state else { return };
        let Some(assignor) = Assignor::named(&joined.protocol) else {
            self.state = State::Failed;
            actions.push(Action::Fail(ErrorCode::InconsistentGroupProtocol));
            return;
        };
        let assignments = assignor::assign(assignor, &joined.members, &counts);
        let protocol = joined.protocol.clone();
        self.counts = Some(counts);
        self.sync(protocol, assignments, actions);
    }

    fn sync(&mut self, protocol: Str, assignments: Assignment, actions: &mut Vec<Action>) {
        self.state = State::Syncing;
        let identity = Identity { member: self.member.clone(), generation: self.generation.unwrap_or(-1) };
        actions.push(Action::Sync { identity, protocol, assignments });
    }

    fn synced(
        &mut self,
        now: Mono,
        outcome: Result<BTreeSet<TopicPartition>, Fault>,
        actions: &mut Vec<Action>,
    ) {
        match outcome {
            Ok(assigned) => {
                self.assigned.clone_from(&assigned);
                let beat_at = now.plus(self.heartbeat_interval);
                self.state = State::Stable { beat_at, is_beating: false };
                actions.push(Action::Take(assigned));
            }
            Err(fault) => self.fault(now, fault, actions),
        }
    }

    fn beaten(&mut self, now: Mono, outcome: Result<(), Fault>, actions: &mut Vec<Action>) {
        if !self.is_stable() {
            return;
        }
        match outcome {
            Ok(()) => {
                let beat_at = now.plus(self.heartbeat_interval);
                self.state = State::Stable { beat_at, is_beating: false };
            }
            Err(fault) => self.fault(now, fault, actions),
        }
    }

    /// Topics that come, go or grow are shared out anew.
    fn topics_are(&mut self, topics: BTreeMap<TopicName, i32>, actions: &mut Vec<Action>) {
        let names: BTreeSet<_> = topics.keys().cloned().collect();
        let has_grown = self
            .counts
            .as_ref()
            .is_some_and(|counts| topics.iter().any(|(topic, count)| counts.get(topic) != Some(count)));
        let is_other = names != self.topics;
        self.topics = names;
        if self.is_stable() && (is_other || has_grown) {
            self.give_up(actions);
        }
    }

    fn time(&mut self, now: Mono, actions: &mut Vec<Action>) {
        match &mut self.state {
            State::Pausing(at) if *at <= now => self.join(actions),
            State::Stable { beat_at, is_beating } if !*is_beating && *beat_at <= now => {
                *is_beating = true;
                let generation = self.generation.unwrap_or(-1);
                actions.push(Action::Beat(Identity { member: self.member.clone(), generation }));
            }
            _ => {}
        }
    }

    fn leave(&mut self, actions: &mut Vec<Action>) {
        if !self.is_static && !self.member.is_empty() && self.state != State::Failed {
            actions.push(Action::Leave(self.member.clone()));
        }
        self.state = State::Out;
        self.member = Str::EMPTY;
        self.generation = None;
        self.assigned.clear();
    }
}
