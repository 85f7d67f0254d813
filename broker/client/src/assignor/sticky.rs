//! `cooperative-sticky`: members keep what they have as far as all get alike. What is to move goes to nobody in this round
//! when it is still held: its holder gives it up first, and the group forms again (KIP-429).

use std::collections::{BTreeMap, BTreeSet};

use broker_protocol::Str;
use broker_types::{PartitionId, TopicName, TopicPartition};

use super::{Assignment, Subscriber};

pub(super) fn assign(members: &[Subscriber], counts: &BTreeMap<TopicName, i32>, assignment: &mut Assignment) {
    let owners = owners(members, counts);
    for (at, owner) in &owners {
        assignment.entry(owner.clone()).or_default().insert(at.clone());
    }
    let wanting: BTreeMap<&TopicName, Vec<&Str>> = counts
        .keys()
        .map(|topic| {
            let wanting = members.iter().filter(|member| member.topics.contains(topic));
            (topic, wanting.map(|member| &member.member).collect())
        })
        .collect();
    for (topic, count) in counts {
        for id in 0..*count {
            let at = TopicPartition::new(topic.clone(), PartitionId::new(id));
            if owners.contains_key(&at) {
                continue;
            }
            if let Some(least) = least(&wanting[topic], assignment) {
                assignment.entry(least).or_default().insert(at);
            }
        }
    }
    while let Some((from, to, at)) = unfair(&wanting, assignment) {
        assignment.entry(from).or_default().remove(&at);
        assignment.entry(to).or_default().insert(at);
    }
    // What changes hands is given to nobody until its holder has let go.
    for (member, partitions) in assignment {
        partitions.retain(|at| owners.get(at).is_none_or(|owner| owner == member));
    }
}

/// Who holds what there is; of two that claim the same, the one of the later generation.
fn owners(members: &[Subscriber], counts: &BTreeMap<TopicName, i32>) -> BTreeMap<TopicPartition, Str> {
    let mut claims: BTreeMap<TopicPartition, (i32, BTreeSet<Str>)> = BTreeMap::new();
    for member in members {
        let is_there = |at: &&TopicPartition| {
            member.topics.contains(&at.topic)
                && counts.get(&at.topic).is_some_and(|count| at.partition.get() < *count)
        };
        for at in member.owned.iter().filter(is_there) {
            let claim = claims.entry(at.clone()).or_insert((member.generation, BTreeSet::new()));
            if member.generation > claim.0 {
                *claim = (member.generation, BTreeSet::new());
            }
            if member.generation == claim.0 {
                claim.1.insert(member.member.clone());
            }
        }
    }
    // What two claim of the same generation is neither's.
    let sole = |(at, (_, mut claimants)): (TopicPartition, (i32, BTreeSet<Str>))| {
        let first = claimants.pop_first()?;
        claimants.is_empty().then_some((at, first))
    };
    claims.into_iter().filter_map(sole).collect()
}

fn least(wanting: &[&Str], assignment: &Assignment) -> Option<Str> {
    let count = |member: &&&Str| assignment.get(**member).map_or(0, BTreeSet::len);
    wanting.iter().min_by_key(count).map(|member| (*member).clone())
}

/// A partition that somebody has who has two more than another who wants it.
fn unfair(
    wanting: &BTreeMap<&TopicName, Vec<&Str>>,
    assignment: &Assignment,
) -> Option<(Str, Str, TopicPartition)> {
    let mut richest: Vec<_> = assignment.iter().collect();
    richest.sort_by_key(|(_, partitions)| std::cmp::Reverse(partitions.len()));
    for (from, partitions) in richest {
        for at in partitions.iter().rev() {
            let Some(to) = wanting.get(&at.topic).and_then(|wanting| least(wanting, assignment)) else {
                continue;
            };
            if assignment.get(&to).map_or(0, BTreeSet::len) + 1 < partitions.len() {
                return Some((from.clone(), to, at.clone()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    fn member(id: &'static str, topics: &[&str], owned: &[(&str, i32)], generation: i32) -> Subscriber {
        let at =
            |(topic, id): &(&str, i32)| TopicPartition::new(TopicName::new(topic), PartitionId::new(*id));
        Subscriber {
            member: Str::from_static(id),
            instance: None,
            topics: topics.iter().map(|topic| TopicName::new(topic)).collect(),
            owned: owned.iter().map(at).collect(),
            generation,
        }
    }

    fn shown(members: &[Subscriber], counts: &[(&str, i32)]) -> Vec<String> {
        let counts = counts.iter().map(|(topic, count)| (TopicName::new(topic), *count)).collect();
        let assignment = super::super::assign(Assignor::CooperativeSticky, members, &counts);
        let line = |(member, partitions): (Str, BTreeSet<TopicPartition>)| {
            let partitions: Vec<_> = partitions.iter().map(ToString::to_string).collect();
            format!("{member}: {}", partitions.join(" "))
        };
        assignment.into_iter().map(line).collect()
    }

    #[test]
    fn all_get_alike() {
        let members = [member("a", &["t"], &[], -1), member("b", &["t", "u"], &[], -1)];
        assert_eq!(shown(&members, &[("t", 3), ("u", 1)]), ["a: t-0 t-2", "b: t-1 u-0"]);
    }

    #[test]
    fn what_is_to_move_goes_to_nobody_while_it_is_held() {
        let all = [("t", 0), ("t", 1), ("t", 2), ("t", 3)];
        let members = [member("a", &["t"], &all, 4), member("b", &["t"], &[], -1)];
        assert_eq!(shown(&members, &[("t", 4)]), ["a: t-0 t-1", "b: "]);
        let members = [member("a", &["t"], &all[..2], 5), member("b", &["t"], &[], 5)];
        assert_eq!(shown(&members, &[("t", 4)]), ["a: t-0 t-1", "b: t-2 t-3"]);
    }

    #[test]
    fn the_later_of_two_claims_counts_and_what_is_gone_does_not() {
        let members = [
            member("a", &["t"], &[("t", 0), ("gone", 0), ("t", 9)], 4),
            member("b", &["t"], &[("t", 0), ("t", 1)], 5),
        ];
        assert_eq!(shown(&members, &[("t", 3)]), ["a: t-2", "b: t-0 t-1"]);
        let members = [member("a", &["t"], &[("t", 0)], 5), member("b", &["t"], &[("t", 0)], 5)];
        assert_eq!(shown(&members, &[("t", 2)]), ["a: t-0", "b: t-1"]);
    }
}
