//! EndTxn: commit or abort.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{EndTxnRequest, EndTxnResponse},
};
use broker_txn::EndTransaction;
use broker_types::{Producer, ProducerEpoch, ProducerId, TransactionResult, TransactionVersion};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    transactions,
};

/// Since this version the end of a transaction bumps the producer's epoch, and the answer tells it (KIP-890).
const BUMPS_SINCE: i16 = 5;
/// Since this version clients know PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: EndTxnRequest,
) -> EndTxnResponse {
    let bumps = context.api_version >= BUMPS_SINCE;
    match decide(broker, context, &request, bumps).await {
        Ok(producer) => EndTxnResponse {
            // Ignored where the version has no place for it.
            producer_id: producer.id.get(),
            producer_epoch: producer.epoch.get(),
            ..EndTxnResponse::default()
        },
        Err(error) => EndTxnResponse {
            error_code: transactions::fenced_below(context.api_version, FENCED_SINCE, error).code(),
            ..EndTxnResponse::default()
        },
    }
}

async fn decide(
    broker: &Broker,
    context: &RequestContext,
    request: &EndTxnRequest,
    bumps: bool,
) -> Result<Producer, ErrorCode> {
    let resource = Resource::TransactionalId(&request.transactional_id);
    if !broker.authorizer().allows(context, Operation::Write, resource) {
        return Err(ErrorCode::TransactionalIdAuthorizationFailed);
    }
    let end = EndTransaction {
        id: transactions::transactional_id(&request.transactional_id),
        producer: Producer {
            id: ProducerId::new(request.producer_id),
            epoch: ProducerEpoch::new(request.producer_epoch),
        },
        result: if request.committed { TransactionResult::Commit } else { TransactionResult::Abort },
        client_version: if bumps { TransactionVersion::V2 } else { TransactionVersion::V0 },
        spare: None,
    };
    transactions::end(broker, end).await
}
