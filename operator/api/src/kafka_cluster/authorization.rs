//! `spec.kafka.authorization`: who may do what. Field names are Strimzi's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who may do what.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaAuthorization {
    /// `simple`: Kafka's ACLs, as KafkaUsers and Kafka's tools make them. Others are refused with the reason.
    #[serde(rename = "type")]
    pub kind: String,
    /// Users who may do everything: `CN=admin` for one with a certificate, the bare name for one with a password. The nodes
    /// and the operator always may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub super_users: Vec<String>,
}

impl KafkaAuthorization {
    /// The type that is built.
    pub const SIMPLE: &str = "simple";
}
