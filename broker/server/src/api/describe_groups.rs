//! DescribeGroups: the members of classic groups.

use std::sync::Arc;

use broker_group::{GroupError, GroupState, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeGroupsRequest, DescribeGroupsResponse,
        describe_groups_response::{DescribedGroup, DescribedGroupMember},
    },
};

use crate::{
    authorizer::{NOT_ASKED, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

/// Since this version a group that is not there is an error; before, it is a dead one.
const NOT_FOUND_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let mut described = Vec::with_capacity(request.groups.len());
    for group in &request.groups {
        let mut one = describe(broker, context, group).await;
        if request.include_authorized_operations && one.error_code == 0 {
            one.authorized_operations = broker.authorizer().operations(context, Resource::Group(group));
        }
        described.push(one);
    }
    DescribeGroupsResponse { groups: described, ..Default::default() }
}

async fn describe(broker: &Arc<Broker>, context: &RequestContext, group: &Str) -> DescribedGroup {
    let refused = |error: ErrorCode| DescribedGroup {
        error_code: error.code(),
        group_id: group.clone(),
        authorized_operations: NOT_ASKED,
        ..Default::default()
    };
    if !broker.authorizer().allows(context, Operation::Describe, Resource::Group(group)) {
        return refused(ErrorCode::GroupAuthorizationFailed);
    }
    let request = Request::DescribeGroups(vec![groups::group_id(group)]);
    let first = match answer!(broker.ask_group(group, request).await, DescribeGroups) {
        Ok(mut described) => described.pop(),
        Err(failure) => return refused(failure.code()),
    };
    match first {
        None => refused(groups::MISMATCHED),
        Some((_, Err(GroupError::GroupIdNotFound(why)))) => {
            let is_error = context.api_version >= NOT_FOUND_SINCE;
            DescribedGroup {
                error_code: if is_error { ErrorCode::GroupIdNotFound.code() } else { 0 },
                error_message: is_error.then_some(why),
                group_state: Str::from_static(GroupState::Dead.name()),
                ..refused(ErrorCode::None)
            }
        }
        Some((_, Err(error))) => refused(error.code()),
        Some((_, Ok(found))) => DescribedGroup {
            group_state: Str::from_static(found.state.name()),
            protocol_type: found.protocol_type,
            protocol_data: found.protocol,
            members: found.members.into_iter().map(member).collect(),
            ..refused(ErrorCode::None)
        },
    }
}

fn member(member: broker_group::MemberDescription) -> DescribedGroupMember {
    DescribedGroupMember {
        member_id: member.member.to_str(),
        group_instance_id: member.instance.map(|instance| instance.to_str()),
        client_id: member.client.id,
        client_host: member.client.host,
        member_metadata: member.metadata,
        member_assignment: member.assignment,
    }
}
