//! Metadata: brokers, topics, partitions, leaders.

use std::{collections::BTreeSet, sync::Arc};

use broker_metadata::{Image, Topic};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        MetadataRequest, MetadataResponse,
        metadata_request::MetadataRequestTopic,
        metadata_response::{MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic},
    },
};
use broker_types::{TopicId, TopicName};

use crate::{
    authorizer::{NOT_ASKED, Operation, Resource},
    broker::Broker,
    context::RequestContext,
    view::{self, View},
};

/// In version 0 an empty list asks for all topics; later, null does.
const NULL_ASKS_FOR_ALL_SINCE: i16 = 1;

/// Since this version topics may be asked for by id.
const IDS_ASK_SINCE: i16 = 12;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: MetadataRequest,
) -> MetadataResponse {
    let by_id = by_id(context.api_version, request.topics.as_deref().unwrap_or_default());
    let wanted = match &request.topics {
        Some(topics) if topics.is_empty() && context.api_version < NULL_ASKS_FOR_ALL_SINCE => None,
        Some(_) if !by_id.is_empty() => Some(by_id.as_slice()),
        other => other.as_deref(),
    };
    broker.settle_suspects().await;
    let image = broker.image();
    let mut not_created = BTreeSet::new();
    if request.allow_auto_topic_creation
        && let Some(topics) = wanted
    {
        not_created = create_missing(broker, context, &image, topics);
    }
    let view = View::new(&image, context.listener.as_str());
    let mut topics: Vec<_> = match wanted {
        None => image
            .topics()
            .by_name()
            .values()
            .filter_map(|id| image.topics().get(*id))
            .filter_map(|topic| {
                let named = Resource::Topic(topic.name().as_str());
                broker.authorizer().sees(context, Operation::Describe, named).then(|| describe(view, topic))
            })
            .collect(),
        Some(topics) => {
            let look_up = |topic| look_up(broker, context, &image, view, topic);
            let mut found: Vec<_> = topics.iter().map(look_up).collect();
            for topic in &mut found {
                if topic.name.as_ref().is_some_and(|name| not_created.contains(name)) && topic.error_code != 0
                {
                    topic.error_code = ErrorCode::TopicAuthorizationFailed.code();
                    topic.is_internal = topic.name.as_deref().is_some_and(view::is_internal);
                }
            }
            // Who is denied comes last, as in Kafka.
            found.sort_by_key(is_denied);
            found
        }
    };
    if request.include_topic_authorized_operations {
        for topic in topics.iter_mut().filter(|topic| !is_denied(topic)) {
            let Some(name) = &topic.name else { continue };
            topic.topic_authorized_operations =
                broker.authorizer().operations(context, Resource::Topic(name));
        }
    }
    MetadataResponse {
        brokers: view.named(broker.id()).into_iter().map(broker_entry).collect(),
        cluster_id: Some(Str::from(broker.cluster_id().as_str())),
        controller_id: broker.id().get(),
        topics,
        cluster_authorized_operations: if request.include_cluster_authorized_operations {
            broker.authorizer().cluster_operations(context)
        } else {
            NOT_ASKED
        },
        ..MetadataResponse::default()
    }
}

/// The topics that are asked for by id, each once. Where there is one, names are not looked at: clients that ask by id
/// write empty ones.
fn by_id(version: i16, topics: &[MetadataRequestTopic]) -> Vec<MetadataRequestTopic> {
    if version < IDS_ASK_SINCE {
        return Vec::new();
    }
    let ids: BTreeSet<_> = topics.iter().filter_map(|topic| TopicId::from_wire(topic.topic_id)).collect();
    let topic = |id: TopicId| MetadataRequestTopic { topic_id: id.uuid(), name: None };
    ids.into_iter().map(topic).collect()
}

fn is_denied(topic: &MetadataResponseTopic) -> bool {
    topic.error_code == ErrorCode::TopicAuthorizationFailed.code()
}

/// Begins to create the topics that are asked for and are not there, with the cluster's defaults. This answer says that
/// they are unknown, and the client asks again. Gives those that the client may see, and not create.
fn create_missing(
    broker: &Arc<Broker>,
    context: &RequestContext,
    image: &Image,
    topics: &[MetadataRequestTopic],
) -> BTreeSet<Str> {
    if !broker.settings().auto_create_topics {
        return BTreeSet::new();
    }
    let missing: Vec<Str> = topics
        .iter()
        .filter_map(|topic| topic.name.clone())
        .filter(|name| image.topics().find(name).is_none())
        .filter(|name| broker.authorizer().sees(context, Operation::Describe, Resource::Topic(name)))
        .collect();
    if missing.is_empty() {
        return BTreeSet::new();
    }
    let may_create_all = broker.authorizer().sees(context, Operation::Create, Resource::Cluster);
    let may_create = |name: &Str| {
        may_create_all || broker.authorizer().allows(context, Operation::Create, Resource::Topic(name))
    };
    let (allowed, denied): (Vec<Str>, Vec<Str>) = missing.into_iter().partition(may_create);
    let created = allowed.into_iter().filter(|name| TopicName::checked(name).is_ok()).collect();
    broker.begin_creation(created);
    denied.into_iter().collect()
}

fn look_up(
    broker: &Broker,
    context: &RequestContext,
    image: &Image,
    view: View<'_>,
    wanted: &MetadataRequestTopic,
) -> MetadataResponseTopic {
    let refused = |error: ErrorCode| MetadataResponseTopic {
        error_code: error.code(),
        name: wanted.name.clone(),
        topic_id: wanted.topic_id,
        ..MetadataResponseTopic::default()
    };
    let found = match &wanted.name {
        Some(name) => {
            if !broker.authorizer().allows(context, Operation::Describe, Resource::Topic(name)) {
                return refused(ErrorCode::TopicAuthorizationFailed);
            }
            if TopicName::checked(name).is_err() {
                return refused(ErrorCode::InvalidTopicException);
            }
            let Some(topic) = image.topics().find(name) else {
                let is_internal = view::is_internal(name);
                return MetadataResponseTopic { is_internal, ..refused(ErrorCode::UnknownTopicOrPartition) };
            };
            Ok(topic)
        }
        None => match TopicId::from_wire(wanted.topic_id).and_then(|id| image.topics().get(id)) {
            None => Err(ErrorCode::UnknownTopicId),
            Some(topic) => {
                let named = Resource::Topic(topic.name().as_str());
                let is_allowed = broker.authorizer().allows(context, Operation::Describe, named);
                is_allowed.then_some(topic).ok_or(ErrorCode::TopicAuthorizationFailed)
            }
        },
    };
    found.map_or_else(refused, |topic| describe(view, topic))
}

fn describe(view: View<'_>, topic: &Topic) -> MetadataResponseTopic {
    let name = topic.name().as_str();
    MetadataResponseTopic {
        error_code: ErrorCode::None.code(),
        name: Some(Str::from(name)),
        topic_id: topic.id().uuid(),
        is_internal: view::is_internal(name),
        partitions: view::partitions(topic)
            .map(|(index, partition)| {
                let leadership = view.leadership(partition);
                MetadataResponsePartition {
                    error_code: leadership.error.code(),
                    partition_index: index.get(),
                    leader_id: leadership.leader,
                    leader_epoch: leadership.epoch,
                    replica_nodes: view::raw(&partition.replicas),
                    isr_nodes: view::raw(&partition.isr),
                    offline_replicas: leadership.offline,
                }
            })
            .collect(),
        topic_authorized_operations: NOT_ASKED,
    }
}

fn broker_entry(address: view::Address) -> MetadataResponseBroker {
    MetadataResponseBroker {
        node_id: address.id.get(),
        host: address.host,
        port: i32::from(address.port),
        rack: address.rack,
    }
}
