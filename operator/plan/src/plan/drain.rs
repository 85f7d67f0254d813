//! Where the copies of brokers that leave go to.
//!
//! Invariants: a partition has as many copies afterwards as before; it loses a rack only when no broker that stays could
//! keep it; a bounded number of partitions is on the move at once, which is what bounds the load until reassignments are
//! throttled.

use std::collections::{BTreeMap, BTreeSet};

use super::Move;
use crate::kafka::{KafkaState, PartitionState};

/// How many partitions may be on their way off leaving brokers at once.
const MOVING_MAX: usize = 100;

/// The moves to begin now, of copies on the brokers `leaving` to some of the brokers `staying`.
///
/// # Errors
/// Why some copy has nowhere to go, for people. Nothing is moved then: a drain that cannot end is not begun.
pub(super) fn moves(
    state: &KafkaState,
    leaving: &BTreeSet<i32>,
    staying: &BTreeSet<i32>,
) -> Result<Vec<Move>, String> {
    let mut load: BTreeMap<i32, Load> = staying.iter().map(|id| (*id, Load::of(state, *id))).collect();
    let mut moves = Vec::new();
    for partition in &state.partitions {
        let target = partition.target();
        if target.iter().any(|id| leaving.contains(id)) {
            moves.push(moved(state, partition, target, leaving, &mut load)?);
        }
    }
    let is_under_way = |partition: &&PartitionState| partition.removing.iter().any(|id| leaving.contains(id));
    let under_way = state.partitions.iter().filter(is_under_way).count();
    moves.truncate(MOVING_MAX.saturating_sub(under_way));
    Ok(moves)
}

/// What a broker has, with what it is to get.
#[derive(Clone, Copy, Debug)]
struct Load {
    copies: usize,
    leaderships: usize,
}

impl Load {
    fn of(state: &KafkaState, id: i32) -> Self {
        let targets = || state.partitions.iter().map(PartitionState::target);
        Self {
            copies: targets().filter(|target| target.contains(&id)).count(),
            leaderships: targets().filter(|target| target.first() == Some(&id)).count(),
        }
    }
}

fn moved(
    state: &KafkaState,
    partition: &PartitionState,
    target: Vec<i32>,
    leaving: &BTreeSet<i32>,
    load: &mut BTreeMap<i32, Load>,
) -> Result<Move, String> {
    let mut replicas = target;
    for place in 0..replicas.len() {
        if replicas.get(place).is_none_or(|id| !leaving.contains(id)) {
            continue;
        }
        let others: Vec<i32> = replicas.iter().copied().filter(|id| !leaving.contains(id)).collect();
        let has_racks: BTreeSet<_> = others.iter().filter_map(|id| state.brokers.get(id)?.as_ref()).collect();
        let is_new_rack = |id: &i32| {
            state.brokers.get(id).and_then(Option::as_ref).is_some_and(|rack| !has_racks.contains(rack))
        };
        let fits = load.iter().filter(|(id, _)| !replicas.contains(id));
        let best = fits.min_by_key(|(id, load)| {
            let leads = if place == 0 { load.leaderships } else { 0 };
            (!is_new_rack(id), leads, load.copies, **id)
        });
        let Some(taker) = best.map(|(id, _)| *id) else {
            return Err(format!(
                "partition {}-{} has {} copies, and only {} brokers are there to hold them",
                partition.topic,
                partition.index,
                replicas.len(),
                load.len()
            ));
        };
        if let Some(load) = load.get_mut(&taker) {
            load.copies += 1;
            load.leaderships += usize::from(place == 0);
        }
        if let Some(replica) = replicas.get_mut(place) {
            *replica = taker;
        }
    }
    Ok(Move { topic: partition.topic.clone(), index: partition.index, replicas })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(racks: &[(i32, &str)], partitions: &[&[i32]]) -> KafkaState {
        let partition = |(index, replicas): (i32, &&[i32])| PartitionState {
            topic: "t".to_owned(),
            index,
            leader: replicas.first().copied(),
            replicas: replicas.to_vec(),
            isr: replicas.to_vec(),
            min_isr: 2,
            ..PartitionState::default()
        };
        KafkaState {
            brokers: racks.iter().map(|(id, rack)| (*id, Some((*rack).to_owned()))).collect(),
            partitions: (0..).zip(partitions).map(partition).collect(),
            ..KafkaState::default()
        }
    }

    fn drained(state: &KafkaState, leaving: &[i32], staying: &[i32]) -> Result<Vec<(i32, Vec<i32>)>, String> {
        let moves = moves(state, &leaving.iter().copied().collect(), &staying.iter().copied().collect())?;
        Ok(moves.into_iter().map(|moved| (moved.index, moved.replicas)).collect())
    }

    #[test]
    fn copies_go_where_their_rack_is_or_to_one_that_has_none() {
        let racks = [(0, "a"), (1, "b"), (2, "c"), (3, "a"), (4, "b")];
        let state = state(&racks, &[&[3, 1, 2], &[1, 3, 2], &[0, 1, 2], &[2, 1, 3]]);
        let expected = [(0, vec![0, 1, 2]), (1, vec![1, 0, 2]), (3, vec![2, 1, 0])];
        assert_eq!(drained(&state, &[3], &[0, 1, 2, 4]), Ok(expected.to_vec()));
    }

    #[test]
    fn a_rack_is_lost_only_with_its_last_broker_and_the_load_is_spread() {
        let racks = [(0, "a"), (1, "a"), (2, "a"), (3, "b")];
        let state = state(&racks, &[&[3, 0], &[3, 1], &[3, 2], &[0, 3]]);
        let expected = [(0, vec![1, 0]), (1, vec![2, 1]), (2, vec![0, 2]), (3, vec![0, 1])];
        assert_eq!(drained(&state, &[3], &[0, 1, 2]), Ok(expected.to_vec()));
    }

    #[test]
    fn too_few_brokers_are_the_reason_not_to_begin() {
        let racks = [(0, "a"), (1, "b"), (2, "c")];
        let state = state(&racks, &[&[0, 1], &[0, 1, 2]]);
        let why = "partition t-1 has 3 copies, and only 2 brokers are there to hold them";
        assert_eq!(drained(&state, &[2], &[0, 1]), Err(why.to_owned()));
        assert_eq!(drained(&state, &[1, 2], &[0]).map_err(|why| why.contains("t-0 has 2 copies")), Err(true));
    }

    #[test]
    fn a_copy_on_its_way_to_a_broker_that_leaves_is_sent_elsewhere_and_one_on_its_way_off_is_left_alone() {
        let racks = [(0, "a"), (1, "b"), (2, "c"), (3, "a")];
        let mut state = state(&racks, &[&[0, 1, 2, 3], &[1, 2, 3, 0]]);
        state.partitions[0].adding = vec![3];
        state.partitions[0].removing = vec![0];
        state.partitions[1].adding = vec![0];
        state.partitions[1].removing = vec![3];
        assert_eq!(drained(&state, &[3], &[0, 1, 2]), Ok(vec![(0, vec![1, 2, 0])]));
    }

    #[test]
    fn only_so_many_are_on_the_move_at_once() {
        let racks = [(0, "a"), (1, "b"), (2, "c")];
        let all: Vec<&[i32]> = vec![&[2, 1]; MOVING_MAX + 10];
        let mut state = state(&racks, &all);
        assert_eq!(drained(&state, &[2], &[0, 1]).map(|moves| moves.len()), Ok(MOVING_MAX));
        for partition in state.partitions.iter_mut().take(MOVING_MAX) {
            partition.replicas = vec![2, 1, 0];
            partition.adding = vec![0];
            partition.removing = vec![2];
        }
        assert_eq!(drained(&state, &[2], &[0, 1]).map(|moves| moves.len()), Ok(0));
        state.partitions.iter_mut().take(5).for_each(|done| {
            (done.replicas, done.adding, done.removing) = (vec![0, 1], vec![], vec![]);
        });
        assert_eq!(drained(&state, &[2], &[0, 1]).map(|moves| moves.len()), Ok(5));
    }
}
