//! SyncGroup, Heartbeat and LeaveGroup of a classic member of a KIP-848 group.

use alloc::{format, sync::Arc, vec::Vec};

use broker_protocol::{Str, records::group::consumer_group_member_metadata_value::ClassicMemberMetadata};
use broker_types::{GroupId, Mono};

use super::{
    embedded,
    member::{Current, MemberState},
    records::read,
    validate::unknown_member,
};
use crate::{
    ConsumerGroup, ConsumerMember, Generation, GroupError, Heartbeat, InstanceId, Leaving, Left, MemberId,
    SyncGroup, Synced,
    classic::{CONSUMER, duration},
    coordinator::Live,
    timers::Timer,
    work::Work,
};

/// A classic member, found.
struct Found {
    group: Arc<ConsumerGroup>,
    id: MemberId,
    member: ConsumerMember,
    current: Current,
}

impl Live {
    pub(crate) fn classic_sync(
        &mut self,
        work: &mut Work<'_>,
        request: &SyncGroup,
    ) -> Result<Synced, GroupError> {
        let id = &request.group;
        let found = find(work, id, request.member.as_ref(), request.instance.as_ref())?;
        found.is_in(request.generation)?;
        let first = found.classic()?.supported_protocols.first().cloned().unwrap_or_default();
        let differs = |asked: &Option<Str>, ours: &str| asked.as_ref().is_some_and(|asked| asked != ours);
        if differs(&request.protocol_type, CONSUMER) || differs(&request.protocol, &first.name) {
            return Err(GroupError::InconsistentProtocol);
        }
        let is_behind = found.group.target_epoch > found.current.epoch;
        if is_behind && found.current.state != MemberState::Unrevoked {
            self.await_join(work, id, &found);
            return Err(GroupError::RebalanceInProgress);
        }
        let timers = self.consumer.get_mut(id).and_then(|live| live.members.get_mut(&found.id));
        if let Some(timers) = timers {
            timers.sync.disarm(work.timers, || Timer::ClassicSync(id.clone(), found.id.clone()));
        }
        self.hear_consumer(work, id, &found.id);
        let assigned = found.current.assigned.iter();
        let partitions = assigned.map(|(topic, partitions)| (*topic, partitions.keys().copied().collect()));
        Ok(Synced {
            protocol_type: request.protocol_type.clone(),
            protocol: request.protocol.clone(),
            assignment: embedded::written(work.metadata, partitions, &first.metadata),
        })
    }

    pub(crate) fn classic_heartbeat(
        &mut self,
        work: &mut Work<'_>,
        request: &Heartbeat,
    ) -> Result<(), GroupError> {
        let id = &request.group;
        let found = find(work, id, request.member.as_ref(), request.instance.as_ref())?;
        found.is_in(request.generation)?;
        self.hear_consumer(work, id, &found.id);
        let has_news = found.current.epoch < found.group.epoch
            || found.current.state == MemberState::Unrevoked
            || (found.current.state == MemberState::Unreleased && !found.waits_for_others());
        if !has_news {
            return Ok(());
        }
        self.await_join(work, id, &found);
        Err(GroupError::RebalanceInProgress)
    }

    /// Each for itself; the group has a new epoch once.
    pub(crate) fn classic_leave(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        leaving: Vec<Leaving>,
    ) -> Vec<Left> {
        let mut gone = Vec::new();
        let mut left = Vec::with_capacity(leaving.len());
        for Leaving { member, instance, .. } in leaving {
            let found = find_leaving(work, id, member.as_ref(), instance.as_ref());
            let found = found.and_then(|found| match gone.contains(&found.id) {
                true => Err(unknown_member(id.as_str(), Some(&found.id))),
                false => Ok(found.id),
            });
            let member = found.as_ref().ok().cloned().or(member);
            let result = found.map(|found| gone.push(found));
            left.push(Left { member, instance, result });
        }
        if let Some(first) = gone.first() {
            let reason = format!("member {first} left");
            self.fence(work, id, &gone, &reason);
        }
        left
    }

    /// It was told to join again, and must within its rebalance timeout.
    fn await_join(&mut self, work: &mut Work<'_>, id: &GroupId, found: &Found) {
        let timers =
            self.consumer.entry(id.clone()).or_default().members.entry(found.id.clone()).or_default();
        if timers.join.is_due() {
            return;
        }
        let timeout = duration(found.member.metadata.rebalance_timeout_ms).unwrap_or_default();
        let at = work.now.mono.plus(timeout);
        timers.join.arm(work.timers, at, || Timer::ClassicJoin(id.clone(), found.id.clone()));
    }

    /// The place of a classic member's join or sync in the queue came up.
    pub(crate) fn classic_member_came_up(&mut self, work: &mut Work<'_>, timer: Timer, at: Mono) {
        let (Timer::ClassicJoin(id, member) | Timer::ClassicSync(id, member)) = timer.clone() else { return };
        let is_join = matches!(timer, Timer::ClassicJoin(..));
        let Some(timers) = self.consumer.get_mut(&id).and_then(|live| live.members.get_mut(&member)) else {
            return;
        };
        let deadline = if is_join { &mut timers.join } else { &mut timers.sync };
        let now = work.now.mono;
        if deadline.fires(work.timers, now, at, timer) {
            let what = if is_join { "join again" } else { "come for its assignment" };
            let reason = format!("classic member {member} did not {what} within its rebalance timeout");
            self.fence(work, &id, &[member], &reason);
        }
    }
}

/// The classic member that speaks, when nobody took its place.
fn find(
    work: &mut Work<'_>,
    id: &GroupId,
    member: Option<&MemberId>,
    instance: Option<&InstanceId>,
) -> Result<Found, GroupError> {
    let group = work.consumer_group(id).ok_or(GroupError::UnknownMember)?;
    if let Some(instance) = instance {
        let holder = group.statics.get(instance).ok_or(GroupError::UnknownMember)?;
        if Some(holder) != member {
            return Err(GroupError::FencedInstance);
        }
    }
    let member = member.ok_or(GroupError::UnknownMember)?;
    Found::new(group, member)
}

/// The same for one that leaves, who may be known by its name only.
fn find_leaving(
    work: &mut Work<'_>,
    id: &GroupId,
    member: Option<&MemberId>,
    instance: Option<&InstanceId>,
) -> Result<Found, GroupError> {
    if member.is_some() || instance.is_none() {
        return find(work, id, member, instance);
    }
    let group = work.consumer_group(id).ok_or(GroupError::UnknownMember)?;
    let holder = instance.and_then(|instance| group.statics.get(instance)).cloned();
    Found::new(group, &holder.ok_or(GroupError::UnknownMember)?)
}

impl Found {
    fn new(group: Arc<ConsumerGroup>, id: &MemberId) -> Result<Self, GroupError> {
        let member = group.members.get(id).cloned().ok_or(GroupError::UnknownMember)?;
        let current = Current::of(&member);
        let found = Self { group, id: id.clone(), member, current };
        found.classic()?;
        Ok(found)
    }

    fn classic(&self) -> Result<&ClassicMemberMetadata, GroupError> {
        self.member.metadata.classic_member_metadata.as_ref().ok_or(GroupError::UnknownMember)
    }

    fn is_in(&self, generation: Option<Generation>) -> Result<(), GroupError> {
        if generation.map(Generation::get) == Some(self.current.epoch) {
            Ok(())
        } else {
            Err(GroupError::IllegalGeneration)
        }
    }

    /// Whether others have partitions of its target still.
    fn waits_for_others(&self) -> bool {
        let target = self.group.targets.get(&self.id).map(|target| read(target)).unwrap_or_default();
        target.iter().any(|(topic, partitions)| {
            let has = self.current.assigned.get(topic);
            partitions.iter().any(|partition| {
                !has.is_some_and(|has| has.contains_key(partition))
                    && self.group.owners.contains_key(&(*topic, *partition))
            })
        })
    }
}
