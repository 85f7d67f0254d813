//! The ConfigMap of a pool: Kafka's own properties file, and the bootstrap mark while it stands.
//!
//! What differs between the nodes of a pool (id, host name, directories) is not here but on the command line.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use operator_api::{BootstrapState, Role};

use super::{ADMIN, CONTROL_PLANE, REPLICATION};
use crate::{
    manifest::Manifest,
    validated::{ValidatedCluster, ValidatedPool},
};

/// The file's name in the map.
pub(crate) const FILE: &str = "server.properties";
/// The mark's name in the map: read when a container starts, so that taking it away restarts nothing.
pub(crate) const BOOTSTRAP_KEY: &str = "bootstrap";

pub(crate) fn config_map(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Manifest {
    let name = cluster.names.pool(&pool.name);
    let mut data = BTreeMap::from([(FILE.to_owned(), properties_file(cluster, pool))]);
    if may_bootstrap(cluster, pool) {
        data.insert(BOOTSTRAP_KEY.to_owned(), "standalone".to_owned());
    }
    let map = ConfigMap {
        metadata: super::owned(cluster, &name, Some(&pool.name), None),
        data: Some(data),
        ..ConfigMap::default()
    };
    Manifest::new("v1", "ConfigMap", &name, &map)
}

/// Whether a node of this pool may write the first voter set. A single node whose data is ephemeral may each time:
/// there is never anything to lose.
fn may_bootstrap(cluster: &ValidatedCluster, pool: &ValidatedPool) -> bool {
    let is_named = pool.node_ids == [cluster.identity.bootstrap.node_id];
    is_named && (cluster.identity.bootstrap.state == BootstrapState::Pending || pool.storage.is_ephemeral())
}

/// The properties file of a pool.
pub(crate) fn properties_file(cluster: &ValidatedCluster, pool: &ValidatedPool) -> String {
    let properties = properties(cluster, pool);
    let lines: String = properties.iter().map(|(key, value)| format!("{key}={}\n", escape(value))).collect();
    format!("# Written by the operator from the KafkaCluster; changes here do not stay.\n{lines}")
}

/// What all nodes of a pool are told.
pub(crate) fn properties(cluster: &ValidatedCluster, pool: &ValidatedPool) -> BTreeMap<String, String> {
    let mut properties = cluster.properties.clone();
    let mut listeners = Vec::new();
    if pool.has(Role::Controller) {
        listeners.push(CONTROL_PLANE);
    }
    if pool.has(Role::Broker) {
        listeners.push(REPLICATION);
        listeners.extend(cluster.listeners.iter().map(|listener| (listener.name.as_str(), listener.port)));
    }
    let listen: Vec<_> =
        listeners.iter().map(|(name, port)| format!("{}://0.0.0.0:{port}", upper(name))).collect();
    let protocols: Vec<_> = listeners.iter().map(|(name, _)| format!("{}:PLAINTEXT", upper(name))).collect();
    let roles: Vec<_> = [(Role::Broker, "broker"), (Role::Controller, "controller")]
        .into_iter()
        .filter(|(role, _)| pool.has(*role))
        .map(|(_, word)| word)
        .collect();
    for (key, value) in [
        ("process.roles", roles.join(",")),
        ("listeners", listen.join(",")),
        ("listener.security.protocol.map", protocols.join(",")),
        ("inter.broker.listener.name", upper(REPLICATION.0)),
        ("controller.listener.names", upper(CONTROL_PLANE.0)),
        ("controller.quorum.bootstrap.servers", controllers(cluster)),
        // The kubelet's probes and Prometheus come from outside of the pod.
        ("klamm.admin.listener", format!("0.0.0.0:{}", ADMIN.1)),
    ] {
        properties.insert(key.to_owned(), value);
    }
    properties
}

fn controllers(cluster: &ValidatedCluster) -> String {
    let pools = cluster.pools.iter().filter(|pool| pool.has(Role::Controller));
    let pods = pools.flat_map(|pool| pool.node_ids.iter().map(|id| cluster.names.pod(&pool.name, *id)));
    let hosts = pods.map(|pod| format!("{}:{}", cluster.names.pod_host(&pod), CONTROL_PLANE.1));
    hosts.collect::<Vec<_>>().join(",")
}

/// A listener as the brokers call it.
pub(super) fn upper(name: &str) -> String {
    name.to_ascii_uppercase()
}

/// A properties file takes a backslash for the beginning of an escape.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\")
}
