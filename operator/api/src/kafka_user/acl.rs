//! `spec.authorization.acls` of a user. Field names are Strimzi's.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a user may or may not do with what: one ACL for each operation.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AclRule {
    /// Whether that is allowed or denied; `allow` when not given.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub permission: Option<AclPermission>,
    /// With what.
    pub resource: AclResource,
    /// From which address; `*`, from anywhere, when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub host: Option<String>,
    /// What.
    #[schemars(length(min = 1, max = 11))]
    pub operations: Vec<AclOperation>,
}

/// Whether something is allowed or denied.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AclPermission {
    /// It is allowed.
    #[default]
    Allow,
    /// It is denied, whatever else allows it.
    Deny,
}

/// What an ACL is about.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.type == 'cluster' || has(self.name)").message("a topic, a group or a transactional id has a name"),
    validation = Rule::new("self.type != 'cluster' || (!has(self.name) && !has(self.patternType))").message("there is one cluster: it has no name and no pattern")
)]
pub struct AclResource {
    /// The kind of resource.
    #[serde(rename = "type")]
    pub kind: AclResourceType,
    /// Its name, or how its name begins; `*` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1000))]
    pub name: Option<String>,
    /// Whether that is a name or how names begin; `literal` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern_type: Option<AclPatternType>,
}

/// The kinds of resources.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AclResourceType {
    /// A topic.
    Topic,
    /// A group of consumers.
    Group,
    /// The cluster as a whole.
    Cluster,
    /// A transactional id.
    TransactionalId,
}

/// How names are compared.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AclPatternType {
    /// The name itself.
    #[default]
    Literal,
    /// All names that begin so.
    Prefix,
}

/// What is done.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum AclOperation {
    /// Read records, be a group's member.
    Read,
    /// Write records.
    Write,
    /// Create topics.
    Create,
    /// Delete topics, records, groups.
    Delete,
    /// Change partitions, ACLs, the cluster.
    Alter,
    /// See that something is there, and what it is.
    Describe,
    /// What brokers do among themselves.
    ClusterAction,
    /// Change configs.
    AlterConfigs,
    /// Read configs.
    DescribeConfigs,
    /// Be an idempotent producer.
    IdempotentWrite,
    /// Everything.
    All,
}
