//! A pool that is to have fewer nodes: those that have something to give away stay until they have.
//!
//! Invariants: only the highest ids go, as a StatefulSet has it; a node goes when its leaving is recorded and Kafka says
//! that it holds no copy and has no vote; the controllers that a cluster begins with are the same until they have begun.

use std::ops::Range;

use operator_api::{BootstrapState, KafkaNodePoolSpec, LeavingPhase, REMOVE_NODE_IDS_ANNOTATION, Role};
use serde_json::Value;

use super::{Invalid, node_ids};
use crate::{conditions::Warning, kafka::Ask, observed::Observed};

/// How many nodes a pool has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Size {
    /// So many are wanted.
    pub(super) wanted: i32,
    /// The ids at its end that are not wanted and stay for now.
    pub(super) kept: Range<i32>,
}

/// The size of the pool in StatefulSet `object`, whose ids begin at `start`. `goes`: what its annotation says of the ids
/// that go first.
pub(super) fn size(
    observed: &Observed,
    (pool, object): (&str, &str),
    stated: &KafkaNodePoolSpec,
    start: i32,
    goes: Option<&str>,
    warnings: &mut Vec<Warning>,
) -> Result<Size, Invalid> {
    let wanted = first_controllers(observed, stated, start).unwrap_or(stated.replicas);
    let live = replicas(observed, object);
    let unwanted = start.saturating_add(wanted)..start.saturating_add(live);
    if unwanted.is_empty() {
        return Ok(Size { wanted, kept: start..start });
    }
    if let Some(other) = asks_for_another(goes, pool, &unwanted, start)? {
        let message = format!(
            "{object} keeps its {live} nodes: {REMOVE_NODE_IDS_ANNOTATION} asks for node {other}, and a StatefulSet gives up \
             its highest ids only, which are {unwanted:?}"
        );
        warnings.push(Warning::new("ScaleDownRefused", message));
        return Ok(Size { wanted: live, kept: start..start });
    }
    let end = unwanted.clone().rfind(|id| stays(observed, *id)).map_or(start, |id| id.saturating_add(1));
    Ok(Size { wanted, kept: start.saturating_add(wanted)..end })
}

/// How many nodes a live StatefulSet has.
pub(super) fn replicas(observed: &Observed, object: &str) -> i32 {
    let live = observed.live.get("StatefulSet", object);
    let replicas = live.and_then(|live| live.pointer("/spec/replicas")).and_then(Value::as_i64);
    replicas.and_then(|replicas| i32::try_from(replicas).ok()).unwrap_or_default()
}

/// Until each of the controllers that a cluster begins with has begun, those are all: a set that changes while it is
/// written for the first time could be written twice.
fn first_controllers(observed: &Observed, stated: &KafkaNodePoolSpec, start: i32) -> Option<i32> {
    let bootstrap = observed.cluster.status.as_ref()?.bootstrap.as_ref()?;
    if bootstrap.state == BootstrapState::Done || !stated.roles.contains(&Role::Controller) {
        return None;
    }
    let block = start..start.saturating_add(node_ids::BLOCK);
    let first = bootstrap.controllers.iter().filter(|controller| block.contains(&controller.node_id));
    i32::try_from(first.count()).ok()
}

/// The first id that the annotation asks for and that is not among those that can go.
fn asks_for_another(
    goes: Option<&str>,
    pool: &str,
    unwanted: &Range<i32>,
    start: i32,
) -> Result<Option<i32>, Invalid> {
    let Some(text) = goes else { return Ok(None) };
    let asked = node_ids::read_list(text).ok_or_else(|| {
        let field = format!("KafkaNodePool/{pool} {REMOVE_NODE_IDS_ANNOTATION}");
        Invalid::new(field, "such as [3] or [3, 5-7]")
    })?;
    let there = asked.into_iter().flatten().filter(|id| (start..unwanted.end).contains(id));
    Ok(there.take(unwanted.len()).find(|id| !unwanted.contains(id)))
}

/// Whether node `id` has something to give away, as far as is known.
fn stays(observed: &Observed, id: i32) -> bool {
    let known = (observed.kafka.asked == Ask::Partitions).then_some(observed.kafka.told.as_ref());
    let Some(Ok(state)) = known else { return true };
    let leaving = observed.cluster.status.iter().flat_map(|status| &status.leaving);
    let is_recorded =
        leaving.into_iter().any(|node| node.node_id == id && node.phase > LeavingPhase::Waiting);
    !is_recorded || state.copies(id) > 0 || state.quorum.voters.contains_key(&id)
}
