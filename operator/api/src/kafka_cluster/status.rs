//! `KafkaCluster.status`: what is known of a cluster, and the few things that are decided once and remembered.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Condition;

/// What is known of a cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaClusterStatus {
    /// Ready, Warning, Quiesced, ReconciliationPaused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The Klamm release of the brokers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The Kafka level that they speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_version: Option<String>,
    /// The level of the metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kafka_metadata_version: Option<String>,
    /// The id of the Kafka cluster, decided once, before the first object is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// Who may write the first voter set, and whether that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<Bootstrap>,
    /// Where clients connect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listeners: Vec<ListenerStatus>,
    /// The pools that the cluster is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kafka_node_pools: Vec<PoolName>,
    /// Memory and CPU of each pool's nodes, and how they were derived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<PoolResources>,
    /// How many open files the system grants to a node: the fewest among the nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub open_files_min: Option<i64>,
    /// The recommended size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizing: Option<SizingStatus>,
}

/// Who may write the first voter set. A node that finds its volume empty later must not: it joins as an observer.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    /// The node that may.
    pub node_id: i32,
    /// Whether it has.
    pub state: BootstrapState,
}

/// How far the bootstrap is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum BootstrapState {
    /// The node has not been ready yet.
    Pending,
    /// It was ready once: nobody writes a voter set from nothing any more.
    Done,
}

/// Where clients of one listener connect.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    /// The listener.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<ListenerAddress>,
    /// The same as one `bootstrap.servers` value.
    pub bootstrap_servers: String,
}

/// One address.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerAddress {
    /// The host.
    pub host: String,
    /// The port.
    pub port: i32,
}

/// Names a pool.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolName {
    /// Its name.
    pub name: String,
}

/// Memory and CPU of one pool's nodes.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolResources {
    /// The pool.
    pub pool: String,
    /// What is requested for each node.
    pub requests: BTreeMap<String, Quantity>,
    /// What each node is limited to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
    /// How these figures came about.
    pub because: Vec<String>,
}

/// The recommended size.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SizingStatus {
    /// Brokers to have.
    pub recommended_replicas: i64,
    /// Disk of each.
    pub recommended_volume_size: String,
    /// Memory of each.
    pub recommended_memory: String,
    /// What decides the number of brokers.
    pub binding: String,
    /// Whether the cluster as it is stated carries the load.
    pub satisfied: bool,
    /// The arithmetic, step by step.
    pub steps: Vec<String>,
}
