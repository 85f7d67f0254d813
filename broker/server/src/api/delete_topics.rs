//! DeleteTopics: through the controller, by name or by id (KIP-516).

use std::{collections::BTreeMap, sync::Arc};

use broker_controller::{DeleteTopicError, DeleteTopics, Request, Response, TopicRef};
use broker_metadata::{Image, Topic};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DeleteTopicsRequest, DeleteTopicsResponse, delete_topics_request::DeleteTopicState,
        delete_topics_response::DeletableTopicResult,
    },
};
use broker_types::{TopicId, Uuid};

use crate::{
    authorizer::{NOT_READY, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    forward,
    quorum::AskError,
    quotas::{self, Permit},
};

/// Since this version clients understand that a quota is used up (KIP-599).
const REFUSED_SINCE: i16 = 5;

/// Since this version topics are named one struct each, by name or id.
const STRUCTS_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let timeout_ms = request.timeout_ms;
    let wanted = wanted(context, request);
    if !broker.authorizer().is_ready_for(context) {
        let responses = wanted.iter().map(|topic| refused(topic, NOT_READY, None)).collect();
        return DeleteTopicsResponse { responses, ..DeleteTopicsResponse::default() };
    }
    let image = broker.image();
    let may_delete_all = broker.authorizer().sees(context, Operation::Delete, Resource::Cluster);
    let may = |operation, name: &str| {
        may_delete_all || broker.authorizer().allows(context, operation, Resource::Topic(name))
    };
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        return not_deleted(&image, &wanted, may, &elsewhere);
    }
    let (mut allowed, mut responses) = (Vec::new(), Vec::new());
    for topic in wanted {
        match denied(&image, &topic, may) {
            Some(denied) => responses.push(denied),
            None => allowed.push(topic),
        }
    }
    let mut mutations = broker.quotas().mutations(context, REFUSED_SINCE);
    let mut charged = Vec::new();
    allowed.retain(|topic| match mutations.take(partitions(&image, topic)) {
        Permit::Charged(count) => {
            charged.push((topic.clone(), count));
            true
        }
        Permit::Refused => {
            let (code, text) = quotas::exceeded();
            responses.push(refused(topic, code, Some(text)));
            false
        }
    });
    let delete = Request::DeleteTopics(DeleteTopics { topics: allowed.iter().map(domain).collect() });
    match broker.quorum().ask(delete, timeout_ms).await {
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
    let is_gone = |topic: &DeleteTopicState| {
        let is_it = |one: &DeletableTopicResult| match &topic.name {
            Some(name) => one.name.as_ref() == Some(name),
            None => one.topic_id == topic.topic_id,
        };
        responses.iter().any(|one| one.error_code == 0 && is_it(one))
    };
    let kept = charged.iter().filter(|(topic, _)| !is_gone(topic));
    kept.for_each(|(_, count)| mutations.give_back(*count));
    let throttle_time_ms = quotas::millis(mutations.throttled());
    DeleteTopicsResponse { responses, throttle_time_ms }
}

/// What a controller answers that is not the active one: of what it can refuse by itself why, where nothing else is asked.
fn not_deleted(
    image: &Image,
    topics: &[DeleteTopicState],
    may: impl Fn(Operation, &str) -> bool,
    elsewhere: &AskError,
) -> DeleteTopicsResponse {
    let mut named = BTreeMap::new();
    for topic in topics {
        named.entry((&topic.name, topic.topic_id)).or_insert((topic, 0)).1 += 1;
    }
    let own = |(topic, times): &(&DeleteTopicState, usize)| {
        let error = match (domain(topic), *times) {
            (TopicRef::Neither, _) => DeleteTopicError::Neither,
            (TopicRef::Both(..), _) => DeleteTopicError::Both,
            (TopicRef::Name(_), 2..) => DeleteTopicError::DuplicateName,
            (TopicRef::Id(_), 2..) => DeleteTopicError::DuplicateId,
            (asked, _) => match (denied(image, topic, &may), asked) {
                (Some(denied), _) => return Some(denied),
                (None, TopicRef::Name(name)) if image.topics().find(&name).is_none() => {
                    DeleteTopicError::UnknownName
                }
                (None, TopicRef::Id(id)) if find(image, id).is_none() => DeleteTopicError::UnknownId,
                (None, _) => return None,
            },
        };
        Some(refused(topic, error.code(), Some(&error.to_string())))
    };
    let own: Option<Vec<_>> = named.values().map(own).collect();
    // Kafka says no more than the code here.
    let all = || topics.iter().map(|topic| refused(topic, elsewhere.code(), None)).collect();
    DeleteTopicsResponse { responses: own.unwrap_or_else(all), ..DeleteTopicsResponse::default() }
}

/// The topics that are to go.
fn wanted(context: &RequestContext, request: DeleteTopicsRequest) -> Vec<DeleteTopicState> {
    if context.api_version >= STRUCTS_SINCE {
        return request.topics;
    }
    let by_name = |name| DeleteTopicState { name: Some(name), ..DeleteTopicState::default() };
    request.topic_names.into_iter().map(by_name).collect()
}

fn find(image: &Image, id: Uuid) -> Option<&Topic> {
    TopicId::from_wire(id).and_then(|id| image.topics().get(id))
}

/// How many partitions go with a topic.
fn partitions(image: &Image, topic: &DeleteTopicState) -> usize {
    let topics = image.topics();
    let found = match &topic.name {
        Some(name) => topics.find(name),
        None => find(image, topic.topic_id),
    };
    found.map_or(0, |topic| topic.partitions().size())
}

/// How a topic is refused that may not be deleted: who may not see it does not hear its name, or whether it is there.
fn denied(
    image: &Image,
    topic: &DeleteTopicState,
    may: impl Fn(Operation, &str) -> bool,
) -> Option<DeletableTopicResult> {
    let id = TopicId::from_wire(topic.topic_id);
    let told = match (&topic.name, id) {
        (Some(name), None) => {
            let is_there = image.topics().find(name).is_some();
            let is_denied = !may(Operation::Describe, name) || (is_there && !may(Operation::Delete, name));
            Some(is_denied.then(|| name.clone())?)
        }
        (None, Some(id)) => {
            let name = Str::from(image.topics().get(id)?.name().as_str());
            if may(Operation::Delete, &name) {
                return None;
            }
            may(Operation::Describe, &name).then_some(name)
        }
        // The controller says what is wrong with these.
        _ => return None,
    };
    let code = ErrorCode::TopicAuthorizationFailed;
    let topic = DeleteTopicState { name: told, ..topic.clone() };
    Some(refused(&topic, code, Some(code.message())))
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
