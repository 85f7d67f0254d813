//! `spec.sizing`: the load to size for. Quantities are text as people say them: `300Mi/s`, `1Gb/s`, `2Ti`, `14d`.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The load to size for, and what one node can do.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("(has(self.mode) && self.mode == 'Off') || has(self.ingress) || has(self.messages)")
        .message("sizing needs ingress (a rate) or messages (a count a day and a size)")
)]
pub struct Sizing {
    /// `Off`, or `Recommend` (the default): compute and show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<SizingMode>,
    /// How fast producers write, before replication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress: Option<Ingress>,
    /// The same said as messages a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Messages>,
    /// How many consumers read everything that is written; 1 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub fan_out: Option<u16>,
    /// Copies of every record; 3 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub replication_factor: Option<u16>,
    /// How long records are kept; 7d when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d|w)$"))]
    pub retention: Option<String>,
    /// Stored bytes for each byte written by producers: 1 when they compress already, or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 1.0))]
    pub compression_ratio: Option<f64>,
    /// Bytes of index for each byte of log; 0.1 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub index_overhead: Option<f64>,
    /// Partitions of all topics, without their copies; 1,000 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub partitions: Option<u32>,
    /// Client connections to the whole cluster; 1,000 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub connections: Option<u32>,
    /// How many nodes may be lost with the load still carried; 1 when not given (0 for one copy).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 16))]
    pub tolerate_failures: Option<u16>,
    /// The share of each node that is kept free; 0.3 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 0.9))]
    pub headroom: Option<f64>,
    /// How long a lost node's data may take to be copied again; not checked when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d|w)$"))]
    pub max_recovery_time: Option<String>,
    /// Zones that the copies are spread over; 1 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub racks: Option<u16>,
    /// What one node can do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<NodeShape>,
}

/// What is done with the computed size.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum SizingMode {
    /// Nothing is computed.
    Off,
    /// It is shown in the status.
    Recommend,
}

/// How fast producers write, before replication.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// At the busiest time: 300Mi/s, 1Gb/s (bits).
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGT]i?)?[bB]?/(s|h|d)$"))]
    pub peak: String,
    /// Over a day; the peak when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGT]i?)?[bB]?/(s|h|d)$"))]
    pub average: Option<String>,
}

/// The load said as messages.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Messages {
    /// How many a day.
    #[schemars(range(min = 1))]
    pub per_day: i64,
    /// How large one is: 1KB, 1Ki, 500.
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGTPE]i?)?B?$"))]
    pub size: String,
}

/// What one node can do.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeShape {
    /// Cores; 4 when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 1024.0))]
    pub cpu: Option<f64>,
    /// Memory; 16Gi when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGTPE]i?)?B?$"))]
    pub memory: Option<String>,
    /// Its network, each way: 10Gb/s when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGT]i?)?[bB]?/(s|h|d)$"))]
    pub network: Option<String>,
    /// What its disks write together; 250MB/s when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGT]i?)?[bB]?/(s|h|d)$"))]
    pub disk_bandwidth: Option<String>,
    /// The most its disks hold; 2Ti when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(\.[0-9]+)?([kKMGTPE]i?)?B?$"))]
    pub max_disk: Option<String>,
}
