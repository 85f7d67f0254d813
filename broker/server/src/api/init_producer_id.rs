//! InitProducerId: a fresh id for an idempotent producer (KIP-98). Transactional ids are refused until there is
//! a transaction coordinator.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    let refused = |error: ErrorCode| InitProducerIdResponse {
        error_code: error.code(),
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdResponse::default()
    };
    match request.transactional_id.as_deref() {
        Some("") => return refused(ErrorCode::InvalidRequest),
        Some(_) => return refused(ErrorCode::CoordinatorNotAvailable),
        None => {}
    }
    if !broker.authorizer().allows(context, Operation::IdempotentWrite, Resource::Cluster) {
        return refused(ErrorCode::ClusterAuthorizationFailed);
    }
    match broker.producer_ids().next(broker).await {
        Some(id) => InitProducerIdResponse {
            producer_id: id.get(),
            producer_epoch: 0,
            ..InitProducerIdResponse::default()
        },
        None => refused(ErrorCode::CoordinatorLoadInProgress),
    }
}
