//! `KafkaUser`: a user as a manifest, bound to its cluster by the label `klamm.dev/cluster` or by `spec.clusterRef`.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    acl::AclRule,
    authentication::{UserAuthentication, UserAuthenticationType},
};
use crate::{ClusterRef, Condition, DeletionPolicy, ResourceTemplate};

/// A user.
#[derive(CustomResource, KubeSchema, Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
#[kube(
    group = "klamm.dev",
    version = "v1alpha1",
    kind = "KafkaUser",
    plural = "kafkausers",
    shortname = "kku",
    category = "klamm",
    namespaced,
    derive = "PartialEq",
    doc = "A user of the KafkaCluster that the label klamm.dev/cluster or spec.clusterRef names.",
    status = "KafkaUserStatus",
    printcolumn(name = "Cluster", type_ = "string", json_path = ".metadata.labels.klamm\\.dev/cluster"),
    printcolumn(name = "Authentication", type_ = "string", json_path = ".spec.authentication.type"),
    printcolumn(name = "Authorization", type_ = "string", json_path = ".spec.authorization.type"),
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
pub struct KafkaUserSpec {
    /// How the user says who it is. Without it nothing proves it, and no Secret is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<UserAuthentication>,
    /// What the user may do; nothing where the cluster looks, when this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<UserAuthorization>,
    /// What the user may use; no quota of its own when this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<UserQuotas>,
    /// Additions to the user's Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<UserTemplate>,
    /// The cluster, where a label will not do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ref: Option<ClusterRef>,
    /// What deleting this resource does to the user in Kafka: its ACLs, quotas and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_policy: Option<DeletionPolicy>,
}

/// What a user may do.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserAuthorization {
    /// By what it is decided.
    #[serde(rename = "type")]
    pub kind: UserAuthorizationType,
    /// All of the user's ACLs: others that Kafka has of it are taken away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub acls: Vec<AclRule>,
}

/// By what it is decided what a user may do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UserAuthorizationType {
    /// By Kafka's ACLs.
    Simple,
}

/// What a user may use on each broker, whatever its client id.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserQuotas {
    /// Bytes a second that it may produce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub producer_byte_rate: Option<i64>,
    /// Bytes a second that it may fetch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub consumer_byte_rate: Option<i64>,
    /// Time of the brokers' threads, in percent of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub request_percentage: Option<i32>,
    /// Partitions that it may create and delete a second, in the whole cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub controller_mutation_rate: Option<f64>,
}

/// Additions to what is made for a user.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserTemplate {
    /// To its Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<ResourceTemplate>,
}

/// What is known of a user.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaUserStatus {
    /// Ready, Warning, Unmanaged, ReconciliationPaused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// The generation that this status is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The user's name in Kafka: what brokers, ACLs and quotas call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The Secret with what the user needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

impl KafkaUser {
    /// How the user says who it is, where it does.
    #[must_use]
    pub fn authentication(&self) -> Option<UserAuthenticationType> {
        self.spec.authentication.as_ref().map(|authentication| authentication.kind)
    }

    /// The user's name in Kafka, as brokers see it.
    #[must_use]
    pub fn username(&self) -> String {
        let name = self.metadata.name.as_deref().unwrap_or_default();
        match self.authentication() {
            Some(UserAuthenticationType::Tls | UserAuthenticationType::TlsExternal) => format!("CN={name}"),
            Some(UserAuthenticationType::ScramSha512) | None => name.to_owned(),
        }
    }
}
