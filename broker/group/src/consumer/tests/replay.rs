//! Logs that compaction has been over.

use broker_coordinator::Shard as _;
use broker_types::Offset;

use super::*;

/// The last record of every key, in their order; tombstones too.
fn compacted(log: &[GroupRecord]) -> Vec<GroupRecord> {
    let key = |record: &GroupRecord| match record.encode().expect("a record") {
        Encoded::Entry { key, .. } => key,
        Encoded::Marker(_) => panic!("no transactions here"),
    };
    let is_last = |index: usize| log[index + 1..].iter().all(|later| key(later) != key(&log[index]));
    (0..log.len()).filter(|index| is_last(*index)).map(|index| log[index].clone()).collect()
}

#[test]
fn a_compacted_log_is_the_same_group() {
    let mut run = Run::with_topic();
    run.topics.put("u", 3);
    let (mut one, mut other) = (client("a", &["t"]), Client { regex: Some("u.*"), ..client("b", &["t"]) });
    one.join(&mut run).expect("a member");
    run.seconds(2);
    other.join(&mut run).expect("a member");
    run.settle(&mut [&mut one, &mut other]);
    // Its metadata is written once more: behind what it owns.
    let rack = ConsumerHeartbeat { rack: Some(Str::from("r")), ..one.lives() };
    run.consumer(rack).expect("a member");
    let log = compacted(&run.log);
    assert!(log.len() < run.log.len());
    let mut state = State::default();
    for (offset, record) in (0..).zip(&log) {
        GroupCoordinator::replay(&mut state, Offset::new(offset), record);
    }
    assert_eq!(state, run.state);
}

#[test]
fn what_a_member_had_is_free_when_it_is_gone() {
    let mut run = Run::with_topic();
    let mut member = client("m", &["t"]);
    member.join(&mut run).expect("a member");
    let is_of_member =
        |record: &GroupRecord| matches!(record, GroupRecord::Consumer(ConsumerRecord::Member(..)));
    let written = run.log.iter().find(|record| is_of_member(record)).cloned();
    let Some(GroupRecord::Consumer(ConsumerRecord::Member(key, _))) = written else { panic!() };
    run.replay(GroupRecord::Consumer(ConsumerRecord::Member(key, None)));
    let mut next = client("n", &["t"]);
    next.join(&mut run).expect("a member");
    run.settle(&mut [&mut next]);
    assert_eq!(next.count(), 6);
}
