//! Groups as DescribeGroups shows them: what members have is in their own format.

use std::collections::BTreeSet;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeGroupsRequest, DescribeGroupsResponse,
        describe_groups_response::{DescribedGroup, DescribedGroupMember},
    },
};
use broker_types::{BrokerId, TopicPartition};

use super::{CONSUMER_PROTOCOL, Group, GroupMember, GroupState, GroupType};
use crate::{ClientError, consumer_protocol, coordinator::Answers};

pub(super) fn request(groups: Vec<Str>) -> DescribeGroupsRequest {
    DescribeGroupsRequest { groups, ..DescribeGroupsRequest::default() }
}

pub(super) fn read(coordinator: BrokerId, response: DescribeGroupsResponse) -> Answers<Group> {
    response
        .groups
        .into_iter()
        .map(|group| (group.group_id.clone(), described(coordinator, &group)))
        .collect()
}

fn described(coordinator: BrokerId, group: &DescribedGroup) -> Result<Group, ClientError> {
    ClientError::check(group.error_code, group.error_message.as_deref())?;
    if !matches!(group.protocol_type.as_str(), "" | CONSUMER_PROTOCOL) {
        let message =
            format!("GroupId {} is not a consumer group ({}).", group.group_id, group.protocol_type);
        return Err(ClientError::Broker {
            code: ErrorCode::InconsistentGroupProtocol,
            message: Some(message),
        });
    }
    let mut members: Vec<_> = group.members.iter().map(member).collect();
    members.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Group {
        id: group.group_id.to_string(),
        group_type: GroupType::Classic,
        state: GroupState::parse(&group.group_state),
        coordinator: (coordinator, String::new()),
        assignor: group.protocol_data.to_string(),
        epochs: None,
        members,
    })
}

fn member(member: &DescribedGroupMember) -> GroupMember {
    GroupMember {
        id: member.member_id.to_string(),
        instance_id: member.group_instance_id.as_ref().map(ToString::to_string),
        client_id: member.client_id.to_string(),
        host: member.client_host.to_string(),
        assignment: assignment(member),
        target: None,
        epoch: None,
        is_upgraded: None,
    }
}

/// What a member has; what is none of the consumers' own formats shows nothing.
fn assignment(member: &DescribedGroupMember) -> BTreeSet<TopicPartition> {
    if member.member_assignment.is_empty() {
        return BTreeSet::new();
    }
    consumer_protocol::read_assignment(member.member_assignment.clone()).unwrap_or_default()
}
