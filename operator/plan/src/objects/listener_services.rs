//! The Services of listeners that have Services of their own: one that leads to any broker, and one for each.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use operator_api::{BROKER_ROLE_LABEL, Listener, ListenerObjects, ListenerType, MetadataTemplate};
use serde::Serialize;
use serde_json::Value;

use crate::{
    listeners::{Node, Stated, has_services},
    manifest::Manifest,
    validated::ValidatedCluster,
};

/// The label that a StatefulSet's controller gives to each pod.
const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";

/// All of them.
pub(crate) fn listener_services(cluster: &ValidatedCluster) -> Vec<Manifest> {
    let nodes = cluster.nodes_on_listeners();
    let mut all = Vec::new();
    for listener in cluster.listeners.iter().filter(|listener| has_services(listener)) {
        let stated = Stated::of(listener);
        all.extend(stated.has_bootstrap().then(|| bootstrap(cluster, listener)));
        all.extend(nodes.iter().map(|node| of_broker(cluster, listener, node)));
    }
    all
}

fn bootstrap(cluster: &ValidatedCluster, listener: &Listener) -> Manifest {
    let stated = Stated::of(listener);
    let own = stated.get(|all| Some(all.bootstrap.as_ref()?.objects.clone()));
    let mut selector = super::cluster_selector(cluster);
    selector.insert(BROKER_ROLE_LABEL.to_owned(), "true".to_owned());
    let name = cluster.names.listener_bootstrap(&listener.name);
    service(cluster, listener, (name, None), stated.bootstrap_metadata(), selector, own.unwrap_or_default())
}

fn of_broker(cluster: &ValidatedCluster, listener: &Listener, node: &Node) -> Manifest {
    let stated = Stated::of(listener);
    let own = stated.of_broker(node, |one| Some(one.objects.clone()));
    let mut selector = super::cluster_selector(cluster);
    selector.insert(POD_NAME_LABEL.to_owned(), node.pod.clone());
    let name = cluster.names.listener_broker(&node.pool, &listener.name, node.id);
    let place = (name, Some(node.pool.as_str()));
    service(cluster, listener, place, stated.broker_metadata(node), selector, own.unwrap_or_default())
}

fn service(
    cluster: &ValidatedCluster,
    listener: &Listener,
    (name, pool): (String, Option<&str>),
    metadata: MetadataTemplate,
    selector: BTreeMap<String, String>,
    own: ListenerObjects,
) -> Manifest {
    let all = listener.configuration.clone().unwrap_or_default();
    let is_balanced = listener.kind == ListenerType::LoadBalancer;
    let mut metadata = super::of_listener(cluster, listener, &name, pool, metadata);
    metadata.finalizers = some(all.finalizers);
    let service = Service {
        metadata,
        spec: Some(ServiceSpec {
            type_: Some(kind(listener).to_owned()),
            selector: Some(selector),
            ports: Some(vec![ServicePort {
                node_port: own.node_port,
                ..super::brokers_service::service_port(&listener.name, listener.port)
            }]),
            external_ips: some(own.external_ips),
            load_balancer_ip: own.load_balancer_ip,
            load_balancer_class: all.class.filter(|_| is_balanced),
            load_balancer_source_ranges: some(all.load_balancer_source_ranges),
            allocate_load_balancer_node_ports: all.allocate_load_balancer_node_ports,
            external_traffic_policy: all.external_traffic_policy.and_then(word),
            ip_family_policy: all.ip_family_policy.and_then(word),
            ip_families: some(all.ip_families.into_iter().filter_map(word).collect()),
            publish_not_ready_addresses: all.publish_not_ready_addresses,
            ..ServiceSpec::default()
        }),
        ..Service::default()
    };
    Manifest::new("v1", "Service", &name, &service)
}

fn kind(listener: &Listener) -> &'static str {
    match listener.kind {
        ListenerType::NodePort => "NodePort",
        ListenerType::LoadBalancer => "LoadBalancer",
        ListenerType::Internal | ListenerType::ClusterIp | ListenerType::Ingress | ListenerType::TlsRoute => {
            "ClusterIP"
        }
    }
}

fn some<T>(all: Vec<T>) -> Option<Vec<T>> {
    (!all.is_empty()).then_some(all)
}

/// A word of ours as Kubernetes has it: they are the same.
fn word(word: impl Serialize) -> Option<String> {
    serde_json::to_value(word).ok().as_ref().and_then(Value::as_str).map(str::to_owned)
}
