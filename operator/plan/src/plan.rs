//! What to do next for a cluster: changes in order, events, and the status to report.
//!
//! Invariants: an invalid or paused cluster changes nothing but its status; nothing is made before the cluster's id is
//! recorded; at most one pod is taken down by one plan, and none while a change to its StatefulSet is on its way; the
//! plan after a plan that was carried out is empty.

mod action;
mod advertised;
mod balance;
mod claims;
#[cfg(test)]
mod cluster_tests;
mod difference;
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

use std::time::Duration;

use operator_api::{
    ConditionType, KafkaClusterStatus, KafkaNodePoolStatus, PAUSE_ANNOTATION, Role, RollPhase,
};

use self::progress::{Outdated, Progress};
use crate::{
    certificates,
    conditions::{Wanted, Warning, merge},
    kafka::Ask,
    listeners::{Addresses, REFUSED},
    observed::{Observed, Settings},
    validate::{Invalid, are_given, validate},
    validated::ValidatedCluster,
};
pub use action::Action;
pub use balance::Move;
pub use events::{EventKind, PlanEvent};
pub use voters::{ControllerEndpoint, VoterKey};
pub use zones::NO_ZONE;

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
    let mut actions =
        difference::changes(cluster, observed, settings, (&certificates, &addresses), &mut warnings);
    actions.extend(advertised::untold(cluster, observed, &addresses));
    advertised::check(&addresses, &mut warnings);
    let progress = difference::progress(cluster, observed, &actions);
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
