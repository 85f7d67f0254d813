//! AddPartitionsToTxn: what a transaction writes to. Below version 4 a client says it of its own transaction; from then on a
//! broker that leads partitions says it, or asks whether it is so, of many (KIP-890).

use std::{collections::HashMap, sync::Arc};

use broker_metadata::Image;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnResponse,
        add_partitions_to_txn_request::{AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction},
        add_partitions_to_txn_response::{
            AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResult, AddPartitionsToTxnTopicResult,
        },
    },
};
use broker_txn::{AddPartitions, Partitions};
use broker_types::{
    PartitionId, Producer, ProducerEpoch, ProducerId, TopicName, TopicPartition, TransactionVersion,
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    transactions::{self, Adding},
    view,
};

/// Since this version the request is of brokers.
const BATCHED_SINCE: i16 = 4;
/// Since this version clients know PRODUCER_FENCED.
const FENCED_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AddPartitionsToTxnRequest,
) -> AddPartitionsToTxnResponse {
    let is_of_client = context.api_version < BATCHED_SINCE;
    let is_allowed = |resource| broker.authorizer().allows(context, Operation::ClusterAction, resource);
    if !is_of_client && !is_allowed(Resource::Cluster) {
        return AddPartitionsToTxnResponse {
            error_code: ErrorCode::ClusterAuthorizationFailed.code(),
            ..AddPartitionsToTxnResponse::default()
        };
    }
    let transactions = if is_of_client { vec![only(request)] } else { request.transactions };
    // All are asked for before the first is waited for.
    let mut begun = Vec::with_capacity(transactions.len());
    for transaction in transactions {
        begun.push((begin(broker, context, &transaction).await, transaction));
    }
    let mut results = Vec::with_capacity(begun.len());
    for (adding, transaction) in begun {
        let codes = match adding {
            Begun::Asked(adding) => outcome(context, adding.get().await),
            Begun::Refused(codes) => codes,
        };
        // Kafka stumbles over the record, and refuses the whole request.
        if !is_of_client && matches!(codes, Codes::All(ErrorCode::UnsupportedVersion)) {
            return AddPartitionsToTxnResponse {
                error_code: ErrorCode::UnsupportedVersion.code(),
                ..AddPartitionsToTxnResponse::default()
            };
        }
        results.push(result(&transaction, &codes));
    }
    match results.pop() {
        Some(only) if is_of_client => AddPartitionsToTxnResponse {
            results_by_topic_v3_and_below: only.topic_results,
            ..AddPartitionsToTxnResponse::default()
        },
        last => AddPartitionsToTxnResponse {
            results_by_transaction: results.into_iter().chain(last).collect(),
            ..AddPartitionsToTxnResponse::default()
        },
    }
}

/// The one transaction of a client's request.
fn only(request: AddPartitionsToTxnRequest) -> AddPartitionsToTxnTransaction {
    AddPartitionsToTxnTransaction {
        transactional_id: request.v3_and_below_transactional_id,
        producer_id: request.v3_and_below_producer_id,
        producer_epoch: request.v3_and_below_producer_epoch,
        verify_only: false,
        topics: request.v3_and_below_topics,
    }
}

/// The code of each partition.
enum Codes {
    All(ErrorCode),
    Each(HashMap<TopicPartition, ErrorCode>),
}

enum Begun {
    Asked(Adding),
    Refused(Codes),
}

async fn begin(
    broker: &Broker,
    context: &RequestContext,
    transaction: &AddPartitionsToTxnTransaction,
) -> Begun {
    let id = &transaction.transactional_id;
    let is_of_client = context.api_version < BATCHED_SINCE;
    let may_write = |resource: Resource<'_>| broker.authorizer().allows(context, Operation::Write, resource);
    if is_of_client && !may_write(Resource::TransactionalId(id)) {
        return Begun::Refused(Codes::All(ErrorCode::TransactionalIdAuthorizationFailed));
    }
    let is_allowed =
        |topic: &str| !is_of_client || !view::is_internal(topic) && may_write(Resource::Topic(topic));
    let partitions = match all_there(&broker.image(), &transaction.topics, is_allowed) {
        Ok(partitions) => partitions,
        Err(codes) => return Begun::Refused(Codes::Each(codes)),
    };
    let add = AddPartitions {
        id: transactions::transactional_id(id),
        producer: Producer {
            id: ProducerId::new(transaction.producer_id),
            epoch: ProducerEpoch::new(transaction.producer_epoch),
        },
        partitions,
        client_version: if is_of_client { TransactionVersion::V0 } else { TransactionVersion::V2 },
    };
    match transactions::begin_add(broker, add, transaction.verify_only).await {
        Ok(adding) => Begun::Asked(adding),
        Err(error) => Begun::Refused(Codes::All(error)),
    }
}

/// The partitions, if all are there and may be written to: one that is not keeps the others out.
fn all_there(
    image: &Image,
    topics: &[AddPartitionsToTxnTopic],
    is_allowed: impl Fn(&str) -> bool,
) -> Result<Partitions, HashMap<TopicPartition, ErrorCode>> {
    let mut partitions = Partitions::default();
    let mut codes = HashMap::new();
    let mut has_failed = false;
    for topic in topics {
        let (name, found) = (TopicName::new(&topic.name), image.topics().find(&topic.name));
        let is_allowed = is_allowed(&topic.name);
        for &index in &topic.partitions {
            let index = PartitionId::new(index);
            let code = if !is_allowed {
                ErrorCode::TopicAuthorizationFailed
            } else if found.is_none_or(|topic| topic.partition(index).is_none()) {
                ErrorCode::UnknownTopicOrPartition
            } else {
                partitions.insert(&name, index);
                ErrorCode::OperationNotAttempted
            };
            has_failed |= code != ErrorCode::OperationNotAttempted;
            codes.insert(TopicPartition::new(name.clone(), index), code);
        }
    }
    if has_failed { Err(codes) } else { Ok(partitions) }
}

fn outcome(context: &RequestContext, added: Result<Vec<TopicPartition>, ErrorCode>) -> Codes {
    match added {
        Ok(missing) => {
            Codes::Each(missing.into_iter().map(|at| (at, ErrorCode::TransactionAbortable)).collect())
        }
        Err(error) => Codes::All(transactions::fenced_below(context.api_version, FENCED_SINCE, error)),
    }
}

fn result(transaction: &AddPartitionsToTxnTransaction, codes: &Codes) -> AddPartitionsToTxnResult {
    let code = |topic: &Str, index: i32| match codes {
        Codes::All(error) => *error,
        Codes::Each(codes) => {
            let at = TopicPartition::new(TopicName::new(topic), PartitionId::new(index));
            codes.get(&at).copied().unwrap_or(ErrorCode::None)
        }
    };
    let topic = |topic: &AddPartitionsToTxnTopic| {
        let partition = |&index: &i32| AddPartitionsToTxnPartitionResult {
            partition_index: index,
            partition_error_code: code(&topic.name, index).code(),
        };
        AddPartitionsToTxnTopicResult {
            name: topic.name.clone(),
            results_by_partition: topic.partitions.iter().map(partition).collect(),
        }
    };
    AddPartitionsToTxnResult {
        transactional_id: transaction.transactional_id.clone(),
        topic_results: transaction.topics.iter().map(topic).collect(),
    }
}
