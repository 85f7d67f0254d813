//! Surveys in parts of all sizes.

use alloc::{collections::BTreeMap, string::ToString, vec};

use super::*;
use crate::{testing::*, *};

type Offsets = BTreeMap<(GroupId, TopicName, PartitionId), i64>;

fn part(run: &mut Run, from: Option<SurveyPlace>, entries_max: usize) -> Surveyed {
    match run.ask(Request::Survey(Survey { from, entries_max })) {
        Response::Survey(surveyed) => surveyed,
        other => panic!("{other:?}"),
    }
}

/// All offsets, in parts of this size, and how many parts it took.
fn all(run: &mut Run, entries_max: usize) -> (Offsets, usize) {
    let (mut found, mut from, mut parts) = (Offsets::new(), None, 0);
    loop {
        let surveyed = part(run, from, entries_max);
        parts += 1;
        let mut entries = 0;
        for group in surveyed.groups {
            entries += 1;
            for topic in group.offsets {
                for (partition, offset) in topic.partitions {
                    entries += 1;
                    let before = found.insert((group.group.clone(), topic.topic.clone(), partition), offset);
                    assert_eq!(before, None, "each is given once");
                }
            }
        }
        assert!(entries <= entries_max.max(ENTRIES_MIN), "{entries} of {entries_max}");
        match surveyed.next {
            None => return (found, parts),
            next => from = next,
        }
    }
}

/// Groups with several topics, with one offset, and with none.
fn filled() -> Run {
    let mut run = Run::new();
    for (group, topics) in [("a", vec![("t", 3), ("u", 2), ("v", 4)]), ("c", vec![("t", 1)])] {
        let partitions =
            |count| (0..count).map(|partition| commit_partition(partition, i64::from(partition) + 10));
        let topics = topics.into_iter().map(|(name, count)| by_topic(name, partitions(count).collect()));
        let topics = topics.collect();
        run.commit(commit(group, 0).change(|commit| commit.topics = topics)).expect("committed");
    }
    run.stable("b", 2);
    run
}

#[test]
fn every_offset_is_given_once_whatever_the_size_of_the_parts() {
    let mut run = filled();
    let (whole, parts) = all(&mut run, 100);
    assert_eq!((whole.len(), parts), (10, 1));
    for size in 0..20 {
        assert_eq!(all(&mut run, size).0, whole, "parts of {size}");
    }
    assert_eq!(all(&mut run, 2).1, 11, "an offset each, and a group that has none");
}

#[test]
fn groups_are_told_with_what_they_are() {
    let mut run = filled();
    let surveyed = part(&mut run, None, 100);
    let told = surveyed.groups.iter().map(|it| (it.group.as_str(), it.kind, it.state, it.members));
    let expected = [
        ("a", GroupType::Classic, GroupState::Empty, 0),
        ("b", GroupType::Classic, GroupState::Stable, 2),
        ("c", GroupType::Classic, GroupState::Empty, 0),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(surveyed.next, None);
}

#[test]
fn a_part_begins_where_it_can_when_its_place_is_gone() {
    let mut run = filled();
    let first = part(&mut run, None, 3);
    let place = first.next.expect("more");
    assert_eq!(place.offset.as_ref().map(|(topic, id)| (topic.to_string(), id.get())), Some(("t".into(), 2)));
    run.ask(Request::DeleteGroups(vec![GroupId::new("a")]));
    let rest = part(&mut run, Some(place), 100);
    assert_eq!(rest.groups.iter().map(|it| it.group.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    let beyond = SurveyPlace { group: GroupId::new("x"), offset: None };
    assert_eq!(part(&mut run, Some(beyond), 100), Surveyed { groups: vec![], next: None });
}
