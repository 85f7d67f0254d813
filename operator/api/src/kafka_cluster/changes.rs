//! Nodes that come and go: what `KafkaCluster.status` says of it while it goes on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of who votes in the quorum of controllers (KIP-853): one at a time.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VoterChangeStatus {
    /// Whose vote it is.
    pub node_id: i32,
    /// Its pod.
    pub pod: String,
    /// What is to become of it.
    pub change: VoterChange,
    /// Why.
    pub reason: String,
    /// What it waits for; nothing when the quorum was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// What becomes of a controller's vote.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum VoterChange {
    /// It gets one.
    Add,
    /// It loses it.
    Remove,
}

/// A node that is not wanted any more.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LeavingNode {
    /// The node.
    pub node_id: i32,
    /// Its pool.
    pub pool: String,
    /// How far it is.
    pub phase: LeavingPhase,
    /// Partitions that it still has a copy of.
    #[serde(default)]
    pub partitions_left: i32,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
}

/// How far a node is on its way out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
pub enum LeavingPhase {
    /// Nothing was done yet.
    Waiting,
    /// It gets no new copies, and those that it has move to other brokers.
    Draining,
    /// It holds nothing; its vote in the quorum goes next.
    Unvoting,
    /// Its pod stops; then the cluster forgets the broker, and its claims go where they are to go with their node.
    Stopping,
}
