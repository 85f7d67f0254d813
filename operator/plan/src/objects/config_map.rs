//! The ConfigMap of a pool: Kafka's own properties file, and the bootstrap mark while it stands.
//!
//! What differs between the nodes of a pool (id, host name, directories) is not here but on the command line.

use std::collections::BTreeMap;

use broker_config::UpdateMode;
use k8s_openapi::api::core::v1::ConfigMap;
use operator_api::{BootstrapState, Role};

use super::{ADMIN, CONTROL_PLANE, REPLICATION, access, certificates};
use crate::{
    manifest::Manifest,
    validated::{ValidatedCluster, ValidatedPool},
};

/// The file's name in the map.
pub(crate) const FILE: &str = "server.properties";
/// The mark's name in the map: read when a container starts, so that taking it away restarts nothing.
pub(crate) const BOOTSTRAP_KEY: &str = "bootstrap";
/// With a mark for several controllers: the first voters, and the nodes whose turn to write them still stands.
pub(crate) const INITIAL_CONTROLLERS_KEY: &str = "initial-controllers";
/// See [`INITIAL_CONTROLLERS_KEY`].
pub(crate) const PENDING_NODES_KEY: &str = "initial-controllers-pending";

/// Where a node that knows no voters asks.
const BOOTSTRAP_SERVERS: &str = "controller.quorum.bootstrap.servers";

/// What a node was told last of where clients reach it, in the map: it goes by that where nobody tells it when it starts.
pub(crate) fn last_told_key(node_id: &str) -> String {
    format!("advertised-listeners-{node_id}")
}

pub(crate) fn config_map(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    last_told: BTreeMap<String, String>,
) -> Manifest {
    let name = cluster.names.pool(&pool.name);
    let mut data = BTreeMap::from([(FILE.to_owned(), properties_file(cluster, pool))]);
    data.extend(last_told);
    data.extend(mark(cluster, pool).into_iter().map(|(key, value)| (key.to_owned(), value)));
    let map = ConfigMap {
        metadata: super::owned(cluster, &name, Some(&pool.name), None),
        data: Some(data),
        ..ConfigMap::default()
    };
    Manifest::new("v1", "ConfigMap", &name, &map)
}

/// What lets nodes of this pool write the first voter set, while it does.
fn mark(cluster: &ValidatedCluster, pool: &ValidatedPool) -> Vec<(&'static str, String)> {
    let first = &cluster.identity.bootstrap.controllers;
    if let [only] = first.as_slice() {
        // A single node whose data is ephemeral may each time: there is never anything to lose.
        let may = pool.node_ids == [only.node_id]
            && (only.state == BootstrapState::Pending || pool.storage.is_ephemeral());
        return if may { vec![(BOOTSTRAP_KEY, "standalone".to_owned())] } else { Vec::new() };
    }
    let pending = first.iter().filter(|one| one.state == BootstrapState::Pending);
    let pending: Vec<_> = pending.map(|one| one.node_id.to_string()).collect();
    if !pool.has(Role::Controller) || pending.is_empty() {
        return Vec::new();
    }
    let list = first.iter().filter_map(|one| {
        let pod = cluster.names.pod(&cluster.pool_of(one.node_id)?.name, one.node_id);
        let (host, directory) = (cluster.names.pod_host(&pod), one.directory_id.as_ref()?);
        Some(format!("{}@{host}:{}:{directory}", one.node_id, CONTROL_PLANE.1))
    });
    vec![
        (BOOTSTRAP_KEY, "initial".to_owned()),
        (INITIAL_CONTROLLERS_KEY, list.collect::<Vec<_>>().join(",")),
        (PENDING_NODES_KEY, pending.join(",")),
    ]
}

/// The properties file of a pool.
fn properties_file(cluster: &ValidatedCluster, pool: &ValidatedPool) -> String {
    let properties = properties(cluster, pool);
    let lines: String = properties.iter().map(|(key, value)| format!("{key}={}\n", escape(value))).collect();
    format!("# Written by the operator from the KafkaCluster; changes here do not stay.\n{lines}")
}

/// What of the file only a restart makes hold. The bootstrap servers are looked at by a node that knows no voters, when
/// it starts with an empty log; whoever knows some keeps to them (KIP-853), so controllers that come and go restart nobody.
pub(super) fn static_properties(cluster: &ValidatedCluster, pool: &ValidatedPool) -> String {
    let properties = properties(cluster, pool);
    // Who may keep ACLs that nobody decides by yet is no reason to restart anybody.
    let is_ahead = |key: &str| key == access::SUPER_USERS && cluster.authorization.is_none();
    let is_of_start = |key: &str| key == BOOTSTRAP_SERVERS || is_ahead(key);
    let lines = properties.iter().filter(|(key, _)| !is_dynamic(key) && !is_of_start(key));
    lines.map(|(key, value)| format!("{key}={value}\n")).collect()
}

/// Whether all brokers take a new value of this setting without a restart.
pub(crate) fn is_dynamic(key: &str) -> bool {
    let is_for_all =
        |key: &str| broker_config::broker::find(key).is_some_and(|def| def.update == UpdateMode::ClusterWide);
    match broker_config::broker::scoped(key) {
        Some(scoped) => LISTENER_LIMITS.contains(&scoped.key) && is_for_all(scoped.key),
        None => is_for_all(key),
    }
}

/// Settings of one listener that hold for all brokers as they run (KIP-402, KIP-612).
const LISTENER_LIMITS: [&str; 2] = ["max.connections", "max.connection.creation.rate"];

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
    // A broker names the controllers' listener without having it.
    let named = listeners.iter().map(|(name, _)| *name).filter(|name| *name != CONTROL_PLANE.0);
    let protocol = |name: &str| {
        let listener = cluster.listeners.iter().find(|one| one.name == name);
        format!("{}:{}", upper(name), listener.map_or("SSL", access::protocol))
    };
    let protocols: Vec<_> = [CONTROL_PLANE.0].into_iter().chain(named).map(protocol).collect();
    let roles: Vec<_> = [(Role::Broker, "broker"), (Role::Controller, "controller")]
        .into_iter()
        .filter(|(role, _)| pool.has(*role))
        .map(|(_, word)| word)
        .collect();
    for (key, value) in [
        ("process.roles", roles.join(",")),
        ("listeners", listen.join(",")),
        ("listener.security.protocol.map", protocols.join(",")),
        ("controller.listener.names", upper(CONTROL_PLANE.0)),
        (BOOTSTRAP_SERVERS, controllers(cluster)),
        // The kubelet's probes and Prometheus come from outside of the pod.
        ("klamm.admin.listener", format!("0.0.0.0:{}", ADMIN.1)),
    ] {
        properties.insert(key.to_owned(), value);
    }
    properties.extend(certificates::properties(cluster, pool));
    if !pool.has(Role::Broker) {
        // They are limits of listeners that it has not.
        properties.retain(|key, _| !is_dynamic(key) || !key.starts_with("listener.name."));
    }
    properties.extend(access::properties(cluster, pool));
    if pool.has(Role::Broker) {
        properties.insert("inter.broker.listener.name".to_owned(), upper(REPLICATION.0));
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
pub(crate) fn upper(name: &str) -> String {
    name.to_ascii_uppercase()
}

/// A properties file takes a backslash for the beginning of an escape.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\")
}
