//! `spec.kafka.listeners`: where clients connect.

use k8s_openapi::api::networking::v1::NetworkPolicyPeer;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listener_configuration::{CertificateSource, ListenerConfiguration};

/// One port that clients connect to.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.tls || !has(self.authentication) || self.authentication.type != 'tls'").message("authentication by certificates needs tls: true"),
    validation = Rule::new("self.tls || self.type != 'ingress'").message("an Ingress passes TLS on and nothing else: tls: true is needed"),
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
    /// More of how it is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<ListenerConfiguration>,
}

/// How a listener is reached.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum ListenerType {
    /// From inside the Kubernetes cluster, by the pods' names.
    #[serde(rename = "internal")]
    Internal,
    /// From inside, by a Service for each broker.
    #[serde(rename = "cluster-ip")]
    ClusterIp,
    /// By ports of the machines that brokers run on.
    #[serde(rename = "nodeport")]
    NodePort,
    /// By a load balancer for each broker.
    #[serde(rename = "loadbalancer")]
    LoadBalancer,
    /// By a controller of Ingresses that passes TLS on.
    #[serde(rename = "ingress")]
    Ingress,
    /// By Gateways, with TLSRoutes.
    #[serde(rename = "tlsroute")]
    TlsRoute,
}

/// How clients say who they are.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerAuthentication {
    /// `tls`: by a certificate of the clients CA; `scram-sha-512`: by a password, with or without encryption. Others are
    /// refused with the reason until they are built.
    #[serde(rename = "type")]
    pub kind: String,
}

impl ListenerAuthentication {
    /// The type of those who show a certificate.
    pub const TLS: &str = "tls";
    /// The type of those who prove a password.
    pub const SCRAM_SHA_512: &str = "scram-sha-512";
}

impl Listener {
    /// Where its own certificate is, if it has one.
    #[must_use]
    pub fn certificate_source(&self) -> Option<&CertificateSource> {
        self.configuration.as_ref()?.broker_cert_chain_and_key.as_ref()
    }

    /// Whether its clients say who they are in this way.
    #[must_use]
    pub fn asks_for(&self, kind: &str) -> bool {
        self.authentication.as_ref().is_some_and(|authentication| authentication.kind == kind)
    }

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
            configuration: None,
        }
    }
}
