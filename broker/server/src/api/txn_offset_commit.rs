//! TxnOffsetCommit: how far a group has read, as a part of a transaction (KIP-98, KIP-447). From version 5 on the
//! transaction takes the group in with it (KIP-890).

use std::sync::Arc;

use broker_group::{ByTopic, CommitPartition, Generation, OffsetResult, Request, TxnOffsetCommit};
use broker_log::VerificationGuard;
use broker_metadata::Image;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        TxnOffsetCommitRequest, TxnOffsetCommitResponse,
        txn_offset_commit_request::{TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic},
        txn_offset_commit_response::{TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic},
    },
};
use broker_txn::Partitions;
use broker_types::{
    LeaderEpoch, PartitionId, Producer, ProducerEpoch, ProducerId, TopicName, TransactionVersion,
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    groups::{self, OFFSETS_TOPIC, answer},
    partition::Grounds,
    transactions::{self, Asker, Verification, verify},
};

/// Below this version clients do not know COORDINATOR_LOAD_IN_PROGRESS here.
const LOADING_SINCE: i16 = 2;
/// Since this version clients know TRANSACTION_ABORTABLE.
const ABORTABLE_SINCE: i16 = 4;
/// Since this version the group is taken into the transaction with its first offsets.
const ADDS_SINCE: i16 = 5;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: TxnOffsetCommitRequest,
) -> TxnOffsetCommitResponse {
    let mut topics = match refusal(broker, context, &request) {
        Some(error) => request.topics.iter().map(|topic| refused(topic, &topic.partitions, error)).collect(),
        None => commit(broker, context, &request).await,
    };
    if context.api_version < LOADING_SINCE {
        for partition in topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            if partition.error_code == ErrorCode::CoordinatorLoadInProgress.code() {
                partition.error_code = ErrorCode::CoordinatorNotAvailable.code();
            }
        }
    }
    TxnOffsetCommitResponse { topics, ..TxnOffsetCommitResponse::default() }
}

fn refusal(broker: &Broker, context: &RequestContext, request: &TxnOffsetCommitRequest) -> Option<ErrorCode> {
    let allows = |operation, resource| broker.authorizer().allows(context, operation, resource);
    if !allows(Operation::Write, Resource::TransactionalId(&request.transactional_id)) {
        return Some(ErrorCode::TransactionalIdAuthorizationFailed);
    }
    if !allows(Operation::Read, Resource::Group(&request.group_id)) {
        return Some(ErrorCode::GroupAuthorizationFailed);
    }
    None
}

async fn commit(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &TxnOffsetCommitRequest,
) -> Vec<TxnOffsetCommitResponseTopic> {
    let (mut answered, mut known) = (Vec::new(), Vec::new());
    {
        let image = broker.image();
        for topic in &request.topics {
            let is_allowed =
                broker.authorizer().allows(context, Operation::Read, Resource::Topic(&topic.name));
            let (refused, there) = sort(&image, topic, is_allowed);
            answered.extend(refused);
            known.extend(there);
        }
    }
    if known.is_empty() {
        return answered;
    }
    let committed = ask(broker, context, request, known.clone()).await;
    let committed = committed.unwrap_or_else(|error| {
        let refused = |one: &CommitPartition| (one.partition, error);
        known.iter().map(|topic| topic.with(topic.partitions.iter().map(refused).collect())).collect()
    });
    for ByTopic { topic, partitions, .. } in committed {
        let codes = partitions.into_iter().map(|(index, error)| code(index.get(), error)).collect();
        match answered.iter_mut().find(|known| known.name == topic.as_str()) {
            Some(known) => known.partitions.extend(codes),
            None => answered.push(named(Str::from(topic.as_str()), codes)),
        }
    }
    answered
}

async fn ask(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &TxnOffsetCommitRequest,
    topics: Vec<ByTopic<CommitPartition>>,
) -> Result<Vec<ByTopic<(PartitionId, ErrorCode)>>, ErrorCode> {
    if request.group_id.is_empty() {
        return Err(ErrorCode::InvalidGroupId);
    }
    let producer = Producer {
        id: ProducerId::new(request.producer_id),
        epoch: ProducerEpoch::new(request.producer_epoch),
    };
    let index = broker.partition_of_group(&request.group_id).ok_or(ErrorCode::NotCoordinator)?;
    let guard = may_begin(broker, context, request, producer, index).await?;
    let commit = TxnOffsetCommit {
        group: groups::group_id(&request.group_id),
        producer,
        member: groups::member_id(&request.member_id),
        instance: groups::instance_id(request.group_instance_id.as_ref()),
        generation: Generation::from_wire(request.generation_id),
        topics,
    };
    let grounds = Grounds { guard, ..Grounds::default() };
    let asked = broker.groups.send(index, Request::TxnOffsetCommit(commit), grounds).await;
    let response = match asked {
        Ok(asked) => asked.get().await,
        Err(error) => Err(error),
    };
    let committed = answer!(response, TxnOffsetCommit).map_err(|failure| failure.code())?;
    let committed = committed.map_err(|error| error.code())?;
    let code = |one: &OffsetResult| {
        (one.partition, one.result.as_ref().err().map_or(ErrorCode::None, |error| error.code()))
    };
    Ok(committed.iter().map(|topic| topic.with(topic.partitions.iter().map(code).collect())).collect())
}

/// Asks the transaction's coordinator, where this begins it in the group's partition.
async fn may_begin(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &TxnOffsetCommitRequest,
    producer: Producer,
    index: PartitionId,
) -> Result<Option<VerificationGuard>, ErrorCode> {
    let found = broker.partitions().topic(OFFSETS_TOPIC).and_then(|topic| topic.partition(index));
    let partition = found.ok_or(ErrorCode::NotCoordinator)?;
    let adds = context.api_version >= ADDS_SINCE;
    let version = if adds { TransactionVersion::V2 } else { TransactionVersion::V0 };
    let guard = partition.begin_verification(producer, None, version, broker.clock().now());
    let guard = guard.map_err(|error| as_coordinator(errors::of_produce(&error)))?;
    if guard.is_none() {
        return Ok(None);
    }
    let mut partitions = Partitions::default();
    partitions.insert(&TopicName::new(OFFSETS_TOPIC), index);
    let id = transactions::transactional_id(&request.transactional_id);
    let asker = Asker { knows_abortable: context.api_version >= ABORTABLE_SINCE };
    let refusals = verify(broker, Verification { id, producer, partitions, verify_only: !adds }).await;
    match refusals.into_values().next() {
        Some(error) => Err(as_coordinator(asker.code(error))),
        None => Ok(guard),
    }
}

/// What a client expects of a coordinator, for what went wrong in its partition or on the way to another.
const fn as_coordinator(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UnknownTopicOrPartition | ErrorCode::NotEnoughReplicas | ErrorCode::RequestTimedOut => {
            ErrorCode::CoordinatorNotAvailable
        }
        ErrorCode::NotLeaderOrFollower | ErrorCode::KafkaStorageError => ErrorCode::NotCoordinator,
        // It makes clients try again, without looking for another coordinator.
        ErrorCode::NetworkException => ErrorCode::CoordinatorLoadInProgress,
        other => other,
    }
}

type Sorted = (Option<TxnOffsetCommitResponseTopic>, Option<ByTopic<CommitPartition>>);

/// A topic's partitions: those that the coordinator is not asked for, and those that it is.
fn sort(image: &Image, topic: &TxnOffsetCommitRequestTopic, is_allowed: bool) -> Sorted {
    if !is_allowed {
        return (Some(refused(topic, &topic.partitions, ErrorCode::TopicAuthorizationFailed)), None);
    }
    let found = image.topics().find(&topic.name);
    let is_there = |one: &&TxnOffsetCommitRequestPartition| {
        found.is_some_and(|topic| topic.partition(PartitionId::new(one.partition_index)).is_some())
    };
    let (there, missing): (Vec<_>, Vec<_>) = topic.partitions.iter().partition(is_there);
    let missing: Vec<_> = missing.into_iter().cloned().collect();
    let partitions: Vec<_> = there.into_iter().map(translate).collect();
    let known = ByTopic { topic: TopicName::new(&topic.name), id: None, partitions };
    let unknown = (!missing.is_empty()).then(|| refused(topic, &missing, ErrorCode::UnknownTopicOrPartition));
    (unknown, (!known.partitions.is_empty()).then_some(known))
}

fn translate(partition: &TxnOffsetCommitRequestPartition) -> CommitPartition {
    CommitPartition {
        partition: PartitionId::new(partition.partition_index),
        offset: partition.committed_offset,
        leader_epoch: LeaderEpoch::from_wire(partition.committed_leader_epoch),
        metadata: partition.committed_metadata.as_ref().map_or(Str::EMPTY, Str::detached),
    }
}

fn refused(
    topic: &TxnOffsetCommitRequestTopic,
    partitions: &[TxnOffsetCommitRequestPartition],
    error: ErrorCode,
) -> TxnOffsetCommitResponseTopic {
    let codes = partitions.iter().map(|one| code(one.partition_index, error));
    named(topic.name.clone(), codes.collect())
}

fn named(name: Str, partitions: Vec<TxnOffsetCommitResponsePartition>) -> TxnOffsetCommitResponseTopic {
    TxnOffsetCommitResponseTopic { name, partitions }
}

fn code(partition_index: i32, error: ErrorCode) -> TxnOffsetCommitResponsePartition {
    TxnOffsetCommitResponsePartition { partition_index, error_code: error.code() }
}
