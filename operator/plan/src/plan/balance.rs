//! New brokers get their share of the copies: partitions are reassigned to them, from the brokers that have most.
//!
//! Invariants: no partition loses a rack; each has as many copies as before; nothing is begun while other copies move;
//! the brokers that a cluster began with are never touched.

use std::collections::{BTreeMap, BTreeSet};

use operator_api::{BalancePhase, BalanceStatus, Role};

use super::{Action, progress::Progress};
use crate::{
    kafka::{Ask, KafkaState, PartitionState},
    observed::Observed,
    validated::ValidatedCluster,
};

/// A partition and who shall have its copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its topic.
    pub topic: String,
    /// Its number.
    pub index: i32,
    /// Who shall have a copy, preferred leader first.
    pub replicas: Vec<i32>,
}

/// What is done for new brokers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Step {
    /// What must be known first.
    pub(super) ask: Ask,
    /// The changes, in order.
    pub(super) actions: Vec<Action>,
    /// What is reported.
    pub(super) status: Option<BalanceStatus>,
    /// The brokers that have their share.
    pub(super) balanced: Vec<i32>,
    /// The new brokers that have their share now.
    pub(super) done: Vec<i32>,
}

/// The next step for brokers that are new. `others_leave`: nodes are on their way out, whose copies go first.
pub(super) fn next(
    cluster: &ValidatedCluster,
    progress: &[Progress],
    observed: &Observed,
    others_leave: bool,
) -> Step {
    let brokers = cluster.wanted(Role::Broker);
    let before = observed.cluster.status.as_ref();
    let known: BTreeSet<i32> = before.iter().flat_map(|status| &status.balanced_brokers).copied().collect();
    // Those that a cluster begins with have nothing to share; of whom nothing is known, nothing is moved.
    let balanced: Vec<i32> =
        brokers.iter().filter(|id| known.is_empty() || known.contains(*id)).copied().collect();
    let new: Vec<i32> = brokers.iter().filter(|id| !balanced.contains(id)).copied().collect();
    if new.is_empty() {
        return Step { balanced, ..Step::default() };
    }
    let step = |phase, left: usize, waits_for: Option<String>| Step {
        status: Some(BalanceStatus {
            brokers: new.clone(),
            phase,
            partitions_left: i32::try_from(left).unwrap_or(i32::MAX),
            waits_for,
        }),
        balanced: balanced.clone(),
        ..Step::default()
    };
    let waits = |why: String| step(BalancePhase::Waiting, 0, Some(why));
    if others_leave {
        return waits("other nodes leave first".to_owned());
    }
    let is_ready = |pod: &String| progress.iter().any(|progress| progress.ready_pods.contains(pod));
    let pods = new.iter().filter_map(|id| Some(cluster.names.pod(&cluster.pool_of(*id)?.name, *id)));
    if let Some(away) = pods.into_iter().find(|pod| !is_ready(pod)) {
        return waits(format!("pod {away} does not serve yet"));
    }
    if observed.kafka.asked < Ask::Partitions {
        let status = before.and_then(|status| status.balance.clone());
        return Step { ask: Ask::Partitions, status, balanced, ..Step::default() };
    }
    let state = match &observed.kafka.told {
        Err(why) => return waits(format!("the brokers do not answer: {why}")),
        Ok(state) => state,
    };
    if let Some(absent) = new.iter().find(|id| !state.brokers.contains_key(*id)) {
        return waits(format!("broker {absent} is not known to the cluster yet"));
    }
    let is_ours = |partition: &&PartitionState| partition.adding.iter().any(|id| new.contains(id));
    let left = state.partitions.iter().filter(is_ours).count();
    if left > 0 {
        return step(BalancePhase::Moving, left, None);
    }
    let was_moving = before
        .and_then(|status| status.balance.as_ref())
        .is_some_and(|balance| balance.phase == BalancePhase::Moving && balance.brokers == new);
    if was_moving {
        return Step { balanced: brokers.into_iter().collect(), done: new, ..Step::default() };
    }
    if let Some(other) = state.partitions.iter().find(|partition| partition.is_moving()) {
        return waits(format!("copies of {}-{} are on the move", other.topic, other.index));
    }
    let moves = moves(state, &new, &brokers);
    let mut actions = uncordoned(&new);
    if moves.is_empty() {
        return Step { actions, balanced: brokers.into_iter().collect(), done: new, ..Step::default() };
    }
    let begun = step(BalancePhase::Moving, moves.len(), None);
    actions.push(Action::Reassign { moves });
    Step { actions, ..begun }
}

/// One that was on its way out once gets new copies again.
fn uncordoned(brokers: &[i32]) -> Vec<Action> {
    brokers.iter().map(|id| Action::Cordon { broker: *id, is_cordoned: false }).collect()
}

/// Which partitions change a copy so that `new` have as many as the others.
fn moves(state: &KafkaState, new: &[i32], brokers: &BTreeSet<i32>) -> Vec<Move> {
    let mut copies: BTreeMap<i32, usize> = brokers.iter().map(|id| (*id, state.copies(*id))).collect();
    let total: usize = copies.values().sum();
    let share = total / brokers.len().max(1);
    let mut moved: BTreeMap<usize, Vec<i32>> = BTreeMap::new();
    for taker in new {
        while copies.get(taker).copied().unwrap_or_default() < share {
            let Some((at, giver)) = best(state, &copies, &moved, *taker) else { break };
            let Some(partition) = state.partitions.get(at) else { break };
            let replicas = moved.entry(at).or_insert_with(|| partition.replicas.clone());
            replicas.iter_mut().filter(|id| **id == giver).for_each(|id| *id = *taker);
            copies.entry(*taker).and_modify(|count| *count += 1);
            copies.entry(giver).and_modify(|count| *count = count.saturating_sub(1));
        }
    }
    let named = moved.into_iter().filter_map(|(at, replicas)| {
        let partition = state.partitions.get(at)?;
        Some(Move { topic: partition.topic.clone(), index: partition.index, replicas })
    });
    named.collect()
}

/// The partition, and the broker that gives its copy of it to `taker`: the one that has most. One that
/// gives up a leadership is preferred, so that these are spread as well, then the partition that was moved least.
fn best(
    state: &KafkaState,
    copies: &BTreeMap<i32, usize>,
    moved: &BTreeMap<usize, Vec<i32>>,
    taker: i32,
) -> Option<(usize, i32)> {
    let taken = copies.get(&taker).copied().unwrap_or_default();
    let racks = |replicas: &[i32]| {
        replicas.iter().filter_map(|id| state.brokers.get(id)?.as_ref()).collect::<BTreeSet<_>>().len()
    };
    let leads = state
        .partitions
        .iter()
        .enumerate()
        .filter(|(at, partition)| moved.get(at).unwrap_or(&partition.replicas).first() == Some(&taker));
    let wants_lead = leads.count() * copies.len() < state.partitions.len();
    let choices = state
        .partitions
        .iter()
        .enumerate()
        .filter(|(_, partition)| !partition.is_moving())
        .flat_map(|(at, partition)| {
            let replicas = moved.get(&at).unwrap_or(&partition.replicas);
            let givers = if replicas.contains(&taker) { &[][..] } else { replicas };
            let fits = givers.iter().enumerate().filter(|(_, giver)| {
                let swapped: Vec<_> =
                    replicas.iter().map(|id| if id == *giver { taker } else { *id }).collect();
                racks(&swapped) >= racks(replicas)
                    && copies.get(*giver).is_some_and(|count| *count > taken + 1)
            });
            fits.map(|(place, giver)| {
                let count = copies.get(giver).copied().unwrap_or_default();
                (std::cmp::Reverse(count), moved.contains_key(&at), (place == 0) != wants_lead, at, *giver)
            })
            .collect::<Vec<_>>()
        });
    choices.min().map(|(.., at, giver)| (at, giver))
}
