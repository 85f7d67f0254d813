//! ConsumerGroupDescribe.

use alloc::collections::BTreeMap;

use broker_protocol::Str;
use broker_types::TopicName;

use super::{assignor::Assignment, live::ConsumerLive, member::Current, records::read, subscription};
use crate::{
    Client, ConsumerDescription, ConsumerGroup, ConsumerGroupDescription, ConsumerMember,
    ConsumerMemberDescription, GroupState, InstanceId, MemberId, Metadata, OwnedPartitions, Settings,
};

/// What a group does.
pub(crate) fn state_of(group: &ConsumerGroup) -> GroupState {
    if group.members.is_empty() {
        GroupState::Empty
    } else if group.epoch > group.target_epoch {
        GroupState::Assigning
    } else if group.members.values().all(|it| Current::of(it).is_reconciled_to(group.target_epoch)) {
        GroupState::Stable
    } else {
        GroupState::Reconciling
    }
}

pub(crate) fn describe(
    group: &ConsumerGroup,
    live: Option<&ConsumerLive>,
    settings: &Settings,
    metadata: &dyn Metadata,
) -> ConsumerGroupDescription {
    let default = || settings.consumer_assignors.first().cloned().unwrap_or_default();
    let members = group.members.iter().map(|(id, member)| {
        let target = group.targets.get(id).map(|target| read(target)).unwrap_or_default();
        describe_member(metadata, id, member, &target)
    });
    ConsumerGroupDescription {
        state: state_of(group),
        epoch: group.epoch,
        assignment_epoch: group.target_epoch,
        assignor: subscription::preferred_assignor(group).unwrap_or_else(default),
        members: members.collect(),
        rebalances: live.map(|live| live.history.to_vec()).unwrap_or_default(),
    }
}

fn describe_member(
    metadata: &dyn Metadata,
    id: &MemberId,
    member: &ConsumerMember,
    target: &Assignment,
) -> ConsumerMemberDescription {
    let current = Current::of(member);
    // What it must give up it owns still.
    let mut owned = Assignment::new();
    for (topic, partitions) in current.assigned.iter().chain(&current.revoking) {
        owned.entry(*topic).or_default().extend(partitions.keys());
    }
    let value = &member.metadata;
    ConsumerMemberDescription {
        member: id.clone(),
        instance: value.instance_id.clone().map(InstanceId::new),
        rack: value.rack_id.clone(),
        epoch: current.epoch,
        client: Client { id: value.client_id.clone(), host: value.client_host.clone() },
        topics: value.subscribed_topic_names.iter().map(|name: &Str| TopicName::new(name)).collect(),
        regex: subscription::regex(value).cloned(),
        assignment: named(metadata, &owned),
        target: named(metadata, target),
        is_classic: value.classic_member_metadata.is_some(),
    }
}

fn named(metadata: &dyn Metadata, partitions: &Assignment) -> ConsumerDescription {
    let named: BTreeMap<_, _> = partitions
        .iter()
        .filter_map(|(topic, partitions)| {
            let partitions = partitions.iter().copied().collect();
            Some((metadata.name(*topic)?, OwnedPartitions { topic: *topic, partitions }))
        })
        .collect();
    named.into_iter().collect()
}
