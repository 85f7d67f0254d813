//! Heartbeat: a member of a classic group lives.

use std::sync::Arc;

use broker_group::{Generation, Heartbeat, Request};
use broker_protocol::{
    ErrorCode,
    messages::{HeartbeatRequest, HeartbeatResponse},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    let respond = |error: ErrorCode| HeartbeatResponse { error_code: error.code(), ..Default::default() };
    if !broker.authorizer().allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return respond(ErrorCode::GroupAuthorizationFailed);
    }
    let heartbeat = Heartbeat {
        group: groups::group_id(&request.group_id),
        member: groups::member_id(&request.member_id),
        instance: groups::instance_id(request.group_instance_id.as_ref()),
        generation: Generation::from_wire(request.generation_id),
    };
    match answer!(broker.ask_group(&request.group_id, Request::Heartbeat(heartbeat)).await, Heartbeat) {
        Ok(Ok(())) => respond(ErrorCode::None),
        Ok(Err(error)) => respond(error.code()),
        // A coordinator that still reads its log takes every member for alive, as Kafka's does.
        Err(failure) if failure.code() == ErrorCode::CoordinatorLoadInProgress => respond(ErrorCode::None),
        Err(failure) => respond(failure.code()),
    }
}
