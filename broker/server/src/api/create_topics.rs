//! CreateTopics: through the controller; answered when the topics' logs are there.

use std::{collections::BTreeMap, sync::Arc};

use broker_config::{Texts, describe};
use broker_controller::{CreateTopicError, CreateTopics, CreatedTopic, NewTopic, Request, Response};
use broker_log::METADATA_TOPIC;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreateTopicsRequest, CreateTopicsResponse,
        create_topics_request::CreatableTopic,
        create_topics_response::{CreatableTopicConfigs, CreatableTopicResult},
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
const REFUSED_SINCE: i16 = 6;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    if !broker.authorizer().is_ready_for(context) {
        let topics = request.topics.into_iter().map(|topic| refused(topic.name, NOT_READY, None)).collect();
        return CreateTopicsResponse { topics, ..CreateTopicsResponse::default() };
    }
    let may_create_all = broker.authorizer().sees(context, Operation::Create, Resource::Cluster);
    let allowed = |topic: &CreatableTopic| {
        may_create_all || broker.authorizer().allows(context, Operation::Create, Resource::Topic(&topic.name))
    };
    if let Some(elsewhere) = forward::elsewhere(broker, context) {
        let topics = not_made(&request.topics, allowed, &elsewhere);
        return CreateTopicsResponse { topics, ..CreateTopicsResponse::default() };
    }
    let (allowed, denied): (Vec<_>, Vec<_>) = request.topics.into_iter().partition(allowed);
    let denied = denied
        .into_iter()
        .map(|topic| refused(topic.name, ErrorCode::TopicAuthorizationFailed, Some("Authorization failed.")));
    let mut results = Vec::new();
    let mut mutations = broker.quotas().mutations(context, REFUSED_SINCE);
    let mut charged = BTreeMap::new();
    let allowed: Vec<_> = allowed
        .into_iter()
        .filter(|topic| match mutations.take(partitions(broker, topic)) {
            Permit::Charged(count) => {
                *charged.entry(topic.name.clone()).or_insert(0) += count;
                true
            }
            Permit::Refused => {
                let (code, text) = quotas::exceeded();
                results.push(refused(topic.name.clone(), code, Some(text)));
                false
            }
        })
        .collect();
    let names: Vec<Str> = allowed.iter().map(|topic| topic.name.clone()).collect();
    let wanted: BTreeMap<Str, Texts> =
        allowed.iter().map(|topic| (topic.name.clone(), overrides(topic))).collect();
    let effective = |name: &Str| {
        let may_see = broker.authorizer().sees(context, Operation::DescribeConfigs, Resource::Topic(name));
        may_see.then(|| configs(broker, wanted.get(name)))
    };
    let create = Request::CreateTopics(CreateTopics {
        topics: allowed.into_iter().map(domain).collect(),
        validate_only: request.validate_only,
    });
    match broker.quorum().ask(create, request.timeout_ms).await {
        Ok(Response::CreateTopics(created)) => {
            results.extend(created.into_iter().map(|(name, result)| answer(name, result, &effective)));
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
    let is_made = |name: &Str| results.iter().any(|one| one.name == *name && one.error_code == 0);
    let unmade = charged.iter().filter(|(name, _)| !is_made(name));
    unmade.for_each(|(_, count)| mutations.give_back(*count));
    results.extend(denied);
    let throttle_time_ms = quotas::millis(mutations.throttled());
    CreateTopicsResponse { topics: results, throttle_time_ms }
}

/// What a controller answers that is not the active one: of what it can refuse by itself why, where nothing else is asked.
fn not_made(
    topics: &[CreatableTopic],
    allowed: impl Fn(&CreatableTopic) -> bool,
    elsewhere: &AskError,
) -> Vec<CreatableTopicResult> {
    let mut named = BTreeMap::new();
    for topic in topics {
        named.entry(&topic.name).or_insert((topic, 0)).1 += 1;
    }
    let own = |(topic, times): &(&CreatableTopic, usize)| {
        let (code, text) = match *times {
            1 if topic.name.as_str() == METADATA_TOPIC => {
                (ErrorCode::InvalidRequest, CreateTopicError::MetadataTopic.to_string())
            }
            1 if !allowed(topic) => (ErrorCode::TopicAuthorizationFailed, "Authorization failed.".to_owned()),
            1 => return None,
            _ => (ErrorCode::InvalidRequest, CreateTopicError::Duplicate.to_string()),
        };
        Some(refused(topic.name.clone(), code, Some(&text)))
    };
    let own: Option<Vec<_>> = named.values().map(own).collect();
    own.unwrap_or_else(|| {
        let (code, text) = (elsewhere.code(), elsewhere.to_string());
        topics.iter().map(|topic| refused(topic.name.clone(), code, Some(&text))).collect()
    })
}

/// How many partitions a topic is to have.
fn partitions(broker: &Broker, topic: &CreatableTopic) -> usize {
    match topic.num_partitions {
        -1 if topic.assignments.is_empty() => {
            usize::try_from(broker.settings().config.log.partitions_default).unwrap_or(0)
        }
        -1 => topic.assignments.len(),
        count => usize::try_from(count).unwrap_or(0),
    }
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

/// What the request sets for a topic.
fn overrides(topic: &CreatableTopic) -> Texts {
    let set = topic
        .configs
        .iter()
        .filter_map(|config| Some((config.name.to_string(), config.value.as_ref()?.to_string())));
    set.collect()
}

/// What holds for the new topic: not read from its metadata, as a topic that is only validated has none.
fn configs(broker: &Broker, overrides: Option<&Texts>) -> Vec<CreatableTopicConfigs> {
    let dynamic = broker.configs().dynamic(&broker.image());
    let none = Texts::new();
    let entries = describe::topic(&broker.configs().layers(&dynamic), overrides.unwrap_or(&none));
    let on_wire = |entry: describe::Entry| CreatableTopicConfigs {
        name: Str::from(entry.name),
        value: entry.value.map(Str::from),
        read_only: entry.is_read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.is_sensitive,
    };
    entries.into_iter().map(on_wire).collect()
}

fn answer(
    name: Str,
    result: Result<CreatedTopic, CreateTopicError>,
    effective: &dyn Fn(&Str) -> Option<Vec<CreatableTopicConfigs>>,
) -> CreatableTopicResult {
    let created = match result {
        Ok(created) => created,
        Err(error) => return refused(name, error.code(), Some(&error.to_string())),
    };
    let Some(configs) = effective(&name) else {
        return CreatableTopicResult {
            topic_config_error_code: ErrorCode::TopicAuthorizationFailed.code(),
            topic_id: created.id.uuid(),
            error_message: None,
            ..refused(name, ErrorCode::None, None)
        };
    };
    CreatableTopicResult {
        name,
        error_message: None,
        topic_id: created.id.uuid(),
        num_partitions: i32::try_from(created.partitions).unwrap_or(i32::MAX),
        replication_factor: i16::try_from(created.replication_factor).unwrap_or(i16::MAX),
        configs: Some(configs),
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
