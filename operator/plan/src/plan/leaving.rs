//! Nodes that are not wanted any more, until they are gone.
//!
//! ```text
//! Waiting ─► Draining ─► Unvoting ─► Stopping ─► forgotten
//!            no new copies; those that it has move away
//!                         `voters` takes its vote
//!                                     the StatefulSet shrinks; the pod stops; the broker is unregistered; claims go
//! ```
//!
//! A broker is unregistered when its pod is gone: one that lives registers again. Whoever is wanted again before its pod
//! goes stays: moves off it are cancelled, and it gets its share back as a new broker does.

use std::collections::{BTreeMap, BTreeSet};

use operator_api::{LeavingNode, LeavingPhase, NODE_ID_LABEL, POOL_LABEL, Role};
use serde_json::Value;

use super::{Action, PlanEvent, drain};
use crate::{
    conditions::Warning,
    kafka::{Ask, KafkaState},
    observed::Observed,
    validate::label,
    validated::{Backing, ValidatedCluster, ValidatedPool},
};

/// What is done about nodes that leave.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// What must be known first.
    pub(super) ask: Ask,
    /// The changes, in order.
    pub(super) actions: Vec<Action>,
    /// What is reported of each.
    pub(super) nodes: Vec<LeavingNode>,
    /// What is told of them.
    pub(super) events: Vec<PlanEvent>,
    /// Why some cannot leave.
    pub(super) warnings: Vec<Warning>,
}

impl Step {
    fn tell(&mut self, pod: &str, reason: &str, note: String) {
        self.events.push(PlanEvent::of_pod(pod, reason, note));
    }
}

/// Who leaves, who is on the way out already, and who was and is wanted again.
struct Leaving {
    kept: Vec<(i32, String)>,
    going: Vec<LeavingNode>,
    wanted_again: Vec<LeavingNode>,
    before: BTreeMap<i32, LeavingNode>,
}

impl Leaving {
    fn of(cluster: &ValidatedCluster, observed: &Observed) -> Self {
        let before = observed.cluster.status.iter().flat_map(|status| &status.leaving);
        let before: BTreeMap<_, _> = before.map(|node| (node.node_id, node.clone())).collect();
        let pools = cluster.pools.iter();
        let kept: Vec<_> =
            pools.flat_map(|pool| pool.kept.iter().map(|id| (*id, pool.name.clone()))).collect();
        let kept_ids = cluster.kept();
        let others = before.values().filter(|node| !kept_ids.contains(&node.node_id)).cloned();
        let (wanted_again, going) = others.partition(|node| cluster.pool_of(node.node_id).is_some());
        Self { kept, going, wanted_again, before }
    }

    fn is_nobody(&self) -> bool {
        self.kept.is_empty() && self.before.is_empty()
    }
}

/// The next step for the nodes that leave.
pub(super) fn next(cluster: &ValidatedCluster, observed: &Observed) -> Step {
    let leaving = Leaving::of(cluster, observed);
    if leaving.is_nobody() {
        return Step::default();
    }
    if observed.kafka.asked < Ask::Partitions {
        let nodes = leaving.before.into_values().collect();
        return Step { ask: Ask::Partitions, nodes, ..Step::default() };
    }
    let state = match &observed.kafka.told {
        Ok(state) => state,
        Err(why) => return unknown(leaving, why),
    };
    let mut step = Step::default();
    for node in &leaving.wanted_again {
        let pod = cluster.names.pod(&node.pool, node.node_id);
        step.tell(&pod, "NodeStays", format!("node {} is wanted again and stays", node.node_id));
    }
    let cancelled = moves_off(state, &leaving.wanted_again);
    if !cancelled.is_empty() {
        step.actions.push(Action::CancelMoves { partitions: cancelled });
    }
    drain_kept(cluster, observed, state, &leaving, &mut step);
    for node in leaving.going {
        finish(cluster, observed, state, node, &mut step);
    }
    step
}

/// Nothing is done while Kafka does not say who holds what.
fn unknown(leaving: Leaving, why: &str) -> Step {
    let Leaving { kept, mut before, .. } = leaving;
    for (node_id, pool) in kept {
        let phase = LeavingPhase::Waiting;
        let new = LeavingNode { node_id, pool, phase, partitions_left: 0, waits_for: None };
        before.entry(node_id).or_insert(new);
    }
    let waits_for = Some(format!("what they hold is not known: {why}"));
    let nodes = before.into_values().map(|node| LeavingNode { waits_for: waits_for.clone(), ..node });
    Step { nodes: nodes.collect(), ..Step::default() }
}

/// The partitions whose copies on these nodes are on their way to others.
fn moves_off(state: &KafkaState, nodes: &[LeavingNode]) -> Vec<(String, i32)> {
    let is_off = |removing: &[i32]| nodes.iter().any(|node| removing.contains(&node.node_id));
    let partitions = state.partitions.iter().filter(|partition| is_off(&partition.removing));
    partitions.map(|partition| (partition.topic.clone(), partition.index)).collect()
}

/// Has the copies of those that stay for now move away.
fn drain_kept(
    cluster: &ValidatedCluster,
    observed: &Observed,
    state: &KafkaState,
    leaving: &Leaving,
    step: &mut Step,
) {
    let ids = leaving.kept.iter().map(|(id, _)| *id).chain(leaving.going.iter().map(|node| node.node_id));
    let ids: BTreeSet<i32> = ids.collect();
    let staying =
        cluster.wanted(Role::Broker).into_iter().filter(|id| state.brokers.contains_key(id)).collect();
    let moves = drain::moves(state, &ids, &staying);
    for (id, pool) in &leaving.kept {
        let before = leaving.before.get(id).map_or(LeavingPhase::Waiting, |node| node.phase);
        let (copies, votes) = (state.copies(*id), state.quorum.voters.contains_key(id));
        let refused = moves.as_ref().err().filter(|_| copies > 0);
        let phase = match refused {
            Some(_) => before,
            None if votes && copies == 0 => LeavingPhase::Unvoting,
            None => LeavingPhase::Draining,
        };
        if before == LeavingPhase::Waiting && phase > before {
            let first =
                if copies > 0 { "its copies move to other brokers first" } else { "it holds no copies" };
            step.tell(&cluster.names.pod(pool, *id), "NodeLeaves", format!("node {id} leaves: {first}"));
            if state.brokers.contains_key(id) {
                step.actions.push(Action::Cordon { broker: *id, is_cordoned: true });
            }
        }
        step.nodes.push(LeavingNode {
            node_id: *id,
            pool: pool.clone(),
            phase,
            partitions_left: i32::try_from(copies).unwrap_or(i32::MAX),
            waits_for: refused.cloned(),
        });
    }
    match moves {
        Ok(moves) if moves.is_empty() => {}
        Ok(moves) => step.actions.push(Action::Reassign { moves }),
        Err(why) => step
            .warnings
            .extend(cluster.pools.iter().filter_map(|pool| refusal(cluster, observed, pool, &why))),
    }
}

/// Why a pool keeps nodes that it is not to have.
fn refusal(
    cluster: &ValidatedCluster,
    observed: &Observed,
    pool: &ValidatedPool,
    why: &str,
) -> Option<Warning> {
    let object = cluster.names.pool(&pool.name);
    observed.live.get("StatefulSet", &object)?;
    let (all, wanted) = (pool.node_ids.len(), pool.node_ids.len() - pool.kept.len());
    let message = format!("{object} keeps {all} nodes and not {wanted}: {why}");
    (!pool.kept.is_empty()).then(|| Warning::new("ScaleDownRefused", message))
}

/// Ends what is left of a node that the StatefulSet has no more.
fn finish(
    cluster: &ValidatedCluster,
    observed: &Observed,
    state: &KafkaState,
    node: LeavingNode,
    step: &mut Step,
) {
    let id = node.node_id;
    let pod = cluster.names.pod(&node.pool, id);
    let copies = state.copies(id);
    let waits_for = if observed.pods.iter().any(|found| found.name == pod) {
        Some(format!("pod {pod} is stopping"))
    } else if copies > 0 {
        // A topic that was made at the last moment: its copies move, or the user takes the node back.
        Some(format!("copies of {copies} partitions were placed on it at last"))
    } else if state.registered.contains(&id) {
        step.tell(&pod, "BrokerUnregistered", format!("broker {id} is unregistered: its pod is gone"));
        step.actions.push(Action::Unregister { broker: id });
        None
    } else {
        let claims = claims(cluster, observed, &node);
        if claims.is_empty() {
            step.tell(&pod, "NodeGone", format!("node {id} is gone"));
            return;
        }
        step.tell(&pod, "ClaimsDeleted", format!("node {id} is gone, and its claims go with it"));
        step.actions.extend(claims);
        None
    };
    let partitions_left = i32::try_from(copies).unwrap_or(i32::MAX);
    step.nodes.push(LeavingNode { phase: LeavingPhase::Stopping, partitions_left, waits_for, ..node });
}

/// Deletes the claims of a node that are to go with it; none when none is left.
fn claims(cluster: &ValidatedCluster, observed: &Observed, node: &LeavingNode) -> Vec<Action> {
    let pool = cluster.pools.iter().find(|pool| pool.name == node.pool);
    let volumes = pool.iter().flat_map(|pool| &pool.storage.volumes);
    let pod = cluster.names.pod(&node.pool, node.node_id);
    let goes = volumes
        .filter(|volume| matches!(volume.backing, Backing::Claim { is_deleted_with_cluster: true, .. }))
        .map(|volume| volume.claim_name(&pod));
    let is_the_nodes = |claim: &Value| {
        label(claim, POOL_LABEL) == Some(&node.pool)
            && label(claim, NODE_ID_LABEL).is_some_and(|id| id == node.node_id.to_string())
    };
    let there = goes.filter_map(|name| {
        let claim = observed.live.get("PersistentVolumeClaim", &name).filter(|claim| is_the_nodes(claim))?;
        let uid = claim.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned);
        Some(Action::DeleteClaim { name, uid })
    });
    there.collect()
}
