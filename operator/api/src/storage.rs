//! Where a node keeps its data.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Storage of every node of a pool.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.type != 'persistent-claim' || has(self.size)")
        .message("type persistent-claim needs a size"),
    validation = Rule::new("(self.type == 'jbod') == has(self.volumes)")
        .message("volumes belong to type jbod, which needs them"),
    validation = Rule::new("self.type != 'jbod' || !(has(self.size) || has(self.class) || has(self.sizeLimit))")
        .message("with type jbod, sizes and classes are stated on the volumes")
)]
pub struct Storage {
    /// `ephemeral` (dies with the pod), `persistent-claim` (one volume) or `jbod` (several).
    #[serde(rename = "type")]
    pub kind: StorageType,
    /// Size of the volume claim, such as 100Gi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k|m)?$"))]
    pub size: Option<String>,
    /// The StorageClass; the cluster's default when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Labels that a volume must have to be bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<BTreeMap<String, String>>,
    /// Whether the claim is deleted with the KafkaCluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_claim: Option<bool>,
    /// The most that ephemeral storage may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k|m)?$"))]
    pub size_limit: Option<String>,
    /// The volumes of type jbod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32))]
    #[x_kube(validation = Rule::new("self.all(v, self.exists_one(w, w.id == v.id))").message("volume ids must differ"))]
    pub volumes: Option<Vec<Volume>>,
}

/// The kinds of storage.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StorageType {
    /// An emptyDir.
    Ephemeral,
    /// One claimed volume.
    PersistentClaim,
    /// Several volumes, each a log directory of its own.
    Jbod,
}

/// One volume of several.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.type != 'persistent-claim' || has(self.size)")
        .message("type persistent-claim needs a size")
)]
pub struct Volume {
    /// Its number, part of the claim's name: never given to another volume.
    #[schemars(range(min = 0, max = 999))]
    pub id: i32,
    /// `ephemeral` or `persistent-claim`.
    #[serde(rename = "type")]
    pub kind: VolumeType,
    /// Size of the volume claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k|m)?$"))]
    pub size: Option<String>,
    /// The StorageClass; the cluster's default when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Labels that a volume must have to be bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<BTreeMap<String, String>>,
    /// Whether the claim is deleted with the KafkaCluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_claim: Option<bool>,
    /// The most that ephemeral storage may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([KMGTPE]i?|k|m)?$"))]
    pub size_limit: Option<String>,
    /// `shared`: the metadata log is on this volume. The volume with the lowest id when none says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kraft_metadata: Option<KraftMetadata>,
}

/// The kinds of one volume.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VolumeType {
    /// An emptyDir.
    Ephemeral,
    /// A claimed volume.
    PersistentClaim,
}

/// Whether a volume holds the metadata log.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KraftMetadata {
    /// It does, beside partitions.
    Shared,
}
