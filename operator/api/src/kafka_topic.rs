//! `KafkaTopic`: a topic as a manifest, bound to its cluster by the label `klamm.dev/cluster` or by `spec.clusterRef`.

use std::collections::BTreeMap;

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Condition;

/// A topic.
#[derive(CustomResource, KubeSchema, Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "KafkaTopic",
    plural = "kafkatopics",
    shortname = "kkt",
    category = "klamm",
    namespaced,
    derive = "PartialEq",
    doc = "A topic of the KafkaCluster that the label klamm.dev/cluster or spec.clusterRef names.",
    status = "KafkaTopicStatus",
    printcolumn(name = "Cluster", type_ = "string", json_path = ".metadata.labels.klamm\\.dev/cluster"),
    printcolumn(name = "Partitions", type_ = "integer", json_path = ".spec.partitions"),
    printcolumn(name = "Replicas", type_ = "integer", json_path = ".spec.replicas"),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp")
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new(
        "has(self.topicName) == has(oldSelf.topicName) && (!has(self.topicName) || self.topicName == oldSelf.topicName)"
    )
    .message("topicName cannot change: a topic has no other name. Make a new KafkaTopic")
)]
pub struct KafkaTopicSpec {
    /// The topic's name, when it is not that of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 249), regex(pattern = r"^[a-zA-Z0-9._-]{1,249}$"))]
    pub topic_name: Option<String>,
    /// How many partitions; it only grows. The cluster's num.partitions when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub partitions: Option<i32>,
    /// How many copies of each; the cluster's default.replication.factor when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 32767))]
    pub replicas: Option<i32>,
    /// The topic's configuration. What is not named here is the cluster's default, and is set back to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::crds::free_form")]
    pub config: BTreeMap<String, Value>,
    /// The cluster, where a label will not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ref: Option<ClusterRef>,
    /// What deleting this resource does to the topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
    /// With `true` the resource cannot be deleted until this is taken away. Where Kubernetes cannot be told to refuse
    /// that, and where a whole namespace goes, the topic stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deletion_protection: bool,
}

/// Names a cluster. One of another namespace must allow it by `spec.topicNamespaces`, or `spec.userNamespaces`.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRef {
    /// Its name.
    pub name: String,
    /// Its namespace; the resource's own when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// What deleting the resource does.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum DeletionPolicy {
    /// What it stands for in Kafka goes, a topic with its records.
    #[default]
    Delete,
    /// That stays.
    Retain,
}

/// What is known of a topic.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaTopicStatus {
    /// Ready, Warning, Unmanaged, ReconciliationPaused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The topic's name in Kafka.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_name: Option<String>,
    /// The topic's id in Kafka: another one means another topic of the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// The change of the number of copies that goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas_change: Option<ReplicasChange>,
}

/// A change of the number of copies.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplicasChange {
    /// How many copies each partition shall have.
    pub target_replicas: i32,
    /// How far it is.
    pub state: ReplicasChangeState,
    /// What it waits for, or what is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// How far a change of the number of copies is.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReplicasChangeState {
    /// Nothing moves yet.
    Pending,
    /// Copies come or go.
    Ongoing,
}

impl KafkaTopic {
    /// The topic's name in Kafka.
    #[must_use]
    pub fn topic_name(&self) -> &str {
        self.spec.topic_name.as_deref().or(self.metadata.name.as_deref()).unwrap_or_default()
    }
}
