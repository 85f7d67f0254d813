//! A classic group as a record, and back.

use alloc::{sync::Arc, vec::Vec};
use core::time::Duration;

use broker_protocol::{
    Str,
    records::group::{GroupMetadataValue, group_metadata_value::MemberMetadata},
};
use broker_types::GroupId;

use super::{
    group::{LiveGroup, Phase},
    member::Member,
    subscription,
};
use crate::{ClassicGroup, Client, Generation, GroupRecord, InstanceId, MemberId, Protocol, work::Work};

impl LiveGroup {
    /// A group as a new coordinator finds it: stable when it has members, who all get a full session.
    pub(crate) fn loaded(work: &mut Work<'_>, id: &GroupId, hard: &ClassicGroup) -> Self {
        let mut group = Self::empty(id, hard);
        let Some(value) = hard.value().filter(|value| !value.members.is_empty()) else { return group };
        group.phase = Phase::Stable;
        group.protocol.clone_from(&value.protocol);
        for member in &value.members {
            group.add(read(member, value.protocol.as_ref()));
        }
        let ids: Vec<_> = group.members.keys().cloned().collect();
        ids.iter().for_each(|id| group.hear(work, id));
        let leader = value.leader.clone().map(MemberId::new);
        if let Some(leader) = leader.filter(|leader| group.members.contains_key(leader)) {
            group.leader = Some(leader);
        }
        group.subscribed = group.subscription();
        group
    }

    /// A stable group of consumers that was of another type until now. It is written so, without a leader: nobody has
    /// assigned what those had who are gone, and a coordinator that finds it so lets it rebalance.
    pub(crate) fn converted(
        work: &mut Work<'_>,
        id: &GroupId,
        generation: Generation,
        members: Vec<Member>,
    ) -> Self {
        let mut group = Self::empty(id, &ClassicGroup::default());
        group.phase = Phase::Stable;
        group.generation = generation;
        group.protocol_type = Some(Str::from_static(subscription::CONSUMER));
        members.into_iter().for_each(|member| group.add(member));
        group.protocol = group.select_protocol();
        group.subscribed = group.subscription();
        let value = GroupMetadataValue { leader: None, ..group.value(work) };
        group.put(work, value);
        let ids: Vec<_> = group.members.keys().cloned().collect();
        ids.iter().for_each(|id| group.hear(work, id));
        group
    }

    /// What the members of this generation consume.
    pub(crate) fn subscription(&self) -> Option<alloc::collections::BTreeSet<Str>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        subscription::all_topics(self.members.values().map(|member| member.metadata(self.protocol.as_ref())))
    }

    /// Writes that the group is there, without anything that a join that goes on will decide.
    pub(crate) fn write_new(&mut self, work: &mut Work<'_>) {
        let value = GroupMetadataValue {
            protocol_type: Str::EMPTY,
            generation: 0,
            protocol: None,
            leader: None,
            current_state_timestamp: work.now.wall.as_millis(),
            members: Vec::new(),
        };
        self.put(work, value);
    }

    /// Writes the group as it is now.
    pub(crate) fn write(&mut self, work: &mut Work<'_>) {
        let value = self.value(work);
        self.put(work, value);
    }

    fn value(&self, work: &Work<'_>) -> GroupMetadataValue {
        GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation.get(),
            protocol: self.protocol.clone(),
            leader: self.leader.as_ref().map(MemberId::to_str),
            current_state_timestamp: work.now.wall.as_millis(),
            members: self.members.values().map(|member| written(member, self.protocol.as_ref())).collect(),
        }
    }

    fn put(&mut self, work: &mut Work<'_>, value: GroupMetadataValue) {
        let value = Arc::new(value);
        self.written = Some(Arc::clone(&value));
        work.records.push(GroupRecord::Classic { group: Str::from(self.id.as_str()), value: Some(value) });
    }
}

fn written(member: &Member, protocol: Option<&Str>) -> MemberMetadata {
    MemberMetadata {
        member_id: member.id.to_str(),
        group_instance_id: member.instance.as_ref().map(InstanceId::to_str),
        client_id: member.client.id.clone(),
        client_host: member.client.host.clone(),
        rebalance_timeout: millis(member.rebalance_timeout),
        session_timeout: millis(member.session_timeout),
        subscription: member.metadata(protocol),
        assignment: member.assignment.clone(),
    }
}

fn read(member: &MemberMetadata, protocol: Option<&Str>) -> Member {
    let session_timeout = duration(member.session_timeout).unwrap_or_default();
    let client = Client { id: member.client_id.clone(), host: member.client_host.clone() };
    let rebalance_timeout = duration(member.rebalance_timeout).unwrap_or(session_timeout);
    let known = protocol.map(|name| Protocol { name: name.clone(), metadata: member.subscription.clone() });
    let id = MemberId::new(member.member_id.clone());
    Member {
        instance: member.group_instance_id.clone().map(InstanceId::new),
        assignment: member.assignment.clone(),
        is_new: false,
        ..Member::of(id, client, (session_timeout, rebalance_timeout), known.into_iter().collect())
    }
}

/// The wire's milliseconds; what is longer than it can say is as long as it can.
pub(crate) fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

/// `None` for the wire's negative numbers.
pub(crate) fn duration(millis: i32) -> Option<Duration> {
    u64::try_from(millis).ok().map(Duration::from_millis)
}
