//! BrokerHeartbeat: a broker lives, and what it wants (KIP-631, KIP-858, KIP-1066).

use std::sync::Arc;

use broker_controller::{Heartbeat, Request, Response, StaleBroker};
use broker_protocol::{
    ErrorCode,
    messages::{BrokerHeartbeatRequest, BrokerHeartbeatResponse},
};
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, Offset};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// How long what the heartbeat changes may take to be committed.
const PATIENCE_MS: i32 = 5_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: BrokerHeartbeatRequest,
) -> BrokerHeartbeatResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    let heartbeat = Heartbeat {
        broker: BrokerId::new(request.broker_id),
        epoch: BrokerEpoch::new(request.broker_epoch),
        metadata_offset: Offset::from_wire(request.current_metadata_offset),
        want_fence: request.want_fence,
        want_shut_down: request.want_shut_down,
        offline_log_dirs: request.offline_log_dirs.into_iter().map(DirectoryId::new).collect(),
        cordoned_log_dirs: request
            .cordoned_log_dirs
            .map(|directories| directories.into_iter().map(DirectoryId::new).collect()),
    };
    let id = heartbeat.broker;
    match broker.quorum().ask(Request::Heartbeat(heartbeat), PATIENCE_MS).await {
        Ok(Response::Heartbeat(Ok(reply))) => {
            broker.heartbeat_links().heard(context.address, id);
            BrokerHeartbeatResponse {
                is_caught_up: reply.caught_up,
                is_fenced: reply.fenced,
                should_shut_down: reply.shut_down,
                ..BrokerHeartbeatResponse::default()
            }
        }
        Ok(Response::Heartbeat(Err(stale))) => refused(match stale {
            StaleBroker::NotRegistered(_) => ErrorCode::BrokerIdNotRegistered,
            StaleBroker::OtherEpoch { .. } => ErrorCode::StaleBrokerEpoch,
        }),
        Ok(_) => refused(ErrorCode::UnknownServerError),
        Err(error) => refused(error.code()),
    }
}

fn refused(code: ErrorCode) -> BrokerHeartbeatResponse {
    BrokerHeartbeatResponse { error_code: code.code(), is_fenced: true, ..BrokerHeartbeatResponse::default() }
}
