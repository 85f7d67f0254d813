//! `spec.kafka`: what the brokers speak and how they are set up.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{authorization::KafkaAuthorization, listener::Listener};
use crate::{PodTemplate, ResourceTemplate};

/// What the brokers speak and how they are set up.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaSpec {
    /// The Kafka level that is spoken, such as 4.3.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+(\.[0-9]+)?$"))]
    pub version: Option<String>,
    /// The level of the cluster's metadata, such as 4.3 or 4.3-IV0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+(-IV[0-9]+)?$"))]
    pub metadata_version: Option<String>,
    /// Where clients connect.
    #[serde(default = "plain")]
    #[schemars(length(min = 1, max = 16))]
    #[x_kube(
        validation = Rule::new("self.all(l, self.exists_one(m, m.name == l.name))").message("listener names must differ"),
        validation = Rule::new("self.all(l, self.exists_one(m, m.port == l.port))").message("listener ports must differ")
    )]
    pub listeners: Vec<Listener>,
    /// Kafka's own broker settings. What the operator decides itself is ignored here, with a Warning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::crds::free_form")]
    pub config: BTreeMap<String, Value>,
    /// Who may do what; whoever can connect may do everything when this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<KafkaAuthorization>,
    /// Additions to the objects of this cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<KafkaTemplate>,
}

impl Default for KafkaSpec {
    fn default() -> Self {
        Self {
            version: None,
            metadata_version: None,
            listeners: plain(),
            config: BTreeMap::new(),
            authorization: None,
            template: None,
        }
    }
}

fn plain() -> Vec<Listener> {
    vec![Listener::plain()]
}

/// Additions to the objects of a cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KafkaTemplate {
    /// To the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<PodTemplate>,
    /// To the Service that clients start from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap_service: Option<ResourceTemplate>,
    /// To the headless Service that names each pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brokers_service: Option<ResourceTemplate>,
    /// To the volume claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persistent_volume_claim: Option<ResourceTemplate>,
    /// To the PodDisruptionBudget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_disruption_budget: Option<ResourceTemplate>,
    /// To the ServiceAccount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<ResourceTemplate>,
}
