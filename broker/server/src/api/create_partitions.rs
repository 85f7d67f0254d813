//! CreatePartitions: through the controller.

use std::{collections::BTreeMap, sync::Arc};

use broker_controller::{CreatePartitions, CreatePartitionsError, MorePartitions, Request, Response};
use broker_metadata::Image;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreatePartitionsRequest, CreatePartitionsResponse, create_partitions_request::CreatePartitionsTopic,
        create_partitions_response::CreatePartitionsTopicResult,
    },
};

use crate::{
    authorizer::{NOT_READY, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    forward,
    quorum::AskError,
    quotas::{self, Permit},
};

/// Since this version clients understand that a quota is used up (KIP-599).
const REFUSED_SINCE: i16 = 3;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    if !broker.authorizer().is_ready_for(context) {
        let results = request.topics.into_iter().map(|topic| result(topic.name, NOT_READY, None)).collect();
        return CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() };
    }
    let is_allowed = |topic: &CreatePartitionsTopic| {
        broker.authorizer().allows(context, Operation::Alter, Resource::Topic(&topic.name))
    };
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        let results = not_grown(&request.topics, is_allowed, &elsewhere);
        return CreatePartitionsResponse { results, ..CreatePartitionsResponse::default() };
    }
    let (allowed, denied): (Vec<_>, Vec<_>) = request.topics.into_iter().partition(is_allowed);
    let mut results: Vec<_> = denied
        .into_iter()
        .map(|topic| result(topic.name, ErrorCode::TopicAuthorizationFailed, None))
        .collect();
    let image = broker.image();
    let mut mutations = broker.quotas().mutations(context, REFUSED_SINCE);
    let mut charged = Vec::new();
    let allowed: Vec<_> = allowed
        .into_iter()
        .filter(|topic| match mutations.take(additional(&image, topic)) {
            Permit::Charged(count) => {
                charged.push((topic.name.clone(), count));
                true
            }
            Permit::Refused => {
                let (code, text) = quotas::exceeded();
                results.push(result(topic.name.clone(), code, Some(text)));
                false
            }
        })
        .collect();
    let names: Vec<Str> = allowed.iter().map(|topic| topic.name.clone()).collect();
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
    let has_grown = |name: &Str| results.iter().any(|one| one.name == *name && one.error_code == 0);
    let kept = charged.iter().filter(|(name, _)| !has_grown(name));
    kept.for_each(|(_, count)| mutations.give_back(*count));
    let throttle_time_ms = quotas::millis(mutations.throttled());
    CreatePartitionsResponse { results, throttle_time_ms }
}

fn more(topic: CreatePartitionsTopic) -> MorePartitions {
    MorePartitions {
        name: topic.name,
        count: topic.count,
        assignments: topic.assignments.map(|all| all.into_iter().map(|one| one.broker_ids).collect()),
    }
}

/// What a controller answers that is not the active one: of what it can refuse by itself why, where nothing else is asked.
fn not_grown(
    topics: &[CreatePartitionsTopic],
    is_allowed: impl Fn(&CreatePartitionsTopic) -> bool,
    elsewhere: &AskError,
) -> Vec<CreatePartitionsTopicResult> {
    let mut named = BTreeMap::new();
    for topic in topics {
        named.entry(&topic.name).or_insert((topic, 0)).1 += 1;
    }
    let own = |(topic, times): &(&CreatePartitionsTopic, usize)| {
        let name = topic.name.clone();
        match *times {
            1 if !is_allowed(topic) => Some(result(name, ErrorCode::TopicAuthorizationFailed, None)),
            1 => None,
            _ => {
                let text = CreatePartitionsError::Duplicate.to_string();
                Some(result(name, ErrorCode::InvalidRequest, Some(&text)))
            }
        }
    };
    let own: Option<Vec<_>> = named.values().map(own).collect();
    own.unwrap_or_else(|| {
        let (code, text) = (elsewhere.code(), elsewhere.to_string());
        topics.iter().map(|topic| result(topic.name.clone(), code, Some(&text))).collect()
    })
}

/// How many partitions a topic is to get.
fn additional(image: &Image, topic: &CreatePartitionsTopic) -> usize {
    let current = image.topics().find(&topic.name).map_or(0, |topic| topic.partitions().size());
    usize::try_from(topic.count).unwrap_or(0).saturating_sub(current)
}

fn result(name: Str, error: ErrorCode, message: Option<&str>) -> CreatePartitionsTopicResult {
    CreatePartitionsTopicResult { name, error_code: error.code(), error_message: message.map(Str::from) }
}
