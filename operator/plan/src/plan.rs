//! What to do next for a cluster: changes in order, events, and the status to report.
//!
//! Invariants: an invalid or paused cluster changes nothing but its status; nothing is made before the cluster's id is
//! recorded; at most one pod is taken down by one plan, and none while a change to its StatefulSet is on its way; the
//! plan after a plan that was carried out is empty.

mod advertised;
mod balance;
mod claims;
#[cfg(test)]
mod cluster_tests;
mod drain;
mod dynamic;
mod events;
mod leaving;
#[cfg(test)]
mod leaving_tests;
mod leftovers;
mod listeners;
#[cfg(test)]
mod listeners_tests;
mod open_files;
mod progress;
mod roll;
mod status;
mod storage_class;
#[cfg(test)]
mod tests;
mod voters;
#[cfg(test)]
mod voters_tests;
mod zones;

use std::{collections::BTreeMap, time::Duration};

use operator_api::{
    ConditionType, KafkaClusterStatus, KafkaNodePoolStatus, PAUSE_ANNOTATION, Role, RollPhase,
};

use self::progress::{Outdated, Progress};
use crate::{
    certificates::{self, CertificateAction},
    conditions::{Wanted, Warning, merge},
    kafka::Ask,
    listeners::{Addresses, REFUSED},
    manifest::Manifest,
    objects,
    observed::{Observed, Settings},
    validate::{Invalid, are_given, validate},
    validated::{ValidatedCluster, ValidatedPool},
};
pub use balance::Move;
pub use events::{EventKind, PlanEvent};
pub use voters::{ControllerEndpoint, VoterKey};
pub use zones::NO_ZONE;

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Makes the object, or changes it to be so.
    Apply(Manifest),
    /// Changes authorities, or issues certificates.
    Certify(CertificateAction),
    /// Tells a pod the zone of its node, by annotation.
    TellZone {
        /// The pod.
        pod: String,
        /// The zone.
        zone: String,
    },
    /// Tells a pod what its broker is to tell clients of where it is reached, by annotation.
    TellAddresses {
        /// The pod.
        pod: String,
        /// The value of `advertised.listeners`.
        advertised: String,
    },
    /// Deletes an object that nothing needs any more.
    Delete {
        /// Such as `v1`.
        api_version: &'static str,
        /// Such as `Service`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
    /// Deletes a StatefulSet and leaves its pods: the next plan makes it anew and it adopts them.
    DeleteOrphaning {
        /// The StatefulSet.
        name: String,
    },
    /// Deletes a pod; its StatefulSet makes it anew.
    DeletePod {
        /// The pod.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
    /// Changes settings of all brokers that need no restart.
    AlterSettings {
        /// These get a value.
        set: BTreeMap<String, String>,
        /// These are as the file says again.
        unset: Vec<String>,
    },
    /// Has copies of partitions moved.
    Reassign {
        /// Who shall have them.
        moves: Vec<Move>,
    },
    /// Leaves copies of partitions that are on the move where they were.
    CancelMoves {
        /// Topic and number of each.
        partitions: Vec<(String, i32)>,
    },
    /// Lets a broker get no new copies, or get them again (KIP-1066).
    Cordon {
        /// The broker.
        broker: i32,
        /// Whether it gets none.
        is_cordoned: bool,
    },
    /// Has a broker that is gone forgotten.
    Unregister {
        /// The broker.
        broker: i32,
    },
    /// Gives a controller a vote (KIP-853).
    AddVoter {
        /// Who.
        voter: VoterKey,
        /// Where it listens.
        at: ControllerEndpoint,
    },
    /// Takes a controller's vote.
    RemoveVoter {
        /// Whose.
        voter: VoterKey,
    },
    /// Deletes the claim of a node that is gone.
    DeleteClaim {
        /// The claim.
        name: String,
        /// Which one of this name: another one is left alone.
        uid: Option<String>,
    },
}

/// What to do next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// What Kafka must be asked before there is a plan; nothing is to be done then but to ask and to plan again.
    pub asks: Ask,
    /// Whether nodes must be asked what they use of certificates, likewise.
    pub asks_nodes: bool,
    /// Whether users must be asked what they have of certificates, likewise.
    pub asks_users: bool,
    /// The changes, in order.
    pub actions: Vec<Action>,
    /// What to tell people.
    pub events: Vec<PlanEvent>,
    /// The status of the KafkaCluster.
    pub status: KafkaClusterStatus,
    /// The status of each KafkaNodePool, by name.
    pub pools: Vec<(String, KafkaNodePoolStatus)>,
    /// When to look again although nothing was heard; `None`: at the next regular look.
    pub look_again: Option<Duration>,
}

/// How soon to look again while something is on its way.
const SOON: Duration = Duration::from_secs(3);

/// How soon to try again what Kubernetes refused.
const AFTER_REFUSAL: Duration = Duration::from_secs(10);

/// Validates what was read and plans for it.
#[must_use]
pub fn decide(observed: &Observed, settings: &Settings) -> Plan {
    let annotations = observed.cluster.metadata.annotations.as_ref();
    if annotations.and_then(|all| all.get(PAUSE_ANNOTATION)).is_some_and(|value| value == "true") {
        return paused(observed);
    }
    let validated = validate(observed, settings);
    match validated.and_then(|cluster| are_given(&cluster, observed).map(|()| cluster)) {
        Ok(cluster) => plan(&cluster, observed, settings),
        Err(error) => invalid(observed, &error),
    }
}

/// Plans for a cluster that makes sense.
#[must_use]
pub fn plan(cluster: &ValidatedCluster, observed: &Observed, settings: &Settings) -> Plan {
    if !cluster.identity.is_recorded {
        let status = status::recorded(cluster, observed);
        return Plan { status, look_again: Some(Duration::ZERO), ..Plan::default() };
    }
    let mut warnings = cluster.warnings.clone();
    let addresses = Addresses::of(cluster, observed);
    let certificates = certificates::Step::next(cluster, observed, &addresses);
    if certificates.asks_nodes || certificates.asks_users {
        let (asks_nodes, asks_users) = (certificates.asks_nodes, certificates.asks_users);
        return Plan { asks_nodes, asks_users, ..Plan::default() };
    }
    warnings.extend(certificates.warnings.clone());
    let mut actions = objects(cluster, observed, settings, (&certificates, &addresses), &mut warnings);
    actions.extend(advertised::untold(cluster, observed, &addresses));
    advertised::check(&addresses, &mut warnings);
    let progress = progress(cluster, observed, &actions);
    let steps = Steps::next(cluster, &progress, observed, certificates);
    let asks = steps.asks();
    if asks > observed.kafka.asked {
        return Plan { asks, ..Plan::default() };
    }
    let mut events: Vec<_> = actions.iter().filter_map(events::of_action).collect();
    events.extend(events::of_steps(observed, &steps));
    actions.extend(steps.dynamic.action.clone());
    actions.extend(steps.voters.action.clone());
    actions.extend(steps.leaving.actions.clone());
    actions.extend(steps.balance.actions.clone());
    warnings.extend(steps.leaving.warnings.clone());
    if let Some(Outdated { pod, uid, .. }) = &steps.roll.stop {
        actions.push(Action::DeletePod { name: pod.clone(), uid: uid.clone() });
    }
    warnings.sort();
    warnings.dedup();
    let mut status = status::of(cluster, observed, &progress, &actions, &warnings, &steps);
    status.listeners = listeners::of(cluster, observed, &addresses);
    let pools = status::of_pools(cluster, observed, &progress);
    let before =
        observed.cluster.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    events.extend(events::of_conditions(before, &status.conditions));
    // A mark that goes changes what is wanted of the objects.
    let is_decided = status.bootstrap.as_ref() == Some(&cluster.identity.bootstrap);
    let is_quiet = is_decided
        && actions.is_empty()
        && !addresses.are_awaited()
        && steps.are_over()
        && progress.iter().all(Progress::is_ready);
    let is_chosen = status.roll.as_ref().is_some_and(|roll| roll.phase == RollPhase::Chosen);
    // What follows from a certificate that was just made is not waited for.
    let certifies = !steps.certificates.actions.is_empty();
    let soon = if is_chosen || certifies { Duration::ZERO } else { SOON };
    Plan {
        asks: Ask::Nothing,
        asks_nodes: false,
        asks_users: false,
        actions,
        events,
        status,
        pools,
        look_again: (!is_quiet).then_some(soon),
    }
}

/// What is under way beside the objects.
#[derive(Clone, Debug)]
struct Steps {
    certificates: certificates::Step,
    dynamic: dynamic::Step,
    voters: voters::Step,
    leaving: leaving::Step,
    balance: balance::Step,
    roll: roll::Step,
}

impl Steps {
    /// One after another: what comes first keeps what comes later from beginning something at the same time.
    fn next(
        cluster: &ValidatedCluster,
        progress: &[Progress],
        observed: &Observed,
        certificates: certificates::Step,
    ) -> Self {
        let has_brokers = has_brokers(cluster, progress);
        let voters = voters::next(cluster, progress, observed, has_brokers);
        let leaving = leaving::next(cluster, observed);
        let busy = if voters.action.is_some() {
            Some("the voters change")
        } else {
            (!leaving.actions.is_empty()).then_some("a node leaves")
        };
        Self {
            dynamic: dynamic::next(cluster, observed, has_brokers),
            balance: balance::next(cluster, progress, observed, !leaving.nodes.is_empty()),
            roll: roll::next(cluster, progress, observed, busy),
            voters,
            leaving,
            certificates,
        }
    }

    fn asks(&self) -> Ask {
        let all = [self.dynamic.ask, self.voters.ask, self.leaving.ask, self.balance.ask, self.roll.ask];
        all.into_iter().max().unwrap_or_default()
    }

    fn are_over(&self) -> bool {
        self.certificates.is_over()
            && self.dynamic.unknown.is_none()
            && self.roll.status.is_none()
            && self.balance.status.is_none()
            && self.voters.status.is_none()
            && self.leaving.nodes.is_empty()
    }
}

/// Whether a broker serves that can be asked.
fn has_brokers(cluster: &ValidatedCluster, progress: &[Progress]) -> bool {
    let pools = cluster.pools.iter().zip(progress);
    pools.into_iter().any(|(pool, progress)| pool.has(Role::Broker) && !progress.ready_pods.is_empty())
}

/// The changes to the objects, in order.
fn objects(
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
fn progress(cluster: &ValidatedCluster, observed: &Observed, actions: &[Action]) -> Vec<Progress> {
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

/// What is reported of a cluster that makes no sense. All else that is known of it stays.
#[must_use]
pub fn invalid(observed: &Observed, error: &Invalid) -> Plan {
    refused(observed, "InvalidResource", &error.to_string())
}

/// What is reported when a change could not be carried out, or nothing could be planned.
#[must_use]
pub fn refused(observed: &Observed, reason: &str, message: &str) -> Plan {
    let wanted = [
        Wanted::no(ConditionType::Ready, reason, message),
        Wanted::no(ConditionType::Quiesced, reason, String::new()),
    ];
    only_conditions(observed, &wanted)
}

/// What is reported when Kubernetes refused objects of listeners, such as a port that is taken: all else was done.
#[must_use]
pub fn doubted(observed: &Observed, mut plan: Plan, refusals: &[String]) -> Plan {
    let before = observed.cluster.status.clone().unwrap_or_default();
    let warning = Warning::new(REFUSED, refusals.join("; "));
    let generation = observed.cluster.metadata.generation;
    let conditions = merge(&before.conditions, &[Wanted::warning(&warning)], generation, &observed.now);
    plan.events.extend(events::of_conditions(&before.conditions, &conditions));
    plan.status.conditions.extend(conditions);
    plan.look_again = Some(AFTER_REFUSAL);
    plan
}

fn paused(observed: &Observed) -> Plan {
    only_conditions(observed, &[Wanted::yes(ConditionType::ReconciliationPaused, "Paused", String::new())])
}

fn only_conditions(observed: &Observed, wanted: &[Wanted]) -> Plan {
    let before = observed.cluster.status.clone().unwrap_or_default();
    let generation = observed.cluster.metadata.generation;
    let conditions = merge(&before.conditions, wanted, generation, &observed.now);
    Plan {
        events: events::of_conditions(&before.conditions, &conditions),
        status: KafkaClusterStatus { conditions, observed_generation: generation, ..before },
        ..Plan::default()
    }
}
