//! `KafkaCluster.status`: what is known of a cluster, and the few things that are decided once and remembered.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::certificate_authority::AuthorityStatus;
use super::changes::{LeavingNode, VoterChangeStatus};
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
    /// How far the authorities are that vouch for nodes and users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_authorities: Vec<AuthorityStatus>,
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
    /// The restart of pods, one after another, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<RollStatus>,
    /// The move of copies to new brokers, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<BalanceStatus>,
    /// The brokers that have their share of the copies; one that is not here is new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub balanced_brokers: Vec<i32>,
    /// The controllers that vote, as far as it was asked: where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voters: Vec<i32>,
    /// The change of who votes, while it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voter_change: Option<VoterChangeStatus>,
    /// Nodes that are not wanted any more, until they are gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leaving: Vec<LeavingNode>,
    /// The settings that were given to all brokers without a restart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dynamic_config: Vec<String>,
}

/// The restart of pods, one after another.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RollStatus {
    /// How many pods are still to be restarted.
    pub pending: i32,
    /// The pod whose turn it is.
    pub pod: String,
    /// Which pod of this name, so that no other one is taken down in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// How far that is.
    pub phase: RollPhase,
    /// Why it is restarted.
    pub reason: String,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// How far a pod's restart is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum RollPhase {
    /// It would hurt now.
    Waiting,
    /// It is safe as far as is known; it is looked at once more before the pod is stopped.
    Chosen,
    /// The pod was told to stop.
    Restarting,
}

/// The move of copies to new brokers.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BalanceStatus {
    /// The new brokers.
    pub brokers: Vec<i32>,
    /// Whether copies are on their way.
    pub phase: BalancePhase,
    /// Partitions that still wait for a copy.
    pub partitions_left: i32,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// How far the move of copies is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum BalancePhase {
    /// It has not begun.
    Waiting,
    /// Copies are on their way.
    Moving,
}

/// The controllers that the cluster began with. Each may write the first voter set once: a node that finds its volume
/// empty later must not, it joins as an observer.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    /// Whether all of them have.
    pub state: BootstrapState,
    /// They, by node id.
    pub controllers: Vec<FirstController>,
}

/// One of the controllers that the cluster began with.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FirstController {
    /// Its node.
    pub node_id: i32,
    /// The id of the directory that its metadata is in; a controller that began alone chose its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub directory_id: Option<String>,
    /// Whether it has begun.
    pub state: BootstrapState,
}

/// How far the bootstrap is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum BootstrapState {
    /// It has not been ready yet.
    Pending,
    /// It was ready once: it writes a voter set from nothing no more.
    Done,
}

/// Where clients of one listener connect.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerStatus {
    /// The listener.
    pub name: String,
    /// Its addresses; none while they are not known.
    #[serde(default)]
    pub addresses: Vec<ListenerAddress>,
    /// The same as one `bootstrap.servers` value.
    #[serde(default)]
    pub bootstrap_servers: String,
    /// The authorities that vouch for it, or its own certificate where it has one, as PEM; none where it is not encrypted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
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
