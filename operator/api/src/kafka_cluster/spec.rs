//! `KafkaCluster`: what a user states of a cluster.

use std::collections::BTreeSet;

use kube::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

use super::{
    certificate_authority::CertificateAuthority, kafka::KafkaSpec, sizing::Sizing, status::KafkaClusterStatus,
};
use crate::Storage;

/// A Kafka cluster.
#[derive(CustomResource, KubeSchema, Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "KafkaCluster",
    plural = "kafkaclusters",
    shortname = "kkc",
    category = "klamm",
    namespaced,
    derive = "PartialEq",
    doc = "A Kafka cluster. Its nodes are those of its KafkaNodePools, or one node with both roles when it has none.",
    status = "KafkaClusterStatus",
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Reason", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Version", type_ = "string", json_path = ".status.version"),
    printcolumn(name = "Kafka", type_ = "string", json_path = ".status.kafkaVersion"),
    printcolumn(name = "Warnings", type_ = "string", json_path = ".status.conditions[?(@.type==\"Warning\")].reason"),
    printcolumn(name = "Bootstrap", type_ = "string", json_path = ".status.listeners[0].bootstrapServers", priority = 1),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    validation = Rule::new("self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 40")
        .message("a cluster's name is part of its Services' names: at most 40 of a-z, 0-9 and -, a letter first")
)]
#[serde(rename_all = "camelCase")]
pub struct KafkaClusterSpec {
    /// The Klamm release that the brokers run. Taken from the operator at creation and changed only here, so that a
    /// newer operator restarts nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 60), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"))]
    pub version: Option<String>,
    /// What the brokers speak and how they are set up.
    #[serde(default)]
    pub kafka: KafkaSpec,
    /// Storage of the default node, for a cluster without KafkaNodePools; a claim of 10Gi when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// The load to size for; the recommendation is shown in the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sizing: Option<Sizing>,
    /// Who vouches for the nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ca: Option<CertificateAuthority>,
    /// Who vouches for users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clients_ca: Option<CertificateAuthority>,
    /// When certificates that near their end may be replaced: cron expressions of six fields from seconds to the day of
    /// the week, in UTC; at any time when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub maintenance_time_windows: Vec<String>,
    /// Other namespaces whose KafkaTopics may name this cluster; `*` for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topic_namespaces: Vec<String>,
    /// Other namespaces whose KafkaUsers may name this cluster; `*` for all. Whoever may make KafkaUsers there may give any
    /// right on the cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub user_namespaces: Vec<String>,
    /// Settings that KafkaTopics of this cluster may have; all when not given. Others stay on the topics as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 100))]
    pub topic_config_keys: Option<BTreeSet<String>>,
}
