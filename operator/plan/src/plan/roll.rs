//! Which pod is restarted next: one at a time, and only when the cluster can do without it.
//!
//! Order: controllers before brokers, of each those that do not serve first, the active controller last. A pod is chosen,
//! the choice is recorded in the status, and everything is read anew before it is stopped: both looks must say that no
//! partition loses the copies that it needs and that the quorum keeps a majority. While Kafka does not answer, nothing is
//! stopped. Two exceptions: a pod that cannot run at all has nothing to lose, and the only node of a cluster has nobody
//! to hand over to: its partitions are away for the restart, which the user asked for.

use std::collections::BTreeSet;

use operator_api::{Role, RollPhase, RollStatus};

use super::progress::{Outdated, Progress};
use crate::{
    kafka::{Ask, KafkaState},
    observed::Observed,
    validated::ValidatedCluster,
};

/// What comes next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    /// What must be known first.
    pub(super) ask: Ask,
    /// The pod to stop now.
    pub(super) stop: Option<Outdated>,
    /// What is reported.
    pub(super) status: Option<RollStatus>,
}

/// The next step of the roll. `busy`: what else is being changed at this moment.
pub(super) fn next(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    busy: Option<&str>,
) -> Step {
    let mut outdated: Vec<_> = progress.iter().flat_map(|progress| &progress.outdated).collect();
    if outdated.is_empty() {
        return Step { status: coming_back(progress, observed), ..Step::default() };
    }
    let nodes: BTreeSet<i32> = cluster.pools.iter().flat_map(|pool| pool.node_ids.iter().copied()).collect();
    let is_alone = nodes.len() == 1;
    if !is_alone && observed.kafka.asked < Ask::Partitions {
        return Step { ask: Ask::Partitions, status: before(observed), ..Step::default() };
    }
    let active = observed.kafka.told.as_ref().ok().and_then(|state| state.quorum.leader);
    outdated.sort_by_key(|one| {
        let is_controller = one.roles.contains(&Role::Controller);
        (!is_controller, one.is_ready, active == Some(one.node_id), one.node_id)
    });
    let Some(next) = outdated.first() else { return Step::default() };
    let status = |phase, waits_for| {
        Some(RollStatus {
            pending: i32::try_from(outdated.len()).unwrap_or(i32::MAX),
            pod: next.pod.clone(),
            uid: next.uid.clone(),
            phase,
            reason: next.why.to_owned(),
            waits_for,
        })
    };
    let is_free = busy.map_or(Ok(()), |what| Err(what.to_owned()));
    if let Err(why) = is_free.and_then(|()| is_safe(cluster, progress, observed, next, is_alone)) {
        return Step { status: status(RollPhase::Waiting, Some(why)), ..Step::default() };
    }
    let was_chosen = before(observed).is_some_and(|before| {
        before.phase == RollPhase::Chosen && before.pod == next.pod && before.uid == next.uid
    });
    if was_chosen {
        Step { status: status(RollPhase::Restarting, None), stop: Some((*next).clone()), ..Step::default() }
    } else {
        Step { status: status(RollPhase::Chosen, None), ..Step::default() }
    }
}

fn before(observed: &Observed) -> Option<RollStatus> {
    observed.cluster.status.as_ref()?.roll.clone()
}

/// The last pod of a roll that is not back yet.
fn coming_back(progress: &[Progress], observed: &Observed) -> Option<RollStatus> {
    let before = before(observed)?;
    let is_back = progress.iter().all(|progress| progress.away.as_ref() != Some(&before.pod));
    (!is_back).then_some(RollStatus {
        pending: 0,
        uid: None,
        phase: RollPhase::Restarting,
        waits_for: None,
        ..before
    })
}

/// Whether the cluster can do without `next` now.
fn is_safe(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    next: &Outdated,
    is_alone: bool,
) -> Result<(), String> {
    if let Some(going) = observed.pods.iter().find(|pod| pod.is_going) {
        return Err(format!("pod {} is stopping", going.name));
    }
    if is_alone || next.is_stuck {
        return Ok(());
    }
    if let Some(away) = progress.iter().find_map(|progress| progress.away.as_ref()) {
        return Err(format!("pod {away} does not serve yet"));
    }
    match &observed.kafka.told {
        Err(why) => Err(format!("the brokers do not say whether it is safe: {why}")),
        Ok(state) => can_stop(cluster, state, next),
    }
}

fn can_stop(cluster: &ValidatedCluster, state: &KafkaState, next: &Outdated) -> Result<(), String> {
    if next.roles.contains(&Role::Controller) {
        state.quorum.can_stop(next.node_id, cluster.behind_max_ms())?;
    }
    if next.roles.contains(&Role::Broker) {
        state.can_stop_broker(next.node_id)?;
    }
    Ok(())
}
