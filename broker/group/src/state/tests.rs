//! Records in, state out.

use alloc::{string::ToString, vec::Vec};

use broker_protocol::records::group::{GroupMetadataValue, OffsetCommitKey};
use broker_types::{ProducerEpoch, ProducerId};

use super::*;
use crate::{EndTransaction, Producer, TransactionResult};

fn commit(partition: i32, offset: i64, producer: Option<i64>) -> GroupRecord {
    let key = OffsetCommitKey { group: Str::from("g"), topic: Str::from("t"), partition };
    let value = OffsetCommitValue { offset, commit_timestamp: 1, ..OffsetCommitValue::default() };
    GroupRecord::Offset { key, value: Some(Arc::new(value)), producer: producer.map(as_producer) }
}

fn forget(partition: i32) -> GroupRecord {
    let key = OffsetCommitKey { group: Str::from("g"), topic: Str::from("t"), partition };
    GroupRecord::Offset { key, value: None, producer: None }
}

fn as_producer(id: i64) -> Producer {
    Producer { id: ProducerId::new(id), epoch: ProducerEpoch::new(0) }
}

fn end(id: i64, result: TransactionResult) -> GroupRecord {
    GroupRecord::End(EndTransaction { producer: as_producer(id), coordinator_epoch: 0, result })
}

fn replayed(records: &[GroupRecord]) -> State {
    let mut state = State::default();
    for (offset, record) in (0..).zip(records) {
        state.replay(Offset::new(offset), record);
    }
    let count = state.offsets.values().flat_map(|topics| topics.values()).map(Map::size).sum::<usize>();
    assert_eq!(state.offsets_count(), count);
    state
}

fn offsets(state: &State) -> Vec<(i32, i64)> {
    state.offsets("g").map(|(_, partition, committed)| (partition.get(), committed.offset)).collect()
}

#[test]
fn a_commit_makes_a_group_and_a_tombstone_of_the_last_leaves_it() {
    let state = replayed(&[commit(1, 5, None), commit(0, 6, None), commit(1, 7, None)]);
    assert_eq!(offsets(&state), [(0, 6), (1, 7)]);
    let Some(Group::Classic(group)) = state.group("g") else { panic!("{state:?}") };
    assert!(group.is_empty() && group.protocol_type().is_none());
    let state = replayed(&[commit(1, 5, None), forget(1)]);
    assert_eq!(offsets(&state), []);
    assert!(state.group("g").is_some() && state.offsets.is_empty());
}

#[test]
fn a_pending_offset_counts_with_its_marker_only() {
    let open = [commit(0, 5, None), commit(0, 9, Some(1)), commit(1, 4, Some(1))];
    let state = replayed(&open);
    assert_eq!(offsets(&state), [(0, 5)]);
    assert!(state.is_pending("g", "t", PartitionId::new(1)) && state.has_pending("g"));
    let with = |last: GroupRecord| replayed(&[&open[..], &[last]].concat());
    let committed = with(end(1, TransactionResult::Commit));
    assert_eq!(offsets(&committed), [(0, 9), (1, 4)]);
    assert!(!committed.has_pending("g") && committed.pending.is_empty());
    let aborted = with(end(1, TransactionResult::Abort));
    assert_eq!(offsets(&aborted), [(0, 5)]);
    assert!(!aborted.has_pending("g") && aborted.pending.is_empty());
    assert_eq!(with(end(2, TransactionResult::Commit)), state, "somebody else's marker");
}

#[test]
fn an_offset_committed_after_a_pending_one_stays() {
    let state = replayed(&[commit(0, 9, Some(1)), commit(0, 12, None), end(1, TransactionResult::Commit)]);
    assert_eq!(offsets(&state), [(0, 12)]);
}

#[test]
fn a_tombstone_takes_pending_offsets_of_every_producer() {
    let records = [commit(0, 9, Some(1)), commit(0, 8, Some(2)), commit(1, 3, Some(2)), forget(0)];
    let state = replayed(&records);
    assert!(!state.is_pending("g", "t", PartitionId::new(0)));
    assert!(state.is_pending("g", "t", PartitionId::new(1)));
    let ends = [end(1, TransactionResult::Commit), end(2, TransactionResult::Commit)];
    assert_eq!(offsets(&replayed(&[&records[..], &ends].concat())), [(1, 3)]);
}

#[test]
fn a_group_is_what_was_written_last() {
    let write = |generation| GroupRecord::Classic {
        group: Str::from("g"),
        value: Some(Arc::new(GroupMetadataValue { generation, ..GroupMetadataValue::default() })),
    };
    let state = replayed(&[write(1), write(2)]);
    let Some(Group::Classic(group)) = state.group("g") else { panic!("{state:?}") };
    assert_eq!(group.generation().get(), 2);
    assert_eq!(group.since(), None);
    let gone = replayed(&[
        write(1),
        commit(0, 1, None),
        GroupRecord::Classic { group: Str::from("g"), value: None },
    ]);
    assert!(gone.group("g").is_none());
    assert_eq!(gone.offsets("g").map(|(topic, ..)| topic.to_string()).collect::<Vec<_>>(), ["t"]);
}
