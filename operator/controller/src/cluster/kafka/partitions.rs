//! What the brokers say of all partitions.

use std::collections::BTreeMap;

use broker_client::{Client, ClientError};
use broker_protocol::{
    Str,
    messages::{
        DescribeConfigsRequest, ListPartitionReassignmentsRequest,
        describe_configs_request::DescribeConfigsResource, describe_configs_response::DescribeConfigsResult,
        metadata_response::MetadataResponse,
    },
};
use broker_types::BrokerId;
use operator_plan::kafka::PartitionState;

/// What a topic has whose settings say nothing.
const MIN_ISR: &str = "min.insync.replicas";
/// The code of topics in DescribeConfigs.
const TOPIC_RESOURCE: i8 = 2;

/// All partitions of `metadata`.
pub(super) async fn all(
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
    let value = |result: &DescribeConfigsResult| {
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
