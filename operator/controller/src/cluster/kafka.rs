//! Asks the brokers of a cluster what a decision needs to know, and has them do what only they can.

use std::{collections::BTreeMap, time::Duration};

use broker_client::{
    Client, ClientError, Options,
    admin::configs::{ConfigChange, ConfigResource, ConfigSource},
};
use broker_protocol::{
    Str,
    messages::{
        DescribeConfigsRequest, DescribeQuorumRequest, ListPartitionReassignmentsRequest,
        alter_partition_reassignments_request::{
            AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
        },
        describe_configs_request::DescribeConfigsResource,
        describe_quorum_request::{PartitionData, TopicData},
        metadata_response::MetadataResponse,
    },
};
use broker_types::BrokerId;
use kube::ResourceExt as _;
use operator_api::KafkaCluster;
use operator_plan::{
    kafka::{Ask, Kafka, KafkaState, PartitionState, QuorumState},
    names::{Names, OPERATOR_PORT},
    plan::Move,
};

use crate::{context::Context, error::ReconcileError};

/// The longest wait for a connection or one answer: while it waits, the cluster is not looked after.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long the brokers may take to begin a reassignment, in milliseconds.
const REASSIGN_TIMEOUT_MS: i32 = 10_000;
/// The metadata log, as DescribeQuorum calls it.
const METADATA_TOPIC: &str = "__cluster_metadata";
/// What a topic has whose settings say nothing.
const MIN_ISR: &str = "min.insync.replicas";
/// The code of topics in DescribeConfigs.
const TOPIC_RESOURCE: i8 = 2;

/// Asks for `asked`.
pub(super) async fn ask(context: &Context, cluster: &KafkaCluster, asked: Ask) -> Kafka {
    let told = async {
        let mut client = connect(context, cluster).await?;
        let mut state = KafkaState { settings: settings(&mut client).await?, ..KafkaState::default() };
        if asked >= Ask::Partitions {
            let metadata = client.metadata(None).await?;
            state.brokers = brokers(&metadata);
            state.partitions = partitions(&mut client, &metadata).await?;
            state.quorum = quorum(&mut client).await?;
        }
        Ok::<_, ClientError>(state)
    };
    Kafka { asked, told: told.await.map_err(|error| error.to_string()) }
}

async fn connect(context: &Context, cluster: &KafkaCluster) -> Result<Client, ClientError> {
    let namespace = cluster.namespace().unwrap_or_default();
    let names = Names::new(&cluster.name_any(), &namespace, &context.settings.cluster_domain);
    let options =
        Options { client_id: "klamm-operator".to_owned(), patience: PATIENCE, ..Options::default() };
    Client::connect(&format!("{}:{OPERATOR_PORT}", names.bootstrap_host()), options).await
}

async fn settings(client: &mut Client) -> Result<BTreeMap<String, String>, ClientError> {
    let entries = client.describe_configs(&ConfigResource::BrokerDefault).await?;
    let dynamic = entries.into_iter().filter(|entry| entry.source == ConfigSource::DynamicDefaultBroker);
    Ok(dynamic.filter_map(|entry| Some((entry.name, entry.value?))).collect())
}

fn brokers(metadata: &MetadataResponse) -> BTreeMap<i32, Option<String>> {
    let rack = |rack: &Option<Str>| rack.as_ref().map(ToString::to_string);
    metadata.brokers.iter().map(|broker| (broker.node_id, rack(&broker.rack))).collect()
}

async fn partitions(
    client: &mut Client,
    metadata: &MetadataResponse,
) -> Result<Vec<PartitionState>, ClientError> {
    let names: Vec<_> = metadata.topics.iter().filter_map(|topic| topic.name.clone()).collect();
    let min_isr = min_isr(client, &names).await?;
    let mut all = Vec::new();
    for topic in &metadata.topics {
        let Some(name) = &topic.name else { continue };
        let said = format!("topic '{name}'");
        ClientError::check(topic.error_code, Some(&said))?;
        // What cannot be learned is taken for what would forbid most.
        let min_isr = min_isr.get(&name.to_string()).copied();
        all.extend(topic.partitions.iter().map(|partition| PartitionState {
            topic: name.to_string(),
            index: partition.partition_index,
            leader: BrokerId::from_wire(partition.leader_id).map(|id| id.get()),
            replicas: partition.replica_nodes.clone(),
            isr: partition.isr_nodes.clone(),
            min_isr: min_isr.unwrap_or_else(|| partition.replica_nodes.len().saturating_sub(1).max(1)),
            ..PartitionState::default()
        }));
    }
    moving(client, &mut all).await?;
    Ok(all)
}

/// `min.insync.replicas` of each topic.
async fn min_isr(client: &mut Client, names: &[Str]) -> Result<BTreeMap<String, usize>, ClientError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let resource = |name: &Str| DescribeConfigsResource {
        resource_type: TOPIC_RESOURCE,
        resource_name: name.clone(),
        configuration_keys: Some(vec![Str::from(MIN_ISR)]),
    };
    let request = DescribeConfigsRequest {
        resources: names.iter().map(resource).collect(),
        include_synonyms: false,
        include_documentation: false,
    };
    let response = client.any(&request).await?;
    let value = |result: &broker_protocol::messages::describe_configs_response::DescribeConfigsResult| {
        let entry = result.configs.iter().find(|config| config.name.as_str() == MIN_ISR)?;
        Some((result.resource_name.to_string(), entry.value.as_ref()?.as_str().trim().parse().ok()?))
    };
    Ok(response.results.iter().filter_map(value).collect())
}

/// Fills in which copies come and go.
async fn moving(client: &mut Client, all: &mut [PartitionState]) -> Result<(), ClientError> {
    let response = client.any(&ListPartitionReassignmentsRequest::default()).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    for topic in &response.topics {
        for ongoing in &topic.partitions {
            let is_it = |one: &&mut PartitionState| {
                one.topic == topic.name.as_str() && one.index == ongoing.partition_index
            };
            if let Some(partition) = all.iter_mut().find(is_it) {
                partition.adding.clone_from(&ongoing.adding_replicas);
                partition.removing.clone_from(&ongoing.removing_replicas);
            }
        }
    }
    Ok(())
}

async fn quorum(client: &mut Client) -> Result<QuorumState, ClientError> {
    let partitions = vec![PartitionData { partition_index: 0 }];
    let topics = vec![TopicData { topic_name: Str::from(METADATA_TOPIC), partitions }];
    let response = client.any(&DescribeQuorumRequest { topics }).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    let Some(partition) = response.topics.first().and_then(|topic| topic.partitions.first()) else {
        return Ok(QuorumState::default());
    };
    ClientError::check(partition.error_code, partition.error_message.as_deref())?;
    let caught_up = |millis: i64| (millis >= 0).then_some(millis);
    let voters = partition.current_voters.iter();
    Ok(QuorumState {
        leader: BrokerId::from_wire(partition.leader_id).map(|id| id.get()),
        voters: voters.map(|voter| (voter.replica_id, caught_up(voter.last_caught_up_timestamp))).collect(),
    })
}

/// Changes settings of all brokers.
pub(super) async fn alter_settings(
    context: &Context,
    cluster: &KafkaCluster,
    set: &BTreeMap<String, String>,
    unset: &[String],
) -> Result<(), ReconcileError> {
    let set = set.iter().map(|(key, value)| ConfigChange::Set(key.clone(), value.clone()));
    let changes: Vec<_> = set.chain(unset.iter().map(|key| ConfigChange::Delete(key.clone()))).collect();
    let altered = async {
        connect(context, cluster).await?.alter_configs(&ConfigResource::BrokerDefault, &changes).await
    };
    altered.await.map_err(ReconcileError::kafka("changing settings of all brokers"))
}

/// Has copies of partitions moved.
pub(super) async fn reassign(
    context: &Context,
    cluster: &KafkaCluster,
    moves: &[Move],
) -> Result<(), ReconcileError> {
    let mut topics: BTreeMap<&str, Vec<ReassignablePartition>> = BTreeMap::new();
    for moved in moves {
        topics.entry(&moved.topic).or_default().push(ReassignablePartition {
            partition_index: moved.index,
            replicas: Some(moved.replicas.clone()),
        });
    }
    let topic = |(name, partitions): (&str, Vec<ReassignablePartition>)| ReassignableTopic {
        name: Str::from(name),
        partitions,
    };
    let request = AlterPartitionReassignmentsRequest {
        timeout_ms: REASSIGN_TIMEOUT_MS,
        topics: topics.into_iter().map(topic).collect(),
        ..AlterPartitionReassignmentsRequest::default()
    };
    let begun = async {
        let response = connect(context, cluster).await?.any(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let mut partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.try_for_each(|one| ClientError::check(one.error_code, one.error_message.as_deref()))
    };
    begun.await.map_err(ReconcileError::kafka("moving copies to new brokers"))
}
