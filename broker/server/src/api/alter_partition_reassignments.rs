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

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let allow = request.allow_replication_factor_change;
    if !broker.authorizer().allows(context, Operation::Alter, Resource::Cluster) {
        return refused(ErrorCode::ClusterAuthorizationFailed, allow);
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
        Ok(_) => refused(ErrorCode::UnknownServerError, allow),
        Err(error) => refused(error.code(), allow),
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
        error_message: error.map(|error| Str::from(error.to_string())),
    }
}

fn refused(code: ErrorCode, allow: bool) -> AlterPartitionReassignmentsResponse {
    AlterPartitionReassignmentsResponse {
        allow_replication_factor_change: allow,
        error_code: code.code(),
        error_message: Some(Str::from(code.message())),
        ..AlterPartitionReassignmentsResponse::default()
    }
}
