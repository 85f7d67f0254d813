//! Members that leave, are silent, or take too long; and groups that go.

use alloc::{format, string::String, vec::Vec};

use broker_types::{GroupId, Mono};

use super::{
    member::{Assigned, Current, LEAVES_FOR_A_WHILE},
    metadata_hash,
    records::Writer,
    statics::static_member,
    subscription, validate,
};
use crate::{
    ConsumerAssignment, ConsumerGroup, ConsumerHeartbeat, Generation, GroupError, MemberId,
    coordinator::Live,
    groups::{not_found, of_another_type},
    timers::Timer,
    work::Work,
};

impl Live {
    pub(super) fn consumer_leave(
        &mut self,
        work: &mut Work<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<ConsumerAssignment, GroupError> {
        let id = &request.group;
        let Some(group) = work.consumer_group(id) else {
            let is_there = work.state().group(id.as_str()).is_some();
            return Err(if is_there { of_another_type(id, "consumer") } else { not_found(id) });
        };
        let unknown = || validate::unknown_member(id.as_str(), request.member.as_ref());
        let member = request.member.as_ref().ok_or_else(unknown)?;
        if let Some(instance) = &request.instance {
            static_member(&group, member, instance)?;
        }
        let written = group.members.get(member).ok_or_else(unknown)?;
        if request.epoch == LEAVES_FOR_A_WHILE {
            let current = away(Current::of(written));
            Writer::new(work, id).current(member, Some(&current));
        } else {
            let gone = [member.clone()];
            self.fence(work, id, &gone, &format!("member {member} left"));
        }
        Ok(ConsumerAssignment {
            member: member.clone(),
            epoch: request.epoch,
            heartbeat_interval: core::time::Duration::ZERO,
            assignment: None,
        })
    }

    /// Removes members; what is left of the group has a new epoch.
    pub(super) fn fence(&mut self, work: &mut Work<'_>, id: &GroupId, members: &[MemberId], reason: &str) {
        let Some(group) = work.consumer_group(id) else { return };
        if !members.iter().any(|member| group.members.contains_key(member)) {
            // What made it a member was not written.
            return members.iter().for_each(|member| self.forget_timers(work, id, member));
        }
        if self.downgrade(work, id, members, Some(String::from(reason))) {
            return;
        }
        let mut writer = Writer::new(work, id);
        for member in members {
            writer.remove_member(member);
        }
        let Some(group) = work.consumer_group(id) else { return };
        let unused = group.regexes.keys().filter(|regex| subscription::regex_count(&group, regex) == 0);
        let unused: Vec<_> = unused.cloned().collect();
        let mut writer = Writer::new(work, id);
        for regex in &unused {
            writer.regex(regex, None);
        }
        let group = work.consumer_group(id).unwrap_or(group);
        let hash = metadata_hash::of_group(work.metadata, &subscription::all_names(&group));
        Writer::new(work, id).epoch(Some((group.epoch.saturating_add(1), hash)));
        for member in members {
            self.forget_timers(work, id, member);
        }
        let live = self.consumer.entry(id.clone()).or_default();
        live.history.add(work.now.wall, Generation::new(group.epoch), String::from(reason));
    }

    pub(super) fn forget_timers(&mut self, work: &mut Work<'_>, id: &GroupId, member: &MemberId) {
        let timers = self.consumer.get_mut(id).and_then(|live| live.members.remove(member));
        if let Some(mut timers) = timers {
            timers.session.disarm(work.timers, || Timer::ConsumerSession(id.clone(), member.clone()));
            timers.revocation.disarm(work.timers, || Timer::Revocation(id.clone(), member.clone()));
            timers.join.disarm(work.timers, || Timer::ClassicJoin(id.clone(), member.clone()));
            timers.sync.disarm(work.timers, || Timer::ClassicSync(id.clone(), member.clone()));
        }
    }

    /// The place of a session in the queue came up.
    pub(crate) fn consumer_session_came_up(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        member: &MemberId,
        at: Mono,
    ) {
        let timers = self.consumer.get_mut(id).and_then(|live| live.members.get_mut(member));
        let timer = Timer::ConsumerSession(id.clone(), member.clone());
        let now = work.now.mono;
        if timers.is_some_and(|timers| timers.session.fires(work.timers, now, at, timer)) {
            let reason = format!("member {member} was not heard from within its session timeout");
            self.fence(work, id, core::slice::from_ref(member), &reason);
        }
    }

    /// The place of a revocation in the queue came up.
    pub(crate) fn revocation_came_up(
        &mut self,
        work: &mut Work<'_>,
        id: &GroupId,
        member: &MemberId,
        at: Mono,
    ) {
        let Some(timers) = self.consumer.get_mut(id).and_then(|live| live.members.get_mut(member)) else {
            return;
        };
        let timer = Timer::Revocation(id.clone(), member.clone());
        let now = work.now.mono;
        if !timers.revocation.fires(work.timers, now, at, timer) {
            return;
        }
        let asked_in = timers.revocation_epoch;
        let group = work.consumer_group(id);
        let current = group.as_ref().and_then(|group| group.members.get(member)).map(Current::of);
        if current.is_some_and(|current| current.epoch == asked_in) {
            let reason =
                format!("member {member} did not give up its partitions within its rebalance timeout");
            self.fence(work, id, core::slice::from_ref(member), &reason);
        }
    }
}

/// A static member that is away keeps what it owns, with nothing to give up.
fn away(current: Current) -> Current {
    let assigned = current
        .assigned
        .into_iter()
        .map(|(topic, partitions)| (topic, partitions.into_keys().map(|partition| (partition, 0)).collect()));
    Current { epoch: LEAVES_FOR_A_WHILE, assigned: assigned.collect(), revoking: Assigned::new(), ..current }
}

/// Writes the tombstones of a group, members included, in Kafka's order.
pub(crate) fn tombstones(work: &mut Work<'_>, id: &GroupId, group: &ConsumerGroup) {
    let mut writer = Writer::new(work, id);
    group.members.keys().for_each(|member| writer.current(member, None));
    group.members.keys().for_each(|member| writer.target(member, None));
    writer.target_epoch(None);
    group.members.keys().for_each(|member| writer.member(member, None));
    group.regexes.keys().for_each(|regex| writer.regex(regex, None));
    writer.no_partition_metadata();
    writer.epoch(None);
}

/// Everything that is known of a group besides what is written goes.
pub(crate) fn remove_all(live: &mut Live, work: &mut Work<'_>, id: &GroupId) {
    let members: Vec<_> =
        live.consumer.get(id).map(|it| it.members.keys().cloned().collect()).unwrap_or_default();
    for member in &members {
        live.forget_timers(work, id, member);
    }
    live.consumer.remove(id);
}
