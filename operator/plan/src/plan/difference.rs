//! The difference between the objects that there are and those that are wanted, and how far pools are once it is made.

use super::{
    Action, advertised, claims, leftovers, open_files,
    progress::{self, Progress},
    storage_class, zones,
};
use crate::{
    certificates,
    conditions::Warning,
    listeners::Addresses,
    manifest::Manifest,
    objects,
    observed::{Observed, Settings},
    validated::{ValidatedCluster, ValidatedPool},
};

/// The changes to the objects, in order.
pub(super) fn changes(
    cluster: &ValidatedCluster,
    observed: &Observed,
    settings: &Settings,
    (certificates, addresses): (&certificates::Step, &Addresses),
    warnings: &mut Vec<Warning>,
) -> Vec<Action> {
    let mut actions: Vec<_> = certificates.actions.iter().cloned().map(Action::Certify).collect();
    let mut apply = |manifest: Manifest| {
        if observed.live.get(manifest.kind, &manifest.name).is_none_or(|live| !manifest.is_in(live)) {
            actions.push(Action::Apply(manifest));
        }
    };
    apply(objects::service_account(cluster));
    apply(objects::network_policy(cluster, &settings.operator_namespace));
    apply(objects::brokers_service(cluster));
    apply(objects::bootstrap_service(cluster));
    let is_there = |manifest: &Manifest| !observed.unavailable.contains_key(manifest.kind);
    let of_listeners: Vec<_> = objects::listener_services(cluster)
        .into_iter()
        .chain(objects::ingresses(cluster))
        .chain(objects::tls_routes(cluster))
        .filter(is_there)
        .collect();
    of_listeners.iter().cloned().for_each(&mut apply);
    apply(objects::pod_disruption_budget(cluster));
    for pool in &cluster.pools {
        apply(objects::config_map(cluster, pool, advertised::last_told(cluster, pool, observed, addresses)));
        claims::wanted(cluster, pool, observed, warnings).into_iter().for_each(&mut apply);
    }
    actions.extend(leftovers::delete(observed, &of_listeners));
    storage_class::check(cluster, observed, warnings);
    open_files::check(observed, warnings);
    actions.extend(zones::untold(cluster, observed));
    // Pods that find no certificate could only wait.
    let may_start = |pool: &&ValidatedPool| {
        certificates.served_pools.contains(&pool.name)
            || observed.live.get("StatefulSet", &cluster.names.pool(&pool.name)).is_some()
    };
    let pools = cluster.pools.iter().filter(may_start);
    actions.extend(pools.filter_map(|pool| stateful_set(cluster, pool, observed)));
    actions
}

/// How far each pool is, with what is about to be done to its StatefulSet.
pub(super) fn progress(cluster: &ValidatedCluster, observed: &Observed, actions: &[Action]) -> Vec<Progress> {
    let is_settled = |pool: &ValidatedPool| {
        let name = cluster.names.pool(&pool.name);
        !actions.iter().any(|action| match action {
            Action::Apply(manifest) => manifest.kind == "StatefulSet" && manifest.name == name,
            Action::DeleteOrphaning { name: deleted } => *deleted == name,
            _ => false,
        })
    };
    cluster.pools.iter().map(|pool| progress::of(cluster, pool, observed, is_settled(pool))).collect()
}

/// The change to the StatefulSet of a pool, if there is one.
fn stateful_set(cluster: &ValidatedCluster, pool: &ValidatedPool, observed: &Observed) -> Option<Action> {
    let wanted = objects::stateful_set(cluster, pool);
    let Some(live) = observed.live.get(wanted.kind, &wanted.name) else { return Some(Action::Apply(wanted)) };
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        // It is on its way out, its pods stay; it is made anew when it is gone.
        return None;
    }
    if !wanted.is_in_at(live, "/spec/volumeClaimTemplates") {
        return Some(Action::DeleteOrphaning { name: wanted.name });
    }
    (!wanted.is_in(live)).then_some(Action::Apply(wanted))
}
