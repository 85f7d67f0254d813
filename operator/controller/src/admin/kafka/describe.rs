//! Many topics as they are, by three requests: what there is, what is set, what moves.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use broker_client::{Client, ClientError};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
        describe_configs_response::DescribeConfigsResult,
        list_partition_reassignments_request::ListPartitionReassignmentsRequest,
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        metadata_response::{MetadataResponse, MetadataResponseTopic},
    },
};
use broker_types::TopicId;
use operator_plan::topics::{ObservedPartition, ObservedTopic};

use super::{TOPIC_RESOURCE, Topics, failure};
use crate::admin;

/// A topic as it is, `None` when there is none; or why nobody can tell.
type Described = admin::Described<Topics>;

/// The setting whose value in force is told beside those that are set.
const MIN_IN_SYNC: &str = "min.insync.replicas";
/// How long the controller may take over an answer, in milliseconds.
const TIMEOUT_MS: i32 = 10_000;

/// The source of values that are set on the topic itself, on the wire.
const SET_ON_TOPIC: i8 = 1;

/// The partitions that move, by topic, with the copies that go.
type Moving = HashMap<String, BTreeMap<i32, Vec<i32>>>;

/// The topics in the order of `names`.
pub(super) async fn all(client: &mut Client, names: &[&str]) -> Result<Vec<Described>, ClientError> {
    let metadata = metadata(client, names).await?;
    let known: HashMap<&str, &MetadataResponseTopic> =
        metadata.topics.iter().filter_map(|topic| Some((topic.name.as_ref()?.as_str(), topic))).collect();
    let found: Vec<Str> =
        known.values().filter(|topic| topic.error_code == 0).filter_map(|topic| topic.name.clone()).collect();
    if found.is_empty() {
        return Ok(names.iter().map(|name| nothing(&known, name)).collect());
    }
    let configs = configs(client, &found).await?;
    let moving = moving(client).await?;
    let rack = |rack: &Option<Str>| rack.as_ref().map(ToString::to_string);
    let brokers = metadata.brokers.iter().map(|broker| (broker.node_id, rack(&broker.rack))).collect();
    let brokers: Arc<BTreeMap<_, _>> = Arc::new(brokers);
    let one = |name: &&str| match (known.get(name), configs.get(*name)) {
        (Some(topic), Some(configs)) if topic.error_code == 0 => {
            ClientError::check(configs.error_code, configs.error_message.as_deref()).map_err(failure)?;
            let observed = observed(topic, configs, moving.get(*name));
            Ok(Some(ObservedTopic { brokers: brokers.clone(), ..observed }))
        }
        _ => nothing(&known, name),
    };
    Ok(names.iter().map(one).collect())
}

async fn metadata(client: &mut Client, names: &[&str]) -> Result<MetadataResponse, ClientError> {
    let topic = |name: &&str| MetadataRequestTopic { name: Some(Str::from(*name)), ..Default::default() };
    let request = MetadataRequest {
        topics: Some(names.iter().map(topic).collect()),
        allow_auto_topic_creation: false,
        ..MetadataRequest::default()
    };
    client.any(&request).await
}

/// A topic of which nothing is told: there is none, or the cluster says why.
fn nothing(known: &HashMap<&str, &MetadataResponseTopic>, name: &str) -> Described {
    let code = known.get(name).map_or(0, |topic| topic.error_code);
    if code == 0 || ErrorCode::from_code(code) == Some(ErrorCode::UnknownTopicOrPartition) {
        return Ok(None);
    }
    ClientError::check(code, Some(&format!("topic '{name}'"))).map(|()| None).map_err(failure)
}

async fn configs(
    client: &mut Client,
    names: &[Str],
) -> Result<HashMap<String, DescribeConfigsResult>, ClientError> {
    let resource = |name: &Str| DescribeConfigsResource {
        resource_type: TOPIC_RESOURCE,
        resource_name: name.clone(),
        configuration_keys: None,
    };
    let request = DescribeConfigsRequest {
        resources: names.iter().map(resource).collect(),
        include_synonyms: false,
        include_documentation: false,
    };
    let response = client.any(&request).await?;
    Ok(response.results.into_iter().map(|result| (result.resource_name.to_string(), result)).collect())
}

async fn moving(client: &mut Client) -> Result<Moving, ClientError> {
    let request = ListPartitionReassignmentsRequest {
        timeout_ms: TIMEOUT_MS,
        ..ListPartitionReassignmentsRequest::default()
    };
    let response = client.any(&request).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    let of_topic = response.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter();
        let partitions = partitions.map(|one| (one.partition_index, one.removing_replicas)).collect();
        (topic.name.to_string(), partitions)
    });
    Ok(of_topic.collect())
}

fn observed(
    topic: &MetadataResponseTopic,
    configs: &DescribeConfigsResult,
    moving: Option<&BTreeMap<i32, Vec<i32>>>,
) -> ObservedTopic {
    let mut partitions: Vec<_> = topic.partitions.iter().collect();
    partitions.sort_by_key(|partition| partition.partition_index);
    let partitions = partitions.into_iter().map(|partition| {
        let going = moving.and_then(|moving| moving.get(&partition.partition_index));
        let goes: BTreeSet<_> = going.into_iter().flatten().collect();
        ObservedPartition {
            replicas: partition.replica_nodes.iter().filter(|id| !goes.contains(id)).copied().collect(),
            isr: partition.isr_nodes.clone(),
            is_moving: going.is_some(),
        }
    });
    let text = |value: &Option<Str>| value.as_ref().map(ToString::to_string);
    let min = configs.configs.iter().find(|config| config.name.as_str() == MIN_IN_SYNC);
    let own = configs.configs.iter().filter(|config| config.config_source == SET_ON_TOPIC);
    ObservedTopic {
        id: TopicId::from_wire(topic.topic_id).map(|id| id.to_string()),
        is_internal: topic.is_internal,
        partitions: partitions.collect(),
        config: own.filter_map(|config| Some((config.name.to_string(), text(&config.value)?))).collect(),
        min_in_sync: min.and_then(|config| config.value.as_ref()?.as_str().trim().parse().ok()),
        brokers: Arc::default(),
    }
}
