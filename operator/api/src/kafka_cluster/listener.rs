//! `spec.kafka.listeners`: where clients connect.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One port that clients connect to.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.tls || !has(self.authentication) || self.authentication.type != 'tls'").message("authentication by certificates needs tls: true"),
    validation = Rule::new("self.port != 9644").message("port 9644 is the brokers' own admin port")
)]
pub struct Listener {
    /// Its name.
    #[schemars(length(min = 1, max = 11), regex(pattern = r"^[a-z0-9]{1,11}$"))]
    #[x_kube(validation = Rule::new("!(self in ['controlplane', 'replication'])").message("this name is taken"))]
    pub name: String,
    /// Its port.
    #[schemars(range(min = 9092, max = 65535))]
    pub port: i32,
    /// How it is reached.
    #[serde(rename = "type")]
    pub kind: ListenerType,
    /// Whether it is encrypted.
    pub tls: bool,
    /// How clients say who they are; they do not when this is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<ListenerAuthentication>,
    /// Who may connect; everybody when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_policy_peers: Option<Vec<NetworkPolicyPeer>>,
}

/// How a listener is reached.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerType {
    /// From inside the Kubernetes cluster, by the pods' names.
    Internal,
}

/// How clients say who they are.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerAuthentication {
    /// `tls`: by a certificate of the clients CA. Others are refused with the reason until they are built.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Listener {
    /// What a cluster has that states none: `plain`, 9092, unencrypted, inside.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            name: "plain".to_owned(),
            port: 9092,
            kind: ListenerType::Internal,
            tls: false,
            authentication: None,
            network_policy_peers: None,
        }
    }
}
