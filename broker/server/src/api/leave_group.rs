//! LeaveGroup: members leave a classic group, or an administrator removes them (KIP-345).

use std::sync::Arc;

use broker_group::{LeaveGroup, Leaving, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{LeaveGroupRequest, LeaveGroupResponse, leave_group_response::MemberResponse},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

/// Since this version several members are named at once.
const MEMBERS_SINCE: i16 = 3;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let refused = |error: ErrorCode| LeaveGroupResponse { error_code: error.code(), ..Default::default() };
    if !broker.authorizer().allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return refused(ErrorCode::GroupAuthorizationFailed);
    }
    let is_batch = context.api_version >= MEMBERS_SINCE;
    let members = if is_batch {
        let leaving = |one: &broker_protocol::messages::leave_group_request::MemberIdentity| Leaving {
            member: groups::member_id(&one.member_id),
            instance: groups::instance_id(one.group_instance_id.as_ref()),
            reason: one.reason.as_ref().map(Str::detached),
        };
        request.members.iter().map(leaving).collect()
    } else {
        vec![Leaving { member: groups::member_id(&request.member_id), instance: None, reason: None }]
    };
    let leave = LeaveGroup { group: groups::group_id(&request.group_id), members };
    let left =
        match answer!(broker.ask_group(&request.group_id, Request::LeaveGroup(leave)).await, LeaveGroup) {
            Ok(Ok(left)) => left,
            Ok(Err(error)) => return refused(error.code()),
            Err(failure) => return refused(failure.code()),
        };
    let code = |left: &broker_group::Left| left.result.as_ref().err().map_or(0, |error| error.code().code());
    if !is_batch {
        return LeaveGroupResponse { error_code: left.first().map_or(0, code), ..Default::default() };
    }
    let response = |left: broker_group::Left| MemberResponse {
        error_code: code(&left),
        member_id: left.member.map_or(Str::EMPTY, |member| member.to_str()),
        group_instance_id: left.instance.map(|instance| instance.to_str()),
    };
    LeaveGroupResponse { members: left.into_iter().map(response).collect(), ..Default::default() }
}
