//! CreatePartitions: through the controller.

use std::sync::Arc;

use broker_controller::{CreatePartitions, MorePartitions, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, create_partitions_request::CreatePartitionsTopic,
        create_partitions_response::CreatePartitionsTopicResult,
    },
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let is_allowed = |topic: &CreatePartitionsTopic| {
        broker.authorizer().allows(context, Operation::Alter, Resource::Topic(&topic.name))
    };
    let (allowed, denied): (Vec<_>, Vec<_>) = request.topics.into_iter().partition(is_allowed);
    let mut results: Vec<_> = denied
        .into_iter()
        .map(|topic| result(topic.name, ErrorCode::TopicAuthorizationFailed, None))
        .collect();
    let names: Vec<Str> = allowed.iter().map(|topic| topic.name.clone()).collect();
    let more = |topic: CreatePartitionsTopic| MorePartitions {
        name: topic.name,
        count: topic.count,
        assignments: topic.assignments.map(|all| all.into_iter().map(|one| one.broker_ids).collect()),
    };
    let grow = Request::CreatePartitions(CreatePartitions {
        topics: allowed.into_iter().map(more).collect(),
        validate_only: request.validate_only,
    });
    match broker.quorum().ask(grow, request.timeout_ms).await {
        Ok(Response::CreatePartitions(grown)) => {
            results.extend(grown.into_iter().map(|(name, outcome)| match outcome {
                Ok(()) => result(name, ErrorCode::None, None),
                Err(error) => {
                    let (code, text) = (error.code(), error.to_string());
                    // What the code says by itself is not said again.
                    result(name, code, (text != code.message()).then_some(&*text))
                }
            }));
        }
        Ok(_) => {
            results.extend(names.into_iter().map(|name| result(name, ErrorCode::UnknownServerError, None)))
        }
        Err(error) => {
            let message = error.to_string();
            results.extend(names.into_iter().map(|name| result(name, error.code(), Some(&message))));
        }
    }
    CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() }
}

fn result(name: Str, error: ErrorCode, message: Option<&str>) -> CreatePartitionsTopicResult {
    CreatePartitionsTopicResult { name, error_code: error.code(), error_message: message.map(Str::from) }
}
