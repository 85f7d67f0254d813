//! AddOffsetsToTxn: a transaction will commit offsets of a group, so it writes to the group's partition of
//! `__consumer_offsets`.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse},
};
use broker_txn::{AddPartitions, Partitions};
use broker_types::{Producer, ProducerEpoch, ProducerId, TopicName, TransactionVersion};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    coordinators::partition_of,
    groups::OFFSETS_TOPIC,
    transactions,
};

/// Since this version clients know PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let error = decide(broker, context, &request).await.err().unwrap_or(ErrorCode::None);
    AddOffsetsToTxnResponse {
        error_code: transactions::fenced_below(context.api_version, FENCED_SINCE, error).code(),
        ..AddOffsetsToTxnResponse::default()
    }
}

async fn decide(
    broker: &Broker,
    context: &RequestContext,
    request: &AddOffsetsToTxnRequest,
) -> Result<(), ErrorCode> {
    let allows = |operation, resource| broker.authorizer().allows(context, operation, resource);
    if !allows(Operation::Write, Resource::TransactionalId(&request.transactional_id)) {
        return Err(ErrorCode::TransactionalIdAuthorizationFailed);
    }
    if !allows(Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ErrorCode::GroupAuthorizationFailed);
    }
    // The topic may not be there yet: it will have as many partitions.
    let to_be = broker.settings().config.groups.offsets_topic.partitions;
    let index =
        broker.partition_of_group(&request.group_id).or_else(|| partition_of(&request.group_id, to_be));
    let mut partitions = Partitions::default();
    partitions.insert(&TopicName::new(OFFSETS_TOPIC), index.ok_or(ErrorCode::CoordinatorNotAvailable)?);
    let add = AddPartitions {
        id: transactions::transactional_id(&request.transactional_id),
        producer: Producer {
            id: ProducerId::new(request.producer_id),
            epoch: ProducerEpoch::new(request.producer_epoch),
        },
        partitions,
        client_version: TransactionVersion::V0,
    };
    transactions::add_partitions(broker, add, false).await.map(|_| ())
}
