//! The Kubernetes objects of a cluster, one kind per file. Each is a function of the validated cluster alone, so that
//! the same cluster always gives the same text; only what nodes were told last of their addresses comes beside it.

mod access;
mod bootstrap_service;
mod brokers_service;
mod certificates;
mod claim;
mod config_map;
mod ingress;
mod listener_services;
mod network_policy;
mod placement;
mod pod;
mod pod_disruption_budget;
mod service_account;
mod stateful_set;
#[cfg(test)]
mod tests;
mod tls_route;

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use operator_api::{CLUSTER_LABEL, LISTENER_LABEL, Listener, MetadataTemplate, POOL_LABEL};

use crate::{listeners::Stated, names::Names, plan::ControllerEndpoint, validated::ValidatedCluster};
pub(crate) use bootstrap_service::bootstrap_service;
pub(crate) use brokers_service::brokers_service;
pub(crate) use claim::claim;
pub(crate) use config_map::{
    INITIAL_CONTROLLERS_KEY, PENDING_NODES_KEY, config_map, is_dynamic, last_told_key, properties, upper,
};
pub(crate) use ingress::ingresses;
pub(crate) use listener_services::listener_services;
pub(crate) use network_policy::network_policy;
pub(crate) use pod::{advertised, own_properties};
pub(crate) use pod_disruption_budget::pod_disruption_budget;
pub(crate) use service_account::service_account;
pub(crate) use stateful_set::stateful_set;
pub(crate) use tls_route::tls_routes;

/// Kinds that are read before a plan is made, with their API versions.
pub const KINDS: [(&str, &str); 9] = [
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "StatefulSet"),
    (tls_route::VERSION, "TLSRoute"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
];

/// Kinds that a Kubernetes need not have, or may not let the operator read: clusters without such listeners do without.
pub const OPTIONAL_KINDS: [&str; 2] = ["Ingress", "TLSRoute"];

/// Kinds that are deleted with the listener or the broker that they were made for.
pub(crate) const KINDS_OF_LISTENERS: [(&str, &str); 3] =
    [("v1", "Service"), ("networking.k8s.io/v1", "Ingress"), (tls_route::VERSION, "TLSRoute")];

/// The listeners that are the operator's and the brokers' own.
pub(crate) const CONTROL_PLANE: (&str, i32) = ("controlplane", CONTROL_PLANE_PORT as i32);
const CONTROL_PLANE_PORT: u16 = 9090;
pub(crate) const REPLICATION: (&str, i32) = ("replication", crate::names::OPERATOR_PORT);
/// The brokers' admin HTTP port: metrics and health.
pub const ADMIN_PORT: i32 = 9644;
pub(crate) const ADMIN: (&str, i32) = ("admin", ADMIN_PORT);

/// Where nodes show each other certificates of the cluster's authority.
pub(crate) const OWN_LISTENERS: [&str; 2] = [CONTROL_PLANE.0, REPLICATION.0];

/// The name of a port: at most 15 characters, of which a user's listener has 11.
pub(crate) fn port_name(listener: &str) -> String {
    if listener == CONTROL_PLANE.0 { "tcp-ctrlplane".to_owned() } else { format!("tcp-{listener}") }
}

/// Where the controller in `pod` listens for the others.
pub(crate) fn controller_endpoint(names: &Names, pod: &str) -> ControllerEndpoint {
    ControllerEndpoint {
        listener: upper(CONTROL_PLANE.0),
        host: names.pod_host(pod),
        port: CONTROL_PLANE_PORT,
    }
}

/// The labels that select the pods of a cluster.
pub(crate) fn cluster_selector(cluster: &ValidatedCluster) -> BTreeMap<String, String> {
    BTreeMap::from([(CLUSTER_LABEL.to_owned(), cluster.names.cluster().to_owned())])
}

/// The labels that select the pods of a pool.
pub(crate) fn pool_selector(cluster: &ValidatedCluster, pool: &str) -> BTreeMap<String, String> {
    let mut labels = cluster_selector(cluster);
    labels.insert(POOL_LABEL.to_owned(), pool.to_owned());
    labels
}

fn selector(labels: BTreeMap<String, String>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels), ..LabelSelector::default() }
}

/// Our labels over the user's: an object that lost ours would be lost.
fn labels(
    cluster: &ValidatedCluster,
    pool: Option<&str>,
    template: Option<&MetadataTemplate>,
) -> BTreeMap<String, String> {
    let mut labels = template.map(|template| template.labels.clone()).unwrap_or_default();
    labels.extend(cluster_selector(cluster));
    labels.extend(pool.map(|pool| (POOL_LABEL.to_owned(), pool.to_owned())));
    for (name, value) in [("name", "kafka"), ("instance", cluster.names.cluster()), ("managed-by", "klamm")] {
        labels.insert(format!("app.kubernetes.io/{name}"), value.to_owned());
    }
    labels
}

/// Metadata of an object that goes with the cluster.
fn owned(
    cluster: &ValidatedCluster,
    name: &str,
    pool: Option<&str>,
    template: Option<&MetadataTemplate>,
) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(cluster.names.namespace().to_owned()),
        labels: Some(labels(cluster, pool, template)),
        annotations: template.map(|template| template.annotations.clone()).filter(|all| !all.is_empty()),
        owner_references: Some(vec![cluster.owner.clone()]),
        ..ObjectMeta::default()
    }
}

/// Metadata of an object that is of a listener.
fn of_listener(
    cluster: &ValidatedCluster,
    listener: &Listener,
    name: &str,
    pool: Option<&str>,
    mut metadata: MetadataTemplate,
) -> ObjectMeta {
    metadata.labels.insert(LISTENER_LABEL.to_owned(), listener.name.clone());
    owned(cluster, name, pool, Some(&metadata))
}

/// What leads a host to the Service of the same name.
struct ByHost {
    name: String,
    host: String,
    pool: Option<String>,
    metadata: MetadataTemplate,
}

/// The hosts of a listener: for the first connection, and of each broker.
fn by_host(cluster: &ValidatedCluster, listener: &Listener) -> Vec<ByHost> {
    let stated = Stated::of(listener);
    let bootstrap = stated.bootstrap_host().map(|host| ByHost {
        name: cluster.names.listener_bootstrap(&listener.name),
        host,
        pool: None,
        metadata: stated.bootstrap_metadata(),
    });
    let brokers = cluster.nodes_on_listeners().into_iter().filter_map(|node| {
        Some(ByHost {
            name: cluster.names.listener_broker(&node.pool, &listener.name, node.id),
            host: stated.host(&node)?,
            metadata: stated.broker_metadata(&node),
            pool: Some(node.pool),
        })
    });
    bootstrap.into_iter().chain(brokers).collect()
}
