//! Where each listener is reached, as far as Kubernetes says it by now.

use std::{collections::BTreeMap, net::IpAddr};

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use operator_api::{Listener, ListenerType, NodeAddressType, Role};
use serde_json::Value;

use super::{Node, Stated, TLS_PORT, has_services};
use crate::{
    objects::upper,
    observed::{Observed, PodState},
    validated::ValidatedCluster,
};

/// How long pods are kept waiting for an address that a new Service has not got yet. Brokers wait for half a minute.
const PATIENCE: SignedDuration = SignedDuration::from_secs(20);

/// Why a cluster is warned of objects of listeners that Kubernetes refused.
pub(crate) const REFUSED: &str = "ListenerRefused";

/// The order in which addresses of a machine are looked at.
const ADDRESS_TYPES: [NodeAddressType; 5] = [
    NodeAddressType::ExternalDns,
    NodeAddressType::ExternalIp,
    NodeAddressType::InternalDns,
    NodeAddressType::InternalIp,
    NodeAddressType::Hostname,
];

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: i32,
}

impl Address {
    pub(crate) fn new(host: impl Into<String>, port: i32) -> Self {
        Self { host: host.into(), port }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Where one listener is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfListener {
    /// Where clients begin.
    pub(crate) bootstrap: Vec<Address>,
    /// Where each broker is; one that is not here is not known yet.
    pub(crate) brokers: BTreeMap<i32, Address>,
    /// What is waited for, for people.
    pub(crate) pending: Vec<String>,
    /// Whether every broker is known.
    pub(crate) is_whole: bool,
    /// The brokers whose pods wait too: it may be known in a moment.
    awaited: Vec<i32>,
}

/// Where all listeners are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    listeners: BTreeMap<String, OfListener>,
}

impl Addresses {
    pub(crate) fn of(cluster: &ValidatedCluster, observed: &Observed) -> Self {
        let look = Look { cluster, observed, nodes: cluster.nodes_on_listeners() };
        let listeners = cluster.listeners.iter();
        Self { listeners: listeners.map(|one| (one.name.clone(), look.at(one))).collect() }
    }

    pub(crate) fn get(&self, listener: &str) -> OfListener {
        self.listeners.get(listener).cloned().unwrap_or_default()
    }

    /// The listeners that wait for something.
    pub(crate) fn pending(&self) -> impl Iterator<Item = (&str, &OfListener)> {
        let all = self.listeners.iter().filter(|(_, one)| !one.pending.is_empty());
        all.map(|(name, one)| (name.as_str(), one))
    }

    /// Where this broker is reached on a listener.
    pub(crate) fn broker(&self, listener: &str, node_id: i32) -> Option<&Address> {
        self.listeners.get(listener)?.brokers.get(&node_id)
    }

    /// Whether something of this broker may be known in a moment.
    pub(crate) fn is_awaited(&self, node_id: i32) -> bool {
        self.listeners.values().any(|one| one.awaited.contains(&node_id))
    }

    /// Whether something of any broker may be known in a moment.
    pub(crate) fn are_awaited(&self) -> bool {
        self.listeners.values().any(|one| !one.awaited.is_empty())
    }

    /// The hosts by which clients call this broker on listeners that encrypt.
    pub(crate) fn hosts(&self, cluster: &ValidatedCluster, node: &Node) -> Vec<String> {
        let mut hosts = Vec::new();
        for listener in cluster.listeners.iter().filter(|listener| listener.tls) {
            let stated = Stated::of(listener);
            let found = self.get(&listener.name);
            hosts.extend(
                stated.get(|all| Some(all.bootstrap.as_ref()?.alternative_names.clone())).unwrap_or_default(),
            );
            hosts.extend(stated.advertised_host(node));
            hosts.extend(stated.host(node));
            let names = &cluster.names;
            match listener.kind {
                // Machines have many names, and brokers move: peers leave them out too.
                ListenerType::Internal | ListenerType::NodePort => {}
                ListenerType::ClusterIp => {
                    hosts.extend(names.forms(&names.listener_bootstrap(&listener.name)));
                    hosts.extend(names.forms(&names.listener_broker(&node.pool, &listener.name, node.id)));
                }
                ListenerType::LoadBalancer | ListenerType::Ingress | ListenerType::TlsRoute => {
                    hosts.extend(found.bootstrap.iter().map(|address| address.host.clone()));
                    hosts.extend(found.brokers.get(&node.id).map(|address| address.host.clone()));
                }
            }
        }
        let mut hosts: Vec<_> = hosts.into_iter().filter(|host| is_host(host)).map(canonical).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

/// Whether a certificate can be for it: a name, also of a family (`*.example.com`), or an address.
pub(crate) fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(is_letter)
    };
    let name = host.strip_prefix("*.").unwrap_or(host);
    host.parse::<IpAddr>().is_ok() || (name.len() <= 253 && name.split('.').all(is_label))
}

/// As a certificate gives it back.
fn canonical(host: String) -> String {
    host.parse::<IpAddr>().map_or(host, |ip| ip.to_string())
}

/// Whether two values of `advertised.listeners` say the same.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let sorted = |text: &str| {
        let mut parts: Vec<_> = text.split(',').map(|part| part.trim().to_ascii_lowercase()).collect();
        parts.sort();
        parts
    };
    sorted(one) == sorted(other)
}

struct Look<'a> {
    cluster: &'a ValidatedCluster,
    observed: &'a Observed,
    nodes: Vec<Node>,
}

impl Look<'_> {
    fn at(&self, listener: &Listener) -> OfListener {
        let mut found = OfListener::default();
        let stated = Stated::of(listener);
        for node in &self.nodes {
            let (host, port) = self.broker(listener, node, &mut found.pending);
            let host = stated.advertised_host(node).or(host);
            let port = stated.advertised_port(node).or(port);
            // What is known once is kept until something else is known: clients that know it are not sent away.
            let address = host.zip(port).map(|(host, port)| Address::new(host, port));
            match address.or_else(|| self.told(listener, node)) {
                Some(address) => drop(found.brokers.insert(node.id, address)),
                None if self.is_awaited(listener, node) => found.awaited.push(node.id),
                None => {}
            }
        }
        found.is_whole = found.brokers.len() == self.nodes.len();
        self.bootstrap(listener, &mut found);
        let kind = match listener.kind {
            ListenerType::TlsRoute => "TLSRoute",
            ListenerType::Ingress => "Ingress",
            _ => "",
        };
        found
            .pending
            .extend(self.observed.unavailable.get(kind).map(|why| format!("there can be no {kind}: {why}")));
        found.pending.sort();
        found.pending.dedup();
        found
    }

    /// Where Kubernetes says that a broker is reached.
    fn broker(
        &self,
        listener: &Listener,
        node: &Node,
        pending: &mut Vec<String>,
    ) -> (Option<String>, Option<i32>) {
        let (names, stated) = (&self.cluster.names, Stated::of(listener));
        let service = names.listener_broker(&node.pool, &listener.name, node.id);
        match listener.kind {
            ListenerType::Internal => {
                (Some(self.cluster.pod_host_on(listener, &node.pod)), Some(listener.port))
            }
            ListenerType::ClusterIp => {
                (Some(names.service_host(&service, stated.has_domain())), Some(listener.port))
            }
            ListenerType::LoadBalancer => {
                let host = self.load_balancer(&service);
                if host.is_none() && stated.advertised_host(node).is_none() {
                    pending.push(format!("Service {service} has no address yet"));
                }
                (host, Some(listener.port))
            }
            ListenerType::NodePort => {
                let port = self.node_port(&service);
                if port.is_none() && stated.advertised_port(node).is_none() {
                    pending.push(format!("Service {service} has no port yet"));
                }
                let machine = self.pod(node).and_then(|pod| pod.node.as_ref());
                let host = machine.and_then(|machine| self.machine(listener, machine));
                if let Some(machine) =
                    machine.filter(|_| host.is_none() && stated.advertised_host(node).is_none())
                {
                    pending.push(format!("Node {machine} has no address, or cannot be read"));
                }
                (host, port)
            }
            ListenerType::Ingress | ListenerType::TlsRoute => (stated.host(node), Some(TLS_PORT)),
        }
    }

    fn bootstrap(&self, listener: &Listener, found: &mut OfListener) {
        let (names, stated) = (&self.cluster.names, Stated::of(listener));
        let service = names.listener_bootstrap(&listener.name);
        let brokers = || found.brokers.values().cloned().collect::<Vec<_>>();
        let mut all = match listener.kind {
            ListenerType::Internal => {
                let host = names.service_host(&names.bootstrap_service(), stated.has_domain());
                vec![Address::new(host, listener.port)]
            }
            ListenerType::ClusterIp => {
                vec![Address::new(names.service_host(&service, stated.has_domain()), listener.port)]
            }
            ListenerType::LoadBalancer if !stated.has_bootstrap() => brokers(),
            ListenerType::LoadBalancer => {
                let host = self.load_balancer(&service);
                if host.is_none() {
                    found.pending.push(format!("Service {service} has no address yet"));
                }
                host.map(|host| Address::new(host, listener.port)).into_iter().collect()
            }
            ListenerType::NodePort => {
                let port = self.node_port(&service);
                let machines = self.nodes.iter().filter_map(|node| self.pod(node)?.node.as_ref());
                let hosts = machines.filter_map(|machine| self.machine(listener, machine));
                hosts.filter_map(|host| Some(Address::new(host, port?))).collect()
            }
            ListenerType::Ingress | ListenerType::TlsRoute => {
                stated.bootstrap_host().map(|host| Address::new(host, TLS_PORT)).into_iter().collect()
            }
        };
        all.sort();
        all.dedup();
        found.bootstrap = all;
    }

    fn pod(&self, node: &Node) -> Option<&PodState> {
        self.observed.pods.iter().find(|pod| pod.name == node.pod)
    }

    /// What this broker was told, if that is more than its name inside.
    fn told(&self, listener: &Listener, node: &Node) -> Option<Address> {
        let told = self.pod(node)?.advertised.as_ref()?;
        let name = upper(&listener.name);
        let entry =
            told.split(',').find_map(|entry| entry.trim().strip_prefix(&name)?.strip_prefix("://"))?;
        let (host, port) = entry.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_inside = host == self.cluster.pod_host_on(listener, &node.pod);
        (!is_inside).then_some(Address::new(host, port.parse().ok()?))
    }

    /// Whether the pod may wait: the pod has no machine yet, or the Service was just made.
    fn is_awaited(&self, listener: &Listener, node: &Node) -> bool {
        let has_no_place = || self.pod(node).is_none_or(|pod| pod.node.is_none());
        if !has_services(listener) || (listener.kind == ListenerType::NodePort && has_no_place()) {
            return has_services(listener);
        }
        let service = self.cluster.names.listener_broker(&node.pool, &listener.name, node.id);
        let Some(live) = self.observed.live.get("Service", &service) else { return !self.was_refused() };
        let made = live.pointer("/metadata/creationTimestamp").and_then(Value::as_str);
        let made: Option<Timestamp> = made.and_then(|text| text.parse().ok());
        made.is_some_and(|made| self.observed.now.0.duration_since(made) < PATIENCE)
    }

    /// Whether Kubernetes refused something of listeners at the last look: what is missing then is not about to come.
    fn was_refused(&self) -> bool {
        let conditions = self.observed.cluster.status.iter().flat_map(|status| &status.conditions);
        conditions.into_iter().any(|condition| condition.reason == REFUSED)
    }

    fn load_balancer(&self, service: &str) -> Option<String> {
        let first = self.observed.live.get("Service", service)?.pointer("/status/loadBalancer/ingress/0")?;
        let text = |key: &str| first.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        text("hostname").or_else(|| text("ip")).map(str::to_owned)
    }

    fn node_port(&self, service: &str) -> Option<i32> {
        let port = self.observed.live.get("Service", service)?.pointer("/spec/ports/0/nodePort")?.as_i64()?;
        i32::try_from(port).ok()
    }

    /// The address of a machine: the kind that is preferred, or the first that there is.
    fn machine(&self, listener: &Listener, machine: &str) -> Option<String> {
        let known = self.observed.machines.get(machine)?;
        let preferred = Stated::of(listener).get(|stated| stated.preferred_node_port_address_type);
        preferred.into_iter().chain(ADDRESS_TYPES).find_map(|kind| known.get(&kind).cloned())
    }
}

/// The brokers that listeners lead to.
impl ValidatedCluster {
    pub(crate) fn nodes_on_listeners(&self) -> Vec<Node> {
        let pools = self.pools.iter().filter(|pool| pool.has(Role::Broker));
        let nodes =
            pools.flat_map(|pool| pool.node_ids.iter().map(|id| Node::new(&self.names, &pool.name, *id)));
        nodes.collect()
    }

    /// The host of a pod, as a listener names it inside of Kubernetes.
    pub(crate) fn pod_host_on(&self, listener: &Listener, pod: &str) -> String {
        let has_domain = Stated::of(listener).has_domain();
        format!("{pod}.{}", self.names.service_host(&self.names.brokers_service(), has_domain))
    }
}
