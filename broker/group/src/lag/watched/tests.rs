//! What is watched, and what is told of it.

use alloc::vec::Vec;

use broker_types::{Offset, Uuid};

use super::*;
use crate::lag::Position;

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Mono {
    Mono::from_micros(seconds * 1_000_000)
}

fn id(number: u8) -> TopicId {
    TopicId::new(Uuid::from_bytes([number; 16]))
}

fn topic(name: &str) -> TopicName {
    TopicName::new(name)
}

fn found(name: &str, number: u8, partition: i32, start: i64, end: i64) -> Measured {
    Measured {
        topic: topic(name),
        id: id(number),
        partition: PartitionId::new(partition),
        bounds: LogBounds { start: Offset::new(start), end: Offset::new(end) },
    }
}

fn want(watched: &mut Watched, name: &str, partitions: core::ops::Range<i32>) -> usize {
    partitions.filter(|partition| watched.want(&topic(name), PartitionId::new(*partition))).count()
}

fn lag(watched: &Watched, name: &str, offset: i64, now: Mono) -> Option<(i64, i64, u64, Position)> {
    let lag = watched.lag(&topic(name), PartitionId::new(0), offset, now)?;
    Some((lag.records, lag.lead, lag.time.least.as_secs(), lag.position))
}

#[test]
fn a_consumer_falls_behind_and_comes_back() {
    let mut watched = Watched::new(10, SECOND);
    watched.begin();
    want(&mut watched, "t", 0..1);
    assert_eq!(lag(&watched, "t", 0, at(1)), None, "nothing is known yet");
    watched.measured(at(10), &found("t", 1, 0, 0, 100));
    assert_eq!(lag(&watched, "t", 100, at(10)), Some((0, 100, 0, Position::Within)));
    let bounds = LogBounds { start: Offset::new(0), end: Offset::new(100) };
    assert_eq!(watched.bounds(&topic("t"), PartitionId::new(0)), Some((bounds, at(10))));
    watched.measured(at(20), &found("t", 1, 0, 0, 200));
    assert_eq!(lag(&watched, "t", 100, at(25)), Some((100, 100, 15, Position::Within)));
    watched.measured(at(30), &found("t", 1, 0, 150, 200));
    assert_eq!(lag(&watched, "t", 100, at(35)), Some((100, 0, 25, Position::BeforeStart)));
    assert_eq!(lag(&watched, "t", 180, at(35)), Some((20, 30, 17, Position::Within)));
    assert_eq!(lag(&watched, "t", 200, at(35)), Some((0, 50, 0, Position::Within)));
}

#[test]
fn another_topic_of_the_name_is_another_log() {
    let mut watched = Watched::new(10, SECOND);
    watched.begin();
    want(&mut watched, "t", 0..1);
    watched.measured(at(10), &found("t", 1, 0, 0, 100));
    watched.measured(at(20), &found("t", 2, 0, 0, 300));
    let told = watched.lag(&topic("t"), PartitionId::new(0), 100, at(20)).expect("its bounds");
    assert!(told.time.may_be_longer, "the first one's history says nothing of the second: {told:?}");
    watched.gone(&topic("t"), &[PartitionId::new(0), PartitionId::new(9)]);
    watched.gone(&topic("other"), &[PartitionId::new(0)]);
    assert_eq!(lag(&watched, "t", 100, at(20)), None);
}

#[test]
fn what_no_group_wants_is_forgotten() {
    let mut watched = Watched::new(10, SECOND);
    watched.begin();
    want(&mut watched, "t", 0..2);
    want(&mut watched, "u", 0..1);
    watched.sweep();
    assert_eq!(watched.count(), 3);
    watched.begin();
    want(&mut watched, "t", 1..2);
    watched.sweep();
    let left = watched.all().map(|(topic, logs)| (topic.clone(), logs.collect::<Vec<_>>()));
    assert_eq!(left.collect::<Vec<_>>(), [(topic("t"), alloc::vec![PartitionId::new(1)])]);
    assert_eq!(watched.count(), 1);
    watched.measured(at(1), &found("u", 1, 0, 0, 1));
    assert_eq!(watched.count(), 1, "an answer that comes late brings nothing back");
}

#[test]
fn there_is_an_end_to_what_is_watched() {
    let mut watched = Watched::new(10_000, SECOND);
    watched.begin();
    assert_eq!(want(&mut watched, "t", 0..20_000), 10_000);
    assert_eq!(want(&mut watched, "u", 0..1), 0);
    assert_eq!(want(&mut watched, "t", 9_999..10_001), 1, "what is watched stays so");
    watched.sweep();
    assert_eq!(watched.count(), 10_000);
    let offsets: Vec<_> = (0..20_000).map(|partition| (PartitionId::new(partition), 7)).collect();
    (0..10_000).for_each(|partition| watched.measured(at(1), &found("t", 1, partition, 0, 10)));
    let known = watched.lags(&topic("t"), &offsets, at(1)).filter(|(_, lag)| lag.is_some());
    assert_eq!(known.count(), 10_000);
}
