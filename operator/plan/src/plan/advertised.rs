//! Brokers are told where clients reach them, each by an annotation of its pod. They read it when they start: one that was
//! told something else since is restarted in its turn.

use std::collections::BTreeMap;

use operator_api::Role;

use super::Action;
use crate::{
    conditions::Warning,
    listeners::{self, Addresses, is_same},
    objects,
    observed::{Observed, PodState},
    validated::{ValidatedCluster, ValidatedPool},
};

/// The brokers that are to be told something else than they were. One that has no address in a moment waits for it.
pub(super) fn untold(cluster: &ValidatedCluster, observed: &Observed, addresses: &Addresses) -> Vec<Action> {
    let mut actions = Vec::new();
    for pool in &cluster.pools {
        for node_id in &pool.node_ids {
            let Some(advertised) = wanted(cluster, pool, *node_id, addresses) else { continue };
            let name = cluster.names.pod(&pool.name, *node_id);
            let pod = observed.pods.iter().find(|pod| pod.name == name && !pod.is_going);
            if pod.is_some_and(|pod| pod.advertised.as_ref() != Some(&advertised)) {
                actions.push(Action::TellAddresses { pod: name, advertised });
            }
        }
    }
    actions
}

/// What a node is to be told, where it is to be told something and need not wait.
fn wanted(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    node_id: i32,
    addresses: &Addresses,
) -> Option<String> {
    let is_told = pool.has(Role::Broker) && listeners::are_told(&cluster.listeners);
    (is_told && !addresses.is_awaited(node_id)).then(|| {
        let is_at = |listener: &str| addresses.broker(listener, node_id).cloned();
        objects::advertised(cluster, pool, &cluster.names.pod(&pool.name, node_id), is_at)
    })
}

/// What the nodes of a pool go by when they start and nobody tells them: the same, or what it was before.
pub(super) fn last_told(
    cluster: &ValidatedCluster,
    pool: &ValidatedPool,
    observed: &Observed,
    addresses: &Addresses,
) -> BTreeMap<String, String> {
    if !pool.has(Role::Broker) || !listeners::are_told(&cluster.listeners) {
        return BTreeMap::new();
    }
    let before = observed.live.get("ConfigMap", &cluster.names.pool(&pool.name));
    let before = before.and_then(|map| map.get("data"));
    let last = |node_id: &i32| {
        let key = objects::last_told_key(&node_id.to_string());
        let kept = || before?.get(&key)?.as_str().map(str::to_owned);
        let told = wanted(cluster, pool, *node_id, addresses).or_else(kept)?;
        Some((key, told))
    };
    pool.node_ids.iter().filter_map(last).collect()
}

/// Whether a broker, by its own answer, tells clients something else than it was told.
pub(super) fn is_outdated(
    cluster: &ValidatedCluster,
    observed: &Observed,
    pod: &PodState,
    node_id: i32,
) -> bool {
    let Ok(state) = &observed.kafka.told else { return false };
    let says = state.advertised.get(&node_id).zip(pod.advertised.as_ref());
    listeners::are_told(&cluster.listeners) && says.is_some_and(|(says, told)| !is_same(says, told))
}

/// What listeners wait for.
pub(super) fn check(addresses: &Addresses, warnings: &mut Vec<Warning>) {
    for (listener, found) in addresses.pending() {
        let first = found.pending.first().map(String::as_str).unwrap_or_default();
        let more = match found.pending.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let meanwhile = if found.is_whole {
            ""
        } else {
            "; until then its brokers name themselves as inside of Kubernetes"
        };
        let message = format!("listener {listener}: {first}{more}{meanwhile}");
        warnings.push(Warning::new("ListenerPending", message));
    }
}
