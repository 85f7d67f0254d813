//! JoinGroup: a member joins, or stays in, the next generation of a classic group.

use std::{sync::Arc, time::Duration};

use broker_group::{JoinDialect, JoinGroup, Joined, Protocol, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{JoinGroupRequest, JoinGroupResponse, join_group_response::JoinGroupResponseMember},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, Failure, answer},
};

/// Since this version a new member must come back with the id that it is given (KIP-394).
const MEMBER_ID_REQUIRED_SINCE: i16 = 4;
/// Since this version a leader may be told to skip the assignment (KIP-814).
const SKIPS_ASSIGNMENT_SINCE: i16 = 9;
/// Since this version the name of the protocol may be null.
const NULL_PROTOCOL_SINCE: i16 = 7;
/// Since this version there is a rebalance timeout.
const REBALANCE_TIMEOUT_SINCE: i16 = 1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: JoinGroupRequest,
) -> JoinGroupResponse {
    let version = context.api_version;
    let asked = request.member_id.clone();
    if !broker.authorizer().allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return refused(version, ErrorCode::GroupAuthorizationFailed, Str::EMPTY);
    }
    let group = request.group_id.clone();
    let response = broker.ask_group(&group, Request::JoinGroup(translate(context, request))).await;
    match answer!(response, JoinGroup) {
        Ok(Ok(joined)) => joined_response(version, joined),
        Ok(Err(refusal)) => {
            let member = refusal.member.map_or(Str::EMPTY, |member| member.to_str());
            refused(version, refusal.error.code(), member)
        }
        Err(Failure::Unanswered(code)) => refused(version, code, Str::EMPTY),
        Err(Failure::Refused(error)) => refused(version, error.code(), asked),
    }
}

fn translate(context: &RequestContext, request: JoinGroupRequest) -> JoinGroup {
    let version = context.api_version;
    let millis = |millis: i32| Duration::from_millis(u64::try_from(millis).unwrap_or(0));
    let rebalance = if version < REBALANCE_TIMEOUT_SINCE {
        request.session_timeout_ms
    } else {
        request.rebalance_timeout_ms
    };
    let protocol = |protocol: broker_protocol::messages::join_group_request::JoinGroupRequestProtocol| {
        Protocol { name: protocol.name.detached(), metadata: owned(&protocol.metadata) }
    };
    JoinGroup {
        group: groups::group_id(&request.group_id),
        member: groups::member_id(&request.member_id),
        instance: groups::instance_id(request.group_instance_id.as_ref()),
        client: groups::client(context),
        protocol_type: request.protocol_type.detached(),
        protocols: request.protocols.into_iter().map(protocol).collect(),
        session_timeout: millis(request.session_timeout_ms),
        rebalance_timeout: millis(rebalance),
        reason: request.reason.as_ref().map(Str::detached),
        dialect: if version >= SKIPS_ASSIGNMENT_SINCE {
            JoinDialect::SkipsAssignment
        } else if version >= MEMBER_ID_REQUIRED_SINCE {
            JoinDialect::RequiresMemberId
        } else {
            JoinDialect::AddedAtOnce
        },
    }
}

/// A copy that does not keep the request's frame: members live long.
fn owned(bytes: &bytes::Bytes) -> bytes::Bytes {
    bytes::Bytes::copy_from_slice(bytes)
}

fn joined_response(version: i16, joined: Joined) -> JoinGroupResponse {
    let member = |member: broker_group::JoinedMember| JoinGroupResponseMember {
        member_id: member.member.to_str(),
        group_instance_id: member.instance.map(|instance| instance.to_str()),
        metadata: member.metadata,
    };
    JoinGroupResponse {
        generation_id: joined.generation.get(),
        protocol_type: joined.protocol_type,
        protocol_name: name_of(version, joined.protocol),
        leader: joined.leader.map_or(Str::EMPTY, |leader| leader.to_str()),
        skip_assignment: joined.skip_assignment,
        member_id: joined.member.to_str(),
        members: joined.members.into_iter().map(member).collect(),
        ..JoinGroupResponse::default()
    }
}

fn refused(version: i16, error: ErrorCode, member_id: Str) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        generation_id: -1,
        protocol_name: name_of(version, None),
        member_id,
        ..JoinGroupResponse::default()
    }
}

/// Older versions have no null.
fn name_of(version: i16, name: Option<Str>) -> Option<Str> {
    if version < NULL_PROTOCOL_SINCE { Some(name.unwrap_or(Str::EMPTY)) } else { name }
}
