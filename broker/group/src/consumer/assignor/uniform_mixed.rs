//! Uniform, when members want different topics.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_types::{PartitionId, TopicId};

use super::{Assignment, Problem, count};
use crate::MemberId;

/// How often all topics are looked at for a better balance: it is mostly found at once.
const ROUNDS: usize = 16;

/// Loads of members in order, so that the least and the most loaded are found at once.
#[derive(Default)]
struct Loads(BTreeSet<(usize, MemberId)>);

/// Everybody keeps what it has; what is free goes to the least loaded that wants it, topics with few takers first. Then
/// partitions move from the most to the least loaded taker of their topic while that evens out.
pub(super) fn assign(problem: &Problem) -> BTreeMap<MemberId, Assignment> {
    let mut assignments: BTreeMap<_, _> =
        problem.members.iter().map(|(id, member)| (id.clone(), problem.kept(member))).collect();
    let mut free = BTreeMap::<TopicId, Vec<PartitionId>>::new();
    for (topic, partition) in problem.unassigned(&mut assignments) {
        free.entry(topic).or_default().push(partition);
    }
    let topics = topics_by_takers(problem);
    for (topic, takers) in &topics {
        let mut loads = Loads::of(takers, &assignments);
        for partition in free.remove(topic).unwrap_or_default() {
            let Some(least) = loads.add_to_least() else { break };
            if let Some(assignment) = assignments.get_mut(&least) {
                assignment.entry(*topic).or_default().insert(partition);
            }
        }
    }
    for _ in 0..ROUNDS {
        let moved: usize =
            topics.iter().map(|(topic, takers)| even_out(*topic, takers, &mut assignments)).sum();
        if moved == 0 {
            break;
        }
    }
    assignments.values_mut().for_each(|assignment| assignment.retain(|_, partitions| !partitions.is_empty()));
    assignments
}

/// Topics with who wants them: those with most partitions for each taker first, then those with fewest takers.
fn topics_by_takers(problem: &Problem) -> Vec<(TopicId, Vec<&MemberId>)> {
    let mut takers = BTreeMap::<TopicId, Vec<&MemberId>>::new();
    for (id, member) in &problem.members {
        for topic in &member.topics {
            takers.entry(*topic).or_default().push(id);
        }
    }
    let mut topics: Vec<_> = takers.into_iter().collect();
    topics.sort_by(|(one, one_takers), (other, other_takers)| {
        let (one_count, other_count) = (problem.partitions_of(*one), problem.partitions_of(*other));
        let load = (other_count * one_takers.len()).cmp(&(one_count * other_takers.len()));
        load.then(one_takers.len().cmp(&other_takers.len())).then(one.cmp(other))
    });
    topics
}

/// Moves partitions of one topic; says how many.
fn even_out(topic: TopicId, takers: &[&MemberId], assignments: &mut BTreeMap<MemberId, Assignment>) -> usize {
    let mut loads = Loads::of(takers, assignments);
    let has = |id: &MemberId, assignments: &BTreeMap<MemberId, Assignment>| {
        assignments.get(id).and_then(|it| it.get(&topic)).is_some_and(|partitions| !partitions.is_empty())
    };
    let mut moved = 0;
    loop {
        let Some(least) = loads.0.first().cloned() else { return moved };
        // Of those that are more loaded by two or more, the most loaded that has any.
        let most = loads.0.iter().rev().take_while(|(load, _)| *load > least.0 + 1);
        let Some(most) = most.clone().find(|(_, id)| has(id, assignments)).cloned() else { return moved };
        let partitions = assignments.get_mut(&most.1).and_then(|assignment| assignment.get_mut(&topic));
        let Some(partition) = partitions.and_then(BTreeSet::pop_last) else { return moved };
        if let Some(assignment) = assignments.get_mut(&least.1) {
            assignment.entry(topic).or_default().insert(partition);
        }
        loads.shift(most, least);
        moved += 1;
    }
}

impl Loads {
    fn of(takers: &[&MemberId], assignments: &BTreeMap<MemberId, Assignment>) -> Self {
        let load = |id: &&MemberId| (assignments.get(*id).map_or(0, count), (*id).clone());
        Self(takers.iter().map(load).collect())
    }

    fn add_to_least(&mut self) -> Option<MemberId> {
        let (load, id) = self.0.pop_first()?;
        self.0.insert((load + 1, id.clone()));
        Some(id)
    }

    fn shift(&mut self, from: (usize, MemberId), to: (usize, MemberId)) {
        self.0.remove(&from);
        self.0.remove(&to);
        self.0.insert((from.0.saturating_sub(1), from.1));
        self.0.insert((to.0 + 1, to.1));
    }
}
