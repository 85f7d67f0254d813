//! InitProducerId: a fresh id for an idempotent producer, or the next incarnation of a transactional one (KIP-98, KIP-360).

use std::{sync::Arc, time::Duration};

use broker_authorizer::ResourceType;
use broker_protocol::{
    ErrorCode, Str,
    messages::{InitProducerIdRequest, InitProducerIdResponse},
};
use broker_txn::InitProducerId;
use broker_types::{Producer, ProducerEpoch, ProducerId};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    transactions,
};

/// Since this version clients know PRODUCER_FENCED.
const FENCED_SINCE: i16 = 4;
/// The wire's "none" of ids and epochs.
const NONE: (i64, i16) = (-1, -1);

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match decide(broker, context, &request).await {
        Ok(producer) => InitProducerIdResponse {
            producer_id: producer.id.get(),
            producer_epoch: producer.epoch.get(),
            ..InitProducerIdResponse::default()
        },
        Err(error) => InitProducerIdResponse {
            error_code: transactions::fenced_below(context.api_version, FENCED_SINCE, error).code(),
            producer_id: NONE.0,
            producer_epoch: NONE.1,
            ..InitProducerIdResponse::default()
        },
    }
}

async fn decide(
    broker: &Broker,
    context: &RequestContext,
    request: &InitProducerIdRequest,
) -> Result<Producer, ErrorCode> {
    let allows = |operation, resource| broker.authorizer().allows(context, operation, resource);
    match &request.transactional_id {
        Some(id) if !allows(Operation::Write, Resource::TransactionalId(id)) => {
            return Err(ErrorCode::TransactionalIdAuthorizationFailed);
        }
        None if !broker.authorizer().sees(context, Operation::IdempotentWrite, Resource::Cluster)
            && !broker.authorizer().allows_any(context, Operation::Write, ResourceType::Topic) =>
        {
            return Err(ErrorCode::ClusterAuthorizationFailed);
        }
        _ => {}
    }
    let expected = expected(request)?;
    match &request.transactional_id {
        Some(id) => transactions::init_producer_id(broker, transactional(id, request, expected)).await,
        None => match broker.producer_ids().next(broker).await {
            Some(id) => Ok(Producer { id, epoch: ProducerEpoch::new(0) }),
            None => Err(ErrorCode::CoordinatorLoadInProgress),
        },
    }
}

/// Who asks to go on, if it says so: whole, or not at all.
fn expected(request: &InitProducerIdRequest) -> Result<Option<Producer>, ErrorCode> {
    match (request.producer_id, request.producer_epoch) {
        NONE => Ok(None),
        (id, epoch) if id == NONE.0 || epoch == NONE.1 => Err(ErrorCode::InvalidRequest),
        (id, epoch) => Ok(Some(Producer { id: ProducerId::new(id), epoch: ProducerEpoch::new(epoch) })),
    }
}

fn transactional(id: &Str, request: &InitProducerIdRequest, expected: Option<Producer>) -> InitProducerId {
    InitProducerId {
        id: transactions::transactional_id(id),
        timeout: Duration::from_millis(u64::try_from(request.transaction_timeout_ms).unwrap_or(0)),
        expected,
        two_phase_commit: request.enable2_pc,
        keep_prepared: request.keep_prepared_txn,
        spare: None,
    }
}
