//! DeleteTopics: through the controller, by name or by id (KIP-516).

use std::sync::Arc;

use broker_controller::{DeleteTopics, Request, Response, TopicRef};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DeleteTopicsRequest, DeleteTopicsResponse, delete_topics_request::DeleteTopicState,
        delete_topics_response::DeletableTopicResult,
    },
};
use broker_types::TopicId;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
};

/// Since this version topics are named one struct each, by name or id.
const STRUCTS_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let wanted: Vec<DeleteTopicState> = if context.api_version >= STRUCTS_SINCE {
        request.topics
    } else {
        let by_name = |name| DeleteTopicState { name: Some(name), ..DeleteTopicState::default() };
        request.topic_names.into_iter().map(by_name).collect()
    };
    let image = broker.image();
    let is_allowed = |topic: &DeleteTopicState| {
        let by_id = TopicId::from_wire(topic.topic_id).and_then(|id| image.topics().get(id));
        let name = topic.name.as_deref().or(by_id.map(|topic| topic.name().as_str()));
        name.is_none_or(|name| broker.authorizer().allows(context, Operation::Delete, Resource::Topic(name)))
    };
    let (allowed, denied): (Vec<_>, Vec<_>) = wanted.into_iter().partition(is_allowed);
    let mut responses: Vec<_> =
        denied.iter().map(|topic| refused(topic, ErrorCode::TopicAuthorizationFailed, None)).collect();
    let delete = Request::DeleteTopics(DeleteTopics { topics: allowed.iter().map(domain).collect() });
    match broker.quorum().ask(delete, request.timeout_ms).await {
        Ok(Response::DeleteTopics(deleted)) => {
            responses.extend(deleted.into_iter().map(|topic| DeletableTopicResult {
                name: topic.name,
                topic_id: topic.id,
                error_code: topic.result.as_ref().map_or_else(|error| error.code().code(), |()| 0),
                error_message: topic.result.err().map(|error| Str::from(error.to_string())),
            }));
        }
        Ok(_) => {
            responses.extend(allowed.iter().map(|topic| refused(topic, ErrorCode::UnknownServerError, None)))
        }
        Err(error) => {
            let message = error.to_string();
            responses.extend(allowed.iter().map(|topic| refused(topic, error.code(), Some(&message))));
        }
    }
    DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() }
}

fn domain(topic: &DeleteTopicState) -> TopicRef {
    match (&topic.name, topic.topic_id.is_zero()) {
        (Some(name), true) => TopicRef::Name(name.clone()),
        (None, false) => TopicRef::Id(topic.topic_id),
        (None, true) => TopicRef::Neither,
        (Some(name), false) => TopicRef::Both(name.clone(), topic.topic_id),
    }
}

fn refused(topic: &DeleteTopicState, error: ErrorCode, message: Option<&str>) -> DeletableTopicResult {
    DeletableTopicResult {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        error_code: error.code(),
        error_message: message.map(Str::from),
    }
}
