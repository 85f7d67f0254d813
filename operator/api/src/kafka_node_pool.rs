//! `KafkaNodePool`: nodes of one kind, bound to a `KafkaCluster` by the label `klamm.dev/cluster`.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Condition, PodTemplate, ResourceTemplate, Storage};

/// Nodes of one kind.
#[derive(CustomResource, KubeSchema, Clone, Debug, Serialize, Deserialize, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "KafkaNodePool",
    plural = "kafkanodepools",
    shortname = "kknp",
    category = "klamm",
    namespaced,
    derive = "PartialEq",
    doc = "Nodes of one kind, of the KafkaCluster that the label klamm.dev/cluster names.",
    status = "KafkaNodePoolStatus",
    scale(
        spec_replicas_path = ".spec.replicas",
        status_replicas_path = ".status.replicas",
        label_selector_path = ".status.labelSelector"
    ),
    printcolumn(name = "Cluster", type_ = "string", json_path = ".metadata.labels.klamm\\.dev/cluster"),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".spec.replicas"),
    printcolumn(name = "Roles", type_ = "string", json_path = ".spec.roles"),
    printcolumn(name = "NodeIds", type_ = "string", json_path = ".status.nodeIds"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 30")
        .message("a pool's name is part of its pods' names: at most 30 of a-z, 0-9 and -")
)]
#[serde(rename_all = "camelCase")]
pub struct KafkaNodePoolSpec {
    /// How many nodes.
    #[schemars(range(min = 0, max = 1000))]
    pub replicas: i32,
    /// What the nodes do: `controller`, `broker` or both.
    #[schemars(length(min = 1, max = 2))]
    #[x_kube(validation = Rule::new("self.all(r, self.exists_one(s, s == r))").message("roles must differ"))]
    pub roles: Vec<Role>,
    /// Where each node keeps its data.
    pub storage: Storage,
    /// Memory and CPU of each node; what is not stated is derived and shown in the cluster's status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Additions to the objects of this pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<PoolTemplate>,
}

/// Additions to the objects of a pool. They replace those of the cluster's template, as a whole and kind by kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PoolTemplate {
    /// To its pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodTemplate>,
    /// To its volume claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<ResourceTemplate>,
}

/// What a node does.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It votes on the metadata.
    Controller,
    /// It holds partitions and serves clients.
    Broker,
}

/// Requests and limits of a container.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// What the scheduler sets aside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, Quantity>,
    /// What is never exceeded.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, Quantity>,
}

/// What is known of a pool.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaNodePoolStatus {
    /// Ready, Warning.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The ids of its nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_ids: Vec<i32>,
    /// The id of the Kafka cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// What its nodes do now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Role>,
    /// How many nodes there are; for the scale subresource.
    #[serde(default)]
    pub replicas: i32,
    /// Selects its pods; for the scale subresource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_selector: Option<String>,
}
