//! Another number of copies, as a reassignment (KIP-455, KIP-860).
//!
//! Invariants: copies are taken away only where as many as `min.insync.replicas` are left; the first copy, which leads
//! where nothing speaks against it, stays where it can; a copy that comes goes to a rack that has none, as long as there is
//! one; a bounded number of partitions of a topic is on the move at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{ObservedPartition, ObservedTopic};

/// How many partitions of one topic may be on the move at once.
const MOVING_MAX: usize = 100;

/// What there is to do about the number of copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing: it is as wanted.
    None,
    /// All are or will be as many as wanted; of so many partitions copies still move.
    Settling(usize),
    /// Others move first, and no more can be begun now. So many partitions are left.
    Ongoing(usize),
    /// These moves can begin: partitions and who holds each then. So many partitions are left.
    Begin(Vec<(i32, Vec<i32>)>, usize),
    /// It cannot be, for now or at all.
    Refused(String),
}

/// What to do so that every partition of `observed` has `wanted` copies, none new on a broker that is `leaving`.
pub(super) fn change(
    name: &str,
    wanted: i32,
    observed: &ObservedTopic,
    min_in_sync: i32,
    leaving: &BTreeSet<i32>,
) -> Change {
    let wanted_copies = usize::try_from(wanted).unwrap_or_default();
    let is_other = |partition: &&ObservedPartition| partition.replicas.len() != wanted_copies;
    let moving = observed.partitions.iter().filter(|partition| partition.is_moving).count();
    if !observed.partitions.iter().any(|partition| is_other(&partition)) {
        return if moving == 0 { Change::None } else { Change::Settling(moving) };
    }
    let is_left = |partition: &&ObservedPartition| is_other(partition) || partition.is_moving;
    let left = observed.partitions.iter().filter(is_left).count();
    let staying: BTreeSet<i32> =
        observed.brokers.keys().copied().filter(|broker| !leaving.contains(broker)).collect();
    let has_fewer = observed.partitions.iter().any(|partition| partition.replicas.len() < wanted_copies);
    if has_fewer && staying.len() < wanted_copies {
        let brokers = staying.len();
        return Change::Refused(format!(
            "spec.replicas is {wanted}, and {brokers} brokers are there to hold copies"
        ));
    }
    let has_more = observed.partitions.iter().any(|partition| partition.replicas.len() > wanted_copies);
    if has_more && wanted < min_in_sync {
        let why = "nothing could be written with acks=all";
        return Change::Refused(format!(
            "spec.replicas is {wanted} and min.insync.replicas {min_in_sync}: {why}"
        ));
    }
    let mut place = Place::new(name, observed, staying);
    let rests = (0..).zip(&observed.partitions).filter(|(_, partition)| !partition.is_moving);
    let moves: Vec<_> = rests
        .filter(|(_, partition)| is_other(partition))
        .take(MOVING_MAX.saturating_sub(moving))
        .map(|(index, partition)| (index, place.resize(index, partition, wanted_copies)))
        .collect();
    if moves.is_empty() { Change::Ongoing(left) } else { Change::Begin(moves, left) }
}

/// Who has how many copies of the topic while they are placed.
struct Place<'a> {
    observed: &'a ObservedTopic,
    staying: BTreeSet<i32>,
    copies: BTreeMap<i32, usize>,
    /// Where the topic begins among brokers that are equal, so that many topics do not all begin with the first.
    seed: usize,
}

impl<'a> Place<'a> {
    fn new(name: &str, observed: &'a ObservedTopic, staying: BTreeSet<i32>) -> Self {
        let mut copies = BTreeMap::new();
        for broker in observed.partitions.iter().flat_map(|partition| &partition.replicas) {
            *copies.entry(*broker).or_default() += 1;
        }
        Self { observed, staying, copies, seed: name.bytes().map(usize::from).sum() }
    }

    fn resize(&mut self, index: i32, partition: &ObservedPartition, wanted: usize) -> Vec<i32> {
        let mut replicas = partition.replicas.clone();
        while replicas.len() > wanted {
            let Some(at) = self.worst(partition, &replicas) else { break };
            let broker = replicas.remove(at);
            self.copies.entry(broker).and_modify(|count| *count = count.saturating_sub(1));
        }
        while replicas.len() < wanted {
            let Some(broker) = self.best(index, &replicas) else { break };
            *self.copies.entry(broker).or_default() += 1;
            replicas.push(broker);
        }
        replicas
    }

    /// The place of the copy that is missed least.
    fn worst(&self, partition: &ObservedPartition, replicas: &[i32]) -> Option<usize> {
        let places = replicas.iter().enumerate().max_by_key(|(at, broker)| {
            let is_away = !self.staying.contains(*broker);
            let is_behind = !partition.isr.contains(*broker);
            let rack = self.rack(**broker);
            let is_alone =
                rack.is_some() && !replicas.iter().any(|other| other != *broker && self.rack(*other) == rack);
            let copies = self.copies.get(*broker).copied().unwrap_or_default();
            (is_away, is_behind, *at != 0, !is_alone, copies, *at)
        });
        places.map(|(at, _)| at)
    }

    /// The broker that gets the next copy.
    fn best(&self, index: i32, replicas: &[i32]) -> Option<i32> {
        let racks: BTreeSet<_> = replicas.iter().filter_map(|broker| self.rack(*broker)).collect();
        let begin = self.seed.wrapping_add(usize::try_from(index).unwrap_or_default());
        let count = self.staying.len().max(1);
        let choices = self.staying.iter().enumerate().filter(|(_, broker)| !replicas.contains(broker));
        let best = choices.min_by_key(|(at, broker)| {
            let is_new_rack = self.rack(**broker).is_some_and(|rack| !racks.contains(rack));
            let copies = self.copies.get(*broker).copied().unwrap_or_default();
            (!is_new_rack, copies, (at + count - begin % count) % count)
        });
        best.map(|(_, broker)| *broker)
    }

    fn rack(&self, broker: i32) -> Option<&'a str> {
        self.observed.brokers.get(&broker)?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn observed(racks: &[(i32, &str)], partitions: &[&[i32]]) -> ObservedTopic {
        let rest = |replicas: &&[i32]| ObservedPartition {
            replicas: replicas.to_vec(),
            isr: replicas.to_vec(),
            is_moving: false,
        };
        ObservedTopic {
            brokers: Arc::new(racks.iter().map(|(id, rack)| (*id, Some((*rack).to_owned()))).collect()),
            partitions: partitions.iter().map(rest).collect(),
            ..ObservedTopic::default()
        }
    }

    const RACKS: [(i32, &str); 4] = [(0, "a"), (1, "b"), (2, "c"), (3, "a")];

    fn changed(observed: &ObservedTopic, wanted: i32) -> Change {
        change("t", wanted, observed, 1, &BTreeSet::new())
    }

    fn begun(change: Change) -> Vec<Vec<i32>> {
        let Change::Begin(moves, _) = change else { panic!("nothing begins: {change:?}") };
        moves.into_iter().map(|(_, replicas)| replicas).collect()
    }

    #[test]
    fn copies_come_to_racks_that_have_none() {
        let observed = observed(&RACKS, &[&[0], &[1], &[2]]);
        for replicas in begun(changed(&observed, 3)) {
            let racks: BTreeSet<_> =
                replicas.iter().map(|id| RACKS[usize::try_from(*id).unwrap()].1).collect();
            assert_eq!(racks.len(), 3, "{replicas:?}");
        }
        assert_eq!(begun(changed(&observed, 4))[0].len(), 4, "more copies than racks share one");
    }

    #[test]
    fn the_first_stays_first() {
        let observed = observed(&RACKS, &[&[3], &[2, 1, 0]]);
        let firsts: Vec<_> = begun(changed(&observed, 2)).iter().map(|replicas| replicas[0]).collect();
        assert_eq!(firsts, [3, 2]);
    }

    #[test]
    fn copies_that_are_missed_least_go() {
        let leaving = BTreeSet::from([0]);
        let gone =
            |observed: &ObservedTopic, leaving: &BTreeSet<i32>| begun(change("t", 2, observed, 2, leaving));
        assert_eq!(
            gone(&observed(&RACKS, &[&[0, 1, 3]]), &BTreeSet::new()),
            [vec![0, 1]],
            "its rack has another"
        );
        assert_eq!(gone(&observed(&RACKS, &[&[0, 1, 2]]), &leaving), [vec![1, 2]], "its broker leaves");
        let mut behind = observed(&RACKS, &[&[0, 1, 3]]);
        behind.partitions[0].isr = vec![0, 3];
        assert_eq!(gone(&behind, &BTreeSet::new()), [vec![0, 3]], "it is behind");
        let mut first = observed(&RACKS, &[&[0, 1, 2]]);
        first.partitions[0].isr = vec![1, 2];
        assert_eq!(gone(&first, &BTreeSet::new()), [vec![1, 2]], "even the first, where it is behind");
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_reason() {
        let three = observed(&RACKS, &[&[0, 1, 2]]);
        let cases = [
            (5, 1, vec![], "spec.replicas is 5, and 4 brokers are there to hold copies"),
            (4, 1, vec![3], "spec.replicas is 4, and 3 brokers are there to hold copies"),
            (
                1,
                2,
                vec![],
                "spec.replicas is 1 and min.insync.replicas 2: nothing could be written with acks=all",
            ),
        ];
        for (wanted, min_in_sync, leaving, why) in cases {
            let leaving = leaving.into_iter().collect();
            assert_eq!(change("t", wanted, &three, min_in_sync, &leaving), Change::Refused(why.to_owned()));
        }
    }

    #[test]
    fn a_bounded_number_moves_at_once() {
        let all: Vec<&[i32]> = vec![&[0]; MOVING_MAX + 10];
        let mut observed = observed(&RACKS, &all);
        let Change::Begin(moves, left) = changed(&observed, 2) else { panic!("it begins") };
        assert_eq!((moves.len(), left), (MOVING_MAX, MOVING_MAX + 10));
        for (index, replicas) in moves {
            let partition = &mut observed.partitions[usize::try_from(index).unwrap()];
            (partition.replicas, partition.is_moving) = (replicas, true);
        }
        assert_eq!(changed(&observed, 2), Change::Ongoing(MOVING_MAX + 10));
        observed.partitions.iter_mut().take(MOVING_MAX).for_each(|partition| partition.is_moving = false);
        let Change::Begin(moves, left) = changed(&observed, 2) else { panic!("it goes on") };
        assert_eq!((moves.len(), left), (10, 10));
        for (index, replicas) in moves {
            let partition = &mut observed.partitions[usize::try_from(index).unwrap()];
            (partition.replicas, partition.is_moving) = (replicas, true);
        }
        assert_eq!(changed(&observed, 2), Change::Settling(10));
        observed.partitions.iter_mut().for_each(|partition| partition.is_moving = false);
        assert_eq!(changed(&observed, 2), Change::None);
    }

    #[test]
    fn copies_of_many_topics_are_spread() {
        let observed = observed(&[(0, "a"), (1, "a"), (2, "a"), (3, "a")], &[&[0]]);
        let names = (0..30).map(|number| format!("topic-{number}"));
        let takers: BTreeSet<_> =
            names.map(|name| begun(change(&name, 2, &observed, 1, &BTreeSet::new()))[0][1]).collect();
        assert_eq!(takers, BTreeSet::from([1, 2, 3]));
    }
}
