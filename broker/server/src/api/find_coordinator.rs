//! FindCoordinator: there are no coordinators yet, and this says so in every version.
//!
//! Why it is served at all: librdkafka compresses with LZ4 only for brokers that advertise version 0 of it.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{FindCoordinatorRequest, FindCoordinatorResponse, find_coordinator_response::Coordinator},
};

use crate::{broker::Broker, context::RequestContext};

/// Since this version many keys are asked for at once (KIP-699).
const BATCHED_SINCE: i16 = 4;
/// Since this version an answer has a message.
const MESSAGE_SINCE: i16 = 1;

pub(crate) async fn handle(
    _broker: &Arc<Broker>,
    context: &RequestContext,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let error = ErrorCode::CoordinatorNotAvailable;
    let message = Some(Str::from_static(error.message()));
    if context.api_version < BATCHED_SINCE {
        return FindCoordinatorResponse {
            error_code: error.code(),
            error_message: message.filter(|_| context.api_version >= MESSAGE_SINCE),
            node_id: -1,
            port: -1,
            ..FindCoordinatorResponse::default()
        };
    }
    let coordinator = |key: Str| Coordinator {
        key,
        node_id: -1,
        host: Str::EMPTY,
        port: -1,
        error_code: error.code(),
        error_message: message.clone(),
    };
    FindCoordinatorResponse {
        coordinators: request.coordinator_keys.into_iter().map(coordinator).collect(),
        ..FindCoordinatorResponse::default()
    }
}
