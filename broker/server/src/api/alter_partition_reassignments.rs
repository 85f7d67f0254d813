//! AlterPartitionReassignments: partitions move to other brokers, or stop moving (KIP-455, KIP-860).

use std::sync::Arc;

use broker_controller::{AlterReassignments, Reassigned, Reassignment, ReassignmentError, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
        alter_partition_reassignments_request::{ReassignablePartition, ReassignableTopic},
        alter_partition_reassignments_response::{ReassignablePartitionResponse, ReassignableTopicResponse},
    },
};
use broker_types::PartitionId;

use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let allow = request.allow_replication_factor_change;
    let all = refused_each(&request);
    let refused = |code: ErrorCode, text: &str| refused((code, text), allow, all.clone());
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return refused(denied, denied.message());
    }
    if request.topics.is_empty() {
        // The answer of one that was not asked: not even the replication factor's permission is repeated.
        return AlterPartitionReassignmentsResponse::default();
    }
    let reassignment = |partition: ReassignablePartition| Reassignment {
        partition: PartitionId::new(partition.partition_index),
        replicas: partition.replicas,
    };
    let topic =
        |topic: ReassignableTopic| (topic.name, topic.partitions.into_iter().map(reassignment).collect());
    let alter = Request::AlterReassignments(AlterReassignments {
        topics: request.topics.into_iter().map(topic).collect(),
        allow_replication_factor_change: allow,
    });
    match broker.quorum().ask(alter, request.timeout_ms).await {
        Ok(Response::AlterReassignments(reassigned)) => on_wire(reassigned, allow),
        Ok(_) => refused(ErrorCode::UnknownServerError, ErrorCode::UnknownServerError.message()),
        Err(error) => refused(error.code(), &error.to_string()),
    }
}

fn on_wire(reassigned: Reassigned, allow: bool) -> AlterPartitionReassignmentsResponse {
    let topics = reassigned.into_iter().map(|(name, results)| ReassignableTopicResponse {
        name,
        partitions: results.iter().map(|(index, result)| partition(*index, result)).collect(),
    });
    AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: allow,
        error_message: None,
        responses: topics.collect(),
        ..AlterPartitionReassignmentsResponse::default()
    }
}

fn partition(index: PartitionId, result: &Result<(), ReassignmentError>) -> ReassignablePartitionResponse {
    let error = result.as_ref().err();
    ReassignablePartitionResponse {
        partition_index: index.get(),
        error_code: error.map_or(ErrorCode::None, ReassignmentError::code).code(),
        // What the code says by itself is not said again.
        error_message: error
            .map(|error| (error.code(), error.to_string()))
            .filter(|(code, text)| text != code.message())
            .map(|(_, text)| Str::from(text)),
    }
}

/// The partitions that a request names.
fn refused_each(request: &AlterPartitionReassignmentsRequest) -> Vec<ReassignableTopicResponse> {
    let partition = |partition: &ReassignablePartition| ReassignablePartitionResponse {
        partition_index: partition.partition_index,
        ..ReassignablePartitionResponse::default()
    };
    let topic = |topic: &ReassignableTopic| ReassignableTopicResponse {
        name: topic.name.clone(),
        partitions: topic.partitions.iter().map(partition).collect(),
    };
    request.topics.iter().map(topic).collect()
}

/// An error of the whole is one of each partition too.
fn refused(
    (code, text): (ErrorCode, &str),
    allow: bool,
    mut responses: Vec<ReassignableTopicResponse>,
) -> AlterPartitionReassignmentsResponse {
    let message = Some(Str::from(text));
    for partition in responses.iter_mut().flat_map(|topic| &mut topic.partitions) {
        partition.error_code = code.code();
        partition.error_message.clone_from(&message);
    }
    AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: allow,
        error_code: code.code(),
        error_message: message,
        responses,
        ..AlterPartitionReassignmentsResponse::default()
    }
}
