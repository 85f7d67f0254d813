//! AllocateProducerIds: a broker asks for a block of producer ids (KIP-730).

use std::sync::Arc;

use broker_controller::{AllocateProducerIds, ProducerIdError, Request, Response, StaleBroker};
use broker_protocol::{
    ErrorCode,
    messages::{AllocateProducerIdsRequest, AllocateProducerIdsResponse},
};
use broker_types::{BrokerEpoch, BrokerId};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// How long a block may take to be committed.
const PATIENCE_MS: i32 = 5_000;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AllocateProducerIdsRequest,
) -> AllocateProducerIdsResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return refused(denied);
    }
    let allocate = AllocateProducerIds {
        broker: BrokerId::new(request.broker_id),
        epoch: BrokerEpoch::new(request.broker_epoch),
    };
    match broker.quorum().ask(Request::AllocateProducerIds(allocate), PATIENCE_MS).await {
        Ok(Response::AllocateProducerIds(Ok(block))) => AllocateProducerIdsResponse {
            producer_id_start: block.first.get(),
            producer_id_len: block.length,
            ..AllocateProducerIdsResponse::default()
        },
        Ok(Response::AllocateProducerIds(Err(error))) => refused(match error {
            ProducerIdError::Stale(StaleBroker::NotRegistered(_)) => ErrorCode::BrokerIdNotRegistered,
            ProducerIdError::Stale(StaleBroker::OtherEpoch { .. }) => ErrorCode::StaleBrokerEpoch,
            ProducerIdError::Exhausted => ErrorCode::UnknownServerError,
        }),
        Ok(_) => refused(ErrorCode::UnknownServerError),
        Err(error) => refused(error.code()),
    }
}

fn refused(code: ErrorCode) -> AllocateProducerIdsResponse {
    AllocateProducerIdsResponse { error_code: code.code(), ..AllocateProducerIdsResponse::default() }
}
