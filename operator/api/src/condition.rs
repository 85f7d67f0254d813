//! Conditions: what `kubectl wait --for=condition=…` and people read.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One aspect of an object's state, in the shape of Kubernetes' own conditions.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which aspect.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// A word in CamelCase for programs.
    pub reason: String,
    /// A sentence for people: what is wrong and what to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// When `status` last changed.
    pub last_transition_time: Time,
    /// The `metadata.generation` that this was found for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}

/// The aspects there are.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
pub enum ConditionType {
    /// The object is what its spec says and serves.
    Ready,
    /// Something in the spec is doubtful or has no effect; several may stand side by side.
    Warning,
    /// Nothing is left to do.
    Quiesced,
    /// The pause annotation is set: nothing is done.
    ReconciliationPaused,
    /// The topic or user is marked as not managed: nothing is done.
    Unmanaged,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Nobody can tell now.
    Unknown,
}

impl Condition {
    /// The condition of `kind` among `conditions`.
    #[must_use]
    pub fn find(conditions: &[Self], kind: ConditionType) -> Option<&Self> {
        conditions.iter().find(|condition| condition.kind == kind)
    }
}
