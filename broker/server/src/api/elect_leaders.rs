//! ElectLeaders: preferred leaders lead again, or partitions without a leader get one that may lack records (KIP-460).

use std::sync::Arc;

use broker_controller::{ElectLeaders, ElectionError, ElectionType, Elections, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ElectLeadersRequest, ElectLeadersResponse,
        elect_leaders_request::TopicPartitions,
        elect_leaders_response::{PartitionResult, ReplicaElectionResult},
    },
};
use broker_types::PartitionId;

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, forward};

/// Since this version an answer has an error of the whole.
const WHOLE_SINCE: i16 = 1;
const PREFERRED: i8 = 0;
const UNCLEAN: i8 = 1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    let refused = |code, text: &str| refused(context, &request, code, text);
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::Alter) {
        return refused(denied, denied.message());
    }
    if request.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
        return ElectLeadersResponse::default();
    }
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        return refused(elsewhere.code(), &elsewhere.to_string());
    }
    let kind = match request.election_type {
        PREFERRED => ElectionType::Preferred,
        UNCLEAN => ElectionType::Unclean,
        _ => return refused(ErrorCode::InvalidRequest, ErrorCode::InvalidRequest.message()),
    };
    let topic = |topic: &TopicPartitions| {
        (topic.topic.clone(), topic.partitions.iter().map(|index| PartitionId::new(*index)).collect())
    };
    let topics = request.topic_partitions.as_ref().map(|topics| topics.iter().map(topic).collect());
    let elect = Request::ElectLeaders(ElectLeaders { kind, topics });
    match broker.quorum().ask(elect, request.timeout_ms).await {
        Ok(Response::ElectLeaders(Ok(elections))) => on_wire(elections),
        Ok(Response::ElectLeaders(Err(error))) => refused(error.code(), error.code().message()),
        Ok(_) => refused(ErrorCode::UnknownServerError, ErrorCode::UnknownServerError.message()),
        Err(error) => refused(error.code(), &error.to_string()),
    }
}

fn on_wire(elections: Elections) -> ElectLeadersResponse {
    let topics = elections.into_iter().map(|(topic, results)| ReplicaElectionResult {
        topic,
        partition_result: results.iter().map(|(index, result)| partition(*index, result)).collect(),
    });
    ElectLeadersResponse { replica_election_results: topics.collect(), ..ElectLeadersResponse::default() }
}

fn partition(index: PartitionId, result: &Result<(), ElectionError>) -> PartitionResult {
    let error = result.as_ref().err();
    PartitionResult {
        partition_id: index.get(),
        error_code: error.map_or(ErrorCode::None, ElectionError::code).code(),
        error_message: error.map(|error| Str::from(error.to_string())),
    }
}

/// Refused as a whole: every partition that was asked for has the error, too. The first version has no place for that of
/// the whole.
fn refused(
    context: &RequestContext,
    request: &ElectLeadersRequest,
    code: ErrorCode,
    text: &str,
) -> ElectLeadersResponse {
    let partition = |index: &i32| PartitionResult {
        partition_id: *index,
        error_code: code.code(),
        error_message: Some(Str::from(text)),
    };
    let topics = request.topic_partitions.iter().flatten().map(|topic| ReplicaElectionResult {
        topic: topic.topic.clone(),
        partition_result: topic.partitions.iter().map(partition).collect(),
    });
    ElectLeadersResponse {
        error_code: if context.api_version >= WHOLE_SINCE { code.code() } else { 0 },
        replica_election_results: topics.collect(),
        ..ElectLeadersResponse::default()
    }
}
