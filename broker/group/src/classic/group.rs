//! A classic group as its coordinator knows it.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec::Vec,
};
use core::time::Duration;

use broker_protocol::{Str, records::group::GroupMetadataValue};
use broker_types::{GroupId, ReplyId};

use super::{history::History, member::Member, protocols::Supported, subscription};
use crate::{
    ClassicGroup, Generation, GroupError, GroupState, InstanceId, MemberId, Protocol,
    timers::{Deadline, Timer},
    work::Work,
};

/// Where a group is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No members; perhaps ids that were given out.
    Empty,
    /// Members are awaited.
    Preparing(Wait),
    /// The leader's assignment is awaited.
    Completing,
    /// Everybody has its assignment, or may have it for the asking.
    Stable,
}

/// What ends a join phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// A group that was empty: time alone, so that those who start together are in one generation.
    Initial {
        /// The delay that runs.
        delay: Duration,
        /// What may be added to it while members come.
        remaining: Duration,
        /// Whether one came during the delay that runs.
        has_grown: bool,
    },
    /// All members have come, or the rebalance timeout has.
    Members,
}

/// A classic group: the machine of `super`.
#[derive(Debug)]
pub(crate) struct LiveGroup {
    pub(crate) id: GroupId,
    pub(crate) phase: Phase,
    pub(crate) generation: Generation,
    pub(crate) protocol_type: Option<Str>,
    pub(crate) protocol: Option<Str>,
    /// A member, as long as there is one.
    pub(crate) leader: Option<MemberId>,
    pub(crate) members: BTreeMap<MemberId, Member>,
    pub(crate) statics: BTreeMap<InstanceId, MemberId>,
    /// Ids that were given out and did not join yet (KIP-394).
    pub(crate) pending: BTreeMap<MemberId, Deadline>,
    /// Who has not come for the assignment of this generation.
    pub(crate) unsynced: BTreeSet<MemberId>,
    /// What this generation consumes; `None` when it cannot be known.
    pub(crate) subscribed: Option<BTreeSet<Str>>,
    pub(crate) join_timer: Deadline,
    pub(crate) sync_timer: Deadline,
    pub(crate) history: History,
    /// What was written of it last.
    pub(super) written: Option<Arc<GroupMetadataValue>>,
    pub(super) supported: Supported,
    /// How many members wait for the end of the join phase.
    pub(super) joining: usize,
}

impl LiveGroup {
    /// A group as it is written, without its members.
    pub(crate) fn empty(id: &GroupId, hard: &ClassicGroup) -> Self {
        Self {
            id: id.clone(),
            phase: Phase::Empty,
            generation: hard.generation(),
            protocol_type: hard.protocol_type().cloned(),
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            statics: BTreeMap::new(),
            pending: BTreeMap::new(),
            unsynced: BTreeSet::new(),
            subscribed: (hard.protocol_type().is_some_and(|kind| kind == subscription::CONSUMER))
                .then(BTreeSet::new),
            join_timer: Deadline::default(),
            sync_timer: Deadline::default(),
            history: History::default(),
            written: hard.value().cloned(),
            supported: Supported::default(),
            joining: 0,
        }
    }

    pub(crate) const fn state(&self) -> GroupState {
        match self.phase {
            Phase::Empty => GroupState::Empty,
            Phase::Preparing(_) => GroupState::PreparingRebalance,
            Phase::Completing => GroupState::CompletingRebalance,
            Phase::Stable => GroupState::Stable,
        }
    }

    /// What was written of it last; the state has the very same, unless it was taken back.
    pub(crate) const fn written(&self) -> Option<&Arc<GroupMetadataValue>> {
        self.written.as_ref()
    }

    pub(crate) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_ref().is_some_and(|kind| kind == subscription::CONSUMER)
    }

    /// Whether it consumes a topic; consumers whose metadata cannot be read may consume any.
    pub(crate) fn is_subscribed(&self, topic: &str) -> bool {
        match &self.subscribed {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    pub(crate) fn is_leader(&self, member: &MemberId) -> bool {
        self.leader.as_ref() == Some(member)
    }

    /// The member, when it is one and nobody took its place (KIP-345).
    pub(crate) fn validate(
        &self,
        member: Option<&MemberId>,
        instance: Option<&InstanceId>,
    ) -> Result<&MemberId, GroupError> {
        if let Some(instance) = instance {
            let holder = self.statics.get(instance).ok_or(GroupError::UnknownMember)?;
            if Some(holder) != member {
                return Err(GroupError::FencedInstance);
            }
        }
        let member = member.ok_or(GroupError::UnknownMember)?;
        self.members.get_key_value(member).map(|(id, _)| id).ok_or(GroupError::UnknownMember)
    }

    /// The same, in the group's generation.
    pub(crate) fn validate_generation(
        &self,
        member: Option<&MemberId>,
        instance: Option<&InstanceId>,
        generation: Option<Generation>,
    ) -> Result<&MemberId, GroupError> {
        let member = self.validate(member, instance)?;
        if generation == Some(self.generation) { Ok(member) } else { Err(GroupError::IllegalGeneration) }
    }

    /// Whether a member with these protocols goes with the others.
    pub(crate) fn supports(&self, protocol_type: &Str, protocols: &[Protocol]) -> bool {
        if self.phase == Phase::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let count = self.members.len();
        self.protocol_type.as_ref() == Some(protocol_type)
            && protocols.iter().any(|protocol| self.supported.by_all(&protocol.name, count))
    }

    /// Takes a member in. The first leads.
    pub(crate) fn add(&mut self, member: Member) {
        if let Some(instance) = &member.instance {
            self.statics.insert(instance.clone(), member.id.clone());
        }
        self.leader.get_or_insert_with(|| member.id.clone());
        self.supported.add(&member.protocols);
        self.joining += usize::from(member.is_joining());
        let replaced = self.members.insert(member.id.clone(), member);
        debug_assert!(replaced.is_none(), "a member is added once");
    }

    /// Takes a member out, with its deadline. Another leads when it did.
    pub(crate) fn remove(&mut self, work: &mut Work<'_>, id: &MemberId) -> Option<Member> {
        let mut member = self.members.remove(id)?;
        member.session.disarm(work.timers, || Timer::Session(self.id.clone(), id.clone()));
        if let Some(instance) = &member.instance {
            self.statics.remove(instance);
        }
        self.supported.remove(&member.protocols);
        self.joining -= usize::from(member.is_joining());
        self.unsynced.remove(id);
        if self.is_leader(id) {
            self.leader = self.members.keys().next().cloned();
        }
        Some(member)
    }

    /// Forgets an id that was given out.
    pub(crate) fn remove_pending(&mut self, work: &mut Work<'_>, id: &MemberId) -> bool {
        let Some(mut deadline) = self.pending.remove(id) else { return false };
        deadline.disarm(work.timers, || Timer::Session(self.id.clone(), id.clone()));
        true
    }

    /// What a member knows now, in the place of what it knew.
    pub(crate) fn set_protocols(&mut self, id: &MemberId, protocols: Vec<Protocol>) {
        if let Some(member) = self.members.get_mut(id) {
            self.supported.remove(&member.protocols);
            self.supported.add(&protocols);
            member.protocols = protocols;
        }
    }

    /// Makes a member wait for the end of the join phase; gives the reply that waited before.
    pub(crate) fn set_joining(&mut self, id: &MemberId, reply: ReplyId) -> Option<ReplyId> {
        let member = self.members.get_mut(id)?;
        let before = member.join.replace(reply);
        self.joining += usize::from(before.is_none());
        before
    }

    /// The reply of a member that waited for the end of the join phase.
    pub(crate) fn take_joining(&mut self, id: &MemberId) -> Option<ReplyId> {
        let reply = self.members.get_mut(id)?.join.take()?;
        self.joining -= 1;
        Some(reply)
    }

    /// Whether nobody is awaited any more.
    pub(crate) fn all_joined(&self) -> bool {
        self.joining == self.members.len() && self.pending.is_empty()
    }

    /// The most patient member's.
    pub(crate) fn rebalance_timeout(&self) -> Duration {
        self.members.values().map(|member| member.rebalance_timeout).max().unwrap_or_default()
    }

    /// The session of a member begins anew.
    pub(crate) fn hear(&mut self, work: &mut Work<'_>, id: &MemberId) {
        let timeout = self.members.get(id).map(|member| member.session_timeout);
        self.hear_within(work, id, timeout.unwrap_or_default());
    }

    pub(crate) fn hear_within(&mut self, work: &mut Work<'_>, id: &MemberId, timeout: Duration) {
        let Some(member) = self.members.get_mut(id) else { return };
        let at = work.now.mono.plus(timeout);
        member.session.arm(work.timers, at, || Timer::Session(self.id.clone(), member.id.clone()));
    }

    /// Everything of it leaves the queue; gives the replies that were kept.
    pub(crate) fn drop_from(mut self, work: &mut Work<'_>) -> Vec<ReplyId> {
        let kept = self.kept().collect();
        let members: Vec<_> = self.members.keys().cloned().collect();
        for id in &members {
            self.remove(work, id);
        }
        let pending: Vec<_> = self.pending.keys().cloned().collect();
        for id in &pending {
            self.remove_pending(work, id);
        }
        self.join_timer.disarm(work.timers, || Timer::Join(self.id.clone()));
        self.sync_timer.disarm(work.timers, || Timer::Sync(self.id.clone()));
        kept
    }

    /// The replies that wait.
    pub(crate) fn kept(&self) -> impl Iterator<Item = ReplyId> {
        self.members.values().flat_map(|member| [member.join, member.sync]).flatten()
    }
}
