//! Brokers are told where clients reach them, each by an annotation of its pod. They read it when they start: one that was
//! told something else since is restarted in its turn.

use operator_api::Role;

use super::Action;
use crate::{
    conditions::Warning,
    listeners::{self, Addresses, is_same},
    objects,
    observed::{Observed, PodState},
    validated::ValidatedCluster,
};

/// The brokers that are to be told something else than they were. One that has no address in a moment waits for it.
pub(super) fn untold(cluster: &ValidatedCluster, observed: &Observed, addresses: &Addresses) -> Vec<Action> {
    if !listeners::are_told(&cluster.listeners) {
        return Vec::new();
    }
    let mut actions = Vec::new();
    for pool in cluster.pools.iter().filter(|pool| pool.has(Role::Broker)) {
        for node_id in &pool.node_ids {
            let name = cluster.names.pod(&pool.name, *node_id);
            let Some(pod) = observed.pods.iter().find(|pod| pod.name == name && !pod.is_going) else {
                continue;
            };
            if addresses.is_awaited(*node_id) {
                continue;
            }
            let is_at = |listener: &str| addresses.broker(listener, *node_id).cloned();
            let advertised = objects::advertised(cluster, pool, &name, is_at);
            if pod.advertised.as_ref() != Some(&advertised) {
                actions.push(Action::TellAddresses { pod: name, advertised });
            }
        }
    }
    actions
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
    for (listener, pending) in addresses.pending() {
        let first = pending.first().map(String::as_str).unwrap_or_default();
        let more = match pending.len() {
            0 | 1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        let message = format!(
            "listener {listener}: {first}{more}; until then its brokers name themselves as inside of Kubernetes"
        );
        warnings.push(Warning::new("ListenerPending", message));
    }
}
