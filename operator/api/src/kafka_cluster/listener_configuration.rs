//! `spec.kafka.listeners[].configuration`: how a listener is reached, and what it shows. Field names are Strimzi's. Which
//! fields go with which type, the operator says in the condition Ready.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a listener is reached, and what it shows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerConfiguration {
    /// A certificate of your own for this listener, with its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker_cert_chain_and_key: Option<CertificateSource>,
    /// The class of Ingresses, or of load balancers; the default one when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Which address of a machine is taken first, of `nodeport`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_node_port_address_type: Option<NodeAddressType>,
    /// Whether traffic from outside may take a way over other machines, of `loadbalancer` and `nodeport`; `Cluster` when
    /// not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_traffic_policy: Option<ExternalTrafficPolicy>,
    /// Who may use a load balancer, as networks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub load_balancer_source_ranges: Vec<String>,
    /// Finalizers of the Services of load balancers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub finalizers: Vec<String>,
    /// Whether load balancers get ports of machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocate_load_balancer_node_ports: Option<bool>,
    /// Whether a load balancer is made for the first connection; without it the brokers' own are for that. `true` when not
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_bootstrap_service: Option<bool>,
    /// Whether names inside of Kubernetes end with its DNS domain, of `internal` and `cluster-ip`; `true` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_service_dns_domain: Option<bool>,
    /// One or two families of addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_family_policy: Option<IpFamilyPolicy>,
    /// Which.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    pub ip_families: Vec<IpFamily>,
    /// Whether Services name brokers that are not ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publish_not_ready_addresses: Option<bool>,
    /// Connections that each broker takes on this listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_connections: Option<i32>,
    /// New connections a second that each broker takes on this listener.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_connection_creation_rate: Option<i32>,
    /// Where clients begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bootstrap: Option<ListenerBootstrap>,
    /// What is a single broker's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub brokers: Vec<ListenerBroker>,
    /// The host of each broker, of `ingress` and `tlsroute`, with `{nodeId}` and `{nodePodName}` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_template: Option<String>,
    /// The host that each broker tells clients, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertised_host_template: Option<String>,
    /// The port that each broker tells clients: numbers, `{nodeId}`, `+`, `-`, `*` and parentheses, such as `9000 + {nodeId}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertised_port_template: Option<String>,
    /// Annotations of what is made for each broker, with `{nodeId}` and `{nodePodName}` in their values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_broker_annotations_template: BTreeMap<String, String>,
    /// Labels of it, likewise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_broker_labels_template: BTreeMap<String, String>,
    /// The Gateways that a `tlsroute` is of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    pub parent_refs: Vec<ParentReference>,
}

/// Where a certificate and its key are.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CertificateSource {
    /// The Secret, in the namespace of the cluster.
    #[schemars(length(min = 1))]
    pub secret_name: String,
    /// Its entry with the certificate, and those between it and its authority, as PEM.
    #[schemars(length(min = 1))]
    pub certificate: String,
    /// Its entry with the key, as PEM.
    #[schemars(length(min = 1))]
    pub key: String,
}

/// Where clients of a listener begin.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerBootstrap {
    /// Other names that clients call it by: they are in the brokers' certificates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub alternative_names: Vec<String>,
    /// What leads there.
    #[serde(flatten)]
    pub objects: ListenerObjects,
}

/// What is a single broker's on a listener.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerBroker {
    /// Its node id.
    #[schemars(range(min = 0))]
    pub broker: i32,
    /// The host that it tells clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advertised_host: Option<String>,
    /// The port that it tells clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub advertised_port: Option<i32>,
    /// What leads there.
    #[serde(flatten)]
    pub objects: ListenerObjects,
}

/// What is stated of the Service, the Ingress and the TLSRoute that lead to one place.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListenerObjects {
    /// Its host, of `ingress` and `tlsroute`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The port of machines, of `nodeport` and `loadbalancer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub node_port: Option<i32>,
    /// The address that is asked for, of `loadbalancer`.
    #[serde(default, rename = "loadBalancerIP", skip_serializing_if = "Option::is_none")]
    pub load_balancer_ip: Option<String>,
    /// Addresses that lead to machines, of `nodeport`.
    #[serde(default, rename = "externalIPs", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub external_ips: Vec<String>,
    /// Annotations of the Service, the Ingress and the TLSRoute.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
    /// Labels of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// A Gateway, as the Gateway API names it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParentReference {
    /// Its group; that of the Gateway API when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Its kind; `Gateway` when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its namespace; the cluster's when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Its listener; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section_name: Option<String>,
    /// Its port; any when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<i32>,
}

/// Kinds of addresses that a machine may have.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[allow(clippy::enum_variant_names, reason = "Kubernetes' own words")]
pub enum NodeAddressType {
    /// A name from outside.
    #[serde(rename = "ExternalDNS")]
    ExternalDns,
    /// An address from outside.
    #[serde(rename = "ExternalIP")]
    ExternalIp,
    /// A name from inside.
    #[serde(rename = "InternalDNS")]
    InternalDns,
    /// An address from inside.
    #[serde(rename = "InternalIP")]
    InternalIp,
    /// What it calls itself.
    Hostname,
}

/// Which way traffic from outside takes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum ExternalTrafficPolicy {
    /// To the machine of the broker only.
    Local,
    /// Over any machine.
    Cluster,
}

/// One or two families of addresses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
#[allow(clippy::enum_variant_names, reason = "Kubernetes' own words")]
pub enum IpFamilyPolicy {
    /// One.
    SingleStack,
    /// Two where there are two.
    PreferDualStack,
    /// Two.
    RequireDualStack,
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, JsonSchema)]
pub enum IpFamily {
    /// Of four bytes.
    IPv4,
    /// Of sixteen.
    IPv6,
}
