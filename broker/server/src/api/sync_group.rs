//! SyncGroup: the leader of a classic group brings the assignment, everybody gets theirs.

use std::sync::Arc;

use broker_group::{Generation, MemberAssignment, MemberId, Request, SyncGroup};
use broker_protocol::{
    ErrorCode, Str,
    messages::{SyncGroupRequest, SyncGroupResponse},
};
use bytes::Bytes;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

/// Since this version the protocol's type and name are told (KIP-559).
const PROTOCOL_SINCE: i16 = 5;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: SyncGroupRequest,
) -> SyncGroupResponse {
    let refused =
        |error: ErrorCode| SyncGroupResponse { error_code: error.code(), ..SyncGroupResponse::default() };
    // The first version that has them must have them.
    let lacks_protocol = request.protocol_type.is_none() || request.protocol_name.is_none();
    if context.api_version >= PROTOCOL_SINCE && lacks_protocol {
        return refused(ErrorCode::InconsistentGroupProtocol);
    }
    if !broker.authorizer().allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return refused(ErrorCode::GroupAuthorizationFailed);
    }
    let group = request.group_id.clone();
    let assignments = request.assignments.into_iter().map(|one| MemberAssignment {
        member: MemberId::new(one.member_id.detached()),
        assignment: Bytes::copy_from_slice(&one.assignment),
    });
    let sync = SyncGroup {
        group: groups::group_id(&group),
        member: groups::member_id(&request.member_id),
        instance: groups::instance_id(request.group_instance_id.as_ref()),
        generation: Generation::from_wire(request.generation_id),
        protocol_type: request.protocol_type.as_ref().map(Str::detached),
        protocol: request.protocol_name.as_ref().map(Str::detached),
        assignments: assignments.collect(),
    };
    match answer!(broker.ask_group(&group, Request::SyncGroup(sync)).await, SyncGroup) {
        Ok(Ok(synced)) => SyncGroupResponse {
            protocol_type: synced.protocol_type,
            protocol_name: synced.protocol,
            assignment: synced.assignment,
            ..SyncGroupResponse::default()
        },
        Ok(Err(error)) => refused(error.code()),
        Err(failure) => refused(failure.code()),
    }
}
