//! Groups as ConsumerGroupDescribe shows them (KIP-848).

use std::collections::BTreeSet;

use broker_protocol::{
    Str,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse,
        consumer_group_describe_response::{Assignment, DescribedGroup, Member},
    },
};
use broker_types::{BrokerId, TopicPartition};

use super::{Group, GroupMember, GroupState, GroupType};
use crate::{ClientError, admin::of_topic, coordinator::Answers};

/// The wire's type of a member that speaks the classic protocol.
const CLASSIC_MEMBER: i8 = 0;
/// The wire's type of a member that speaks KIP-848.
const CONSUMER_MEMBER: i8 = 1;

pub(super) fn request(group_ids: Vec<Str>) -> ConsumerGroupDescribeRequest {
    ConsumerGroupDescribeRequest { group_ids, ..ConsumerGroupDescribeRequest::default() }
}

pub(super) fn read(coordinator: BrokerId, response: ConsumerGroupDescribeResponse) -> Answers<Group> {
    response.groups.iter().map(|group| (group.group_id.clone(), described(coordinator, group))).collect()
}

fn described(coordinator: BrokerId, group: &DescribedGroup) -> Result<Group, ClientError> {
    ClientError::check(group.error_code, group.error_message.as_deref())?;
    let mut members: Vec<_> = group.members.iter().map(member).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Group {
        id: group.group_id.to_string(),
        group_type: GroupType::Consumer,
        state: GroupState::parse(&group.group_state),
        coordinator: (coordinator, String::new()),
        assignor: group.assignor_name.to_string(),
        epochs: Some((group.group_epoch, group.assignment_epoch)),
        members,
    })
}

fn member(member: &Member) -> GroupMember {
    GroupMember {
        id: member.member_id.to_string(),
        instance_id: member.instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: member.client_host.to_string(),
        assignment: partitions(&member.assignment),
        target: Some(partitions(&member.target_assignment)),
        epoch: Some(member.member_epoch),
        is_upgraded: match member.member_type {
            CONSUMER_MEMBER => Some(true),
            CLASSIC_MEMBER => Some(false),
            _ => None,
        },
    }
}

fn partitions(assignment: &Assignment) -> BTreeSet<TopicPartition> {
    let mut all = BTreeSet::new();
    for topic in &assignment.topic_partitions {
        all.extend(of_topic(&topic.topic_name, &topic.partitions));
    }
    all
}
