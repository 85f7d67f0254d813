//! Problems in, assignments out.

use alloc::{vec, vec::Vec};

use broker_protocol::Str;
use broker_types::{Random, Uuid};

use super::*;

fn topic(number: u8) -> TopicId {
    TopicId::new(Uuid::from_bytes([number; 16]))
}

fn id(name: &str) -> MemberId {
    MemberId::new(Str::from(name))
}

fn problem(topics: &[(u8, i32)], members: &[(&str, &[u8])]) -> Problem {
    Problem {
        partitions: topics.iter().map(|(number, count)| (topic(*number), *count)).collect(),
        members: members
            .iter()
            .map(|(name, wants)| {
                let topics = wants.iter().map(|number| topic(*number)).collect();
                (id(name), Member { topics, ..Member::default() })
            })
            .collect(),
    }
}

fn of(assignments: &BTreeMap<MemberId, Assignment>, member: &str, number: u8) -> Vec<i32> {
    let partitions = assignments.get(&id(member)).and_then(|it| it.get(&topic(number)));
    partitions.into_iter().flatten().map(|partition| partition.get()).collect()
}

/// The problem again with these targets.
fn with_targets(mut problem: Problem, targets: BTreeMap<MemberId, Assignment>) -> Problem {
    for (id, target) in targets {
        if let Some(member) = problem.members.get_mut(&id) {
            member.target = target;
        }
    }
    problem
}

fn moved(before: &BTreeMap<MemberId, Assignment>, after: &BTreeMap<MemberId, Assignment>) -> usize {
    let of = |assignments: &BTreeMap<MemberId, Assignment>| -> BTreeMap<(TopicId, PartitionId), MemberId> {
        let all = assignments.iter().flat_map(|(id, it)| {
            it.iter().flat_map(move |(topic, partitions)| {
                partitions.iter().map(move |partition| ((*topic, *partition), id.clone()))
            })
        });
        all.collect()
    };
    let after = of(after);
    of(before).iter().filter(|(partition, id)| after.get(partition).is_some_and(|now| now != *id)).count()
}

#[test]
fn ranges_are_consecutive_and_the_first_get_one_more() {
    let assignments = Assignor::Range.assign(&problem(&[(1, 5), (2, 3)], &[("a", &[1, 2]), ("b", &[1, 2])]));
    assert_eq!(of(&assignments, "a", 1), [0, 1, 2]);
    assert_eq!(of(&assignments, "b", 1), [3, 4]);
    assert_eq!(of(&assignments, "a", 2), [0, 1]);
    assert_eq!(of(&assignments, "b", 2), [2]);
}

#[test]
fn ranges_go_to_static_members_first_and_to_those_only_who_want_the_topic() {
    let mut problem = problem(&[(1, 4), (2, 2)], &[("a", &[1]), ("b", &[1, 2]), ("c", &[1])]);
    problem.members.get_mut(&id("c")).unwrap().instance = Some(InstanceId::new(Str::from("i")));
    let assignments = Assignor::Range.assign(&problem);
    assert_eq!(of(&assignments, "c", 1), [0, 1]);
    assert_eq!(of(&assignments, "a", 1), [2]);
    assert_eq!(of(&assignments, "b", 1), [3]);
    assert_eq!(of(&assignments, "b", 2), [0, 1]);
}

#[test]
fn of_fewer_partitions_than_members_some_get_none() {
    for assignor in [Assignor::Range, Assignor::Uniform] {
        let assignments = assignor.assign(&problem(&[(1, 1)], &[("a", &[1]), ("b", &[1])]));
        assert_eq!(assignments.values().map(count).collect::<Vec<_>>(), [1, 0], "{assignor:?}");
    }
}

#[test]
fn uniform_moves_only_what_the_new_one_needs() {
    let two = problem(&[(1, 6), (2, 6)], &[("a", &[1, 2]), ("b", &[1, 2])]);
    let before = Assignor::Uniform.assign(&two);
    let three = problem(&[(1, 6), (2, 6)], &[("a", &[1, 2]), ("b", &[1, 2]), ("c", &[1, 2])]);
    let after = Assignor::Uniform.assign(&with_targets(three, before.clone()));
    assert_eq!(after.values().map(count).collect::<Vec<_>>(), [4, 4, 4]);
    assert_eq!(moved(&before, &after), 4);
    let again = Assignor::Uniform.assign(&with_targets(two, after.clone()));
    assert_eq!(again.values().map(count).collect::<Vec<_>>(), [6, 6]);
    assert_eq!(moved(&after, &again), 4, "what the one that left had");
}

#[test]
fn uniform_evens_out_between_members_that_want_different_topics() {
    let problem = problem(&[(1, 6), (2, 6)], &[("a", &[1]), ("b", &[1, 2]), ("c", &[2])]);
    let assignments = Assignor::Uniform.assign(&problem);
    assert_eq!(assignments.values().map(count).collect::<Vec<_>>(), [4, 4, 4]);
    // One that had everything gives to one that comes.
    let all = vec![(id("b"), assignments[&id("b")].clone())].into_iter().collect();
    let after = Assignor::Uniform.assign(&with_targets(problem, all));
    assert_eq!(after.values().map(count).collect::<Vec<_>>(), [4, 4, 4]);
}

#[test]
fn random_groups_are_assigned_whole_once_and_evenly() {
    let mut random = Random::new(11);
    for _ in 0..300 {
        let topics: Vec<_> = (1..=1 + random.index(4))
            .map(|it| (u8::try_from(it).unwrap(), i32::try_from(random.index(9)).unwrap()))
            .collect();
        let names: Vec<_> = (0..1 + random.index(6)).map(|it| alloc::format!("m{it}")).collect();
        let is_mixed = random.index(2) == 0;
        let wants: Vec<Vec<u8>> = names
            .iter()
            .map(|_| topics.iter().filter(|_| !is_mixed || random.index(3) > 0).map(|(it, _)| *it).collect())
            .collect();
        let members: Vec<_> =
            names.iter().zip(&wants).map(|(name, wants)| (name.as_str(), wants.as_slice())).collect();
        let mut asked = problem(&topics, &members);
        let wanted: BTreeSet<_> = asked.members.values().flat_map(|it| it.topics.iter().copied()).collect();
        asked.partitions.retain(|topic, _| wanted.contains(topic));
        for assignor in [Assignor::Range, Assignor::Uniform] {
            let assignments = assignor.assign(&asked);
            check(&asked, &assignments);
            let again = Assignor::assign(assignor, &with_targets(asked.clone(), assignments.clone()));
            check(&asked, &again);
            assert_eq!(again, assignments, "{assignor:?} is at rest");
        }
        if !is_mixed {
            let loads: Vec<_> = Assignor::Uniform.assign(&asked).values().map(count).collect();
            let (most, least) = (loads.iter().max().unwrap(), loads.iter().min().unwrap());
            assert!(most - least <= 1, "{loads:?}");
        }
    }
}

/// Every partition has one owner, which wants it.
fn check(problem: &Problem, assignments: &BTreeMap<MemberId, Assignment>) {
    let mut seen = BTreeSet::new();
    for (id, assignment) in assignments {
        for (topic, partitions) in assignment {
            assert!(problem.members[id].topics.contains(topic) && !partitions.is_empty());
            for partition in partitions {
                assert!(seen.insert((*topic, *partition)), "one owner");
            }
        }
    }
    let all: usize = problem.partitions.keys().map(|topic| problem.partitions_of(*topic)).sum();
    assert_eq!(seen.len(), all, "all are assigned");
}
