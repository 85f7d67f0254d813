//! CreateTopics: through the controller; answered when the topics' logs are there.

use std::sync::Arc;

use broker_controller::{CreateTopicError, CreateTopics, CreatedTopic, NewTopic, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreateTopicsRequest, CreateTopicsResponse, create_topics_request::CreatableTopic,
        create_topics_response::CreatableTopicResult,
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
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    let allowed = |topic: &CreatableTopic| {
        broker.authorizer().allows(context, Operation::Create, Resource::Cluster)
            || broker.authorizer().allows(context, Operation::Create, Resource::Topic(&topic.name))
    };
    let (allowed, denied): (Vec<_>, Vec<_>) = request.topics.into_iter().partition(allowed);
    let mut results: Vec<_> = denied
        .into_iter()
        .map(|topic| refused(topic.name, ErrorCode::TopicAuthorizationFailed, None))
        .collect();
    let names: Vec<Str> = allowed.iter().map(|topic| topic.name.clone()).collect();
    let create = Request::CreateTopics(CreateTopics {
        topics: allowed.into_iter().map(domain).collect(),
        validate_only: request.validate_only,
    });
    match broker.quorum().ask(create, request.timeout_ms).await {
        Ok(Response::CreateTopics(created)) => {
            results.extend(created.into_iter().map(|(name, result)| answer(name, result)));
        }
        Ok(_) => {
            results.extend(names.into_iter().map(|name| refused(name, ErrorCode::UnknownServerError, None)))
        }
        Err(error) => {
            let message = error.to_string();
            let all = names.into_iter().map(|name| refused(name, error.code(), Some(&message)));
            results.extend(all);
        }
    }
    CreateTopicsResponse { topics: results, ..CreateTopicsResponse::default() }
}

fn domain(topic: CreatableTopic) -> NewTopic {
    NewTopic {
        name: topic.name,
        partitions: (topic.num_partitions != -1).then_some(topic.num_partitions),
        replication_factor: (topic.replication_factor != -1).then_some(topic.replication_factor),
        assignments: topic
            .assignments
            .into_iter()
            .map(|assignment| (assignment.partition_index, assignment.broker_ids))
            .collect(),
        configs: topic.configs.into_iter().map(|config| (config.name, config.value)).collect(),
    }
}

fn answer(name: Str, result: Result<CreatedTopic, CreateTopicError>) -> CreatableTopicResult {
    let created = match result {
        Ok(created) => created,
        Err(error) => return refused(name, error.code(), Some(&error.to_string())),
    };
    CreatableTopicResult {
        name,
        topic_id: created.id.uuid(),
        num_partitions: i32::try_from(created.partitions).unwrap_or(i32::MAX),
        replication_factor: i16::try_from(created.replication_factor).unwrap_or(i16::MAX),
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    }
}

fn refused(name: Str, error: ErrorCode, message: Option<&str>) -> CreatableTopicResult {
    CreatableTopicResult {
        name,
        error_code: error.code(),
        error_message: Some(Str::from(message.unwrap_or_else(|| error.message()))),
        num_partitions: -1,
        replication_factor: -1,
        configs: Some(Vec::new()),
        ..CreatableTopicResult::default()
    }
}
