//! What is told of committed offsets.

use alloc::{vec, vec::Vec};

use broker_types::{GroupId, LeaderEpoch, PartitionId, TopicId, Uuid};

use crate::{testing::*, *};

fn fetch(
    run: &mut Run,
    topics: Option<Vec<Partitions>>,
    require_stable: bool,
) -> Vec<ByTopic<FetchedOffset>> {
    let request = OffsetFetch { group: GroupId::new("g"), member: None, epoch: None, topics, require_stable };
    match run.ask(Request::OffsetFetch(request)) {
        Response::OffsetFetch(Ok(topics)) => topics,
        other => panic!("{other:?}"),
    }
}

fn partitions(topic: &str, partitions: &[i32]) -> Partitions {
    by_topic(topic, partitions.iter().copied().map(PartitionId::new).collect())
}

fn offsets(topics: &[ByTopic<FetchedOffset>]) -> Vec<Result<Option<i64>, GroupError>> {
    let all = topics.iter().flat_map(|topic| &topic.partitions);
    all.map(|it| it.result.clone().map(|committed| committed.map(|committed| committed.offset))).collect()
}

#[test]
fn what_is_not_committed_is_none() {
    let mut run = Run::new();
    let asked = || Some(vec![partitions("t", &[0, 1]), partitions("u", &[0])]);
    assert_eq!(offsets(&fetch(&mut run, asked(), true)), [Ok(None), Ok(None), Ok(None)], "no group");
    assert_eq!(fetch(&mut run, None, true), []);
    run.commit(commit("g", 5)).expect("committed");
    let told = fetch(&mut run, asked(), true);
    assert_eq!(offsets(&told), [Ok(Some(5)), Ok(None), Ok(None)]);
    let Ok(Some(committed)) = &told[0].partitions[0].result else { panic!() };
    assert_eq!(committed.leader_epoch, Some(LeaderEpoch::new(1)));
    assert_eq!(committed.committed_at, run.now.wall);
    assert_eq!(offsets(&fetch(&mut run, None, false)), [Ok(Some(5))]);
}

#[test]
fn a_pending_offset_is_unstable_for_those_who_ask_for_stable_ones() {
    let mut run = Run::new();
    run.commit(commit("g", 5)).expect("committed");
    let pending = TxnOffsetCommit {
        group: GroupId::new("g"),
        producer: producer(7),
        member: None,
        instance: None,
        generation: None,
        topics: vec![by_topic("t", vec![commit_partition(0, 9), commit_partition(1, 9)])],
    };
    run.ask(Request::TxnOffsetCommit(pending));
    let asked = || Some(vec![partitions("t", &[0, 1])]);
    let unstable = Err(GroupError::UnstableOffsetCommit);
    assert_eq!(offsets(&fetch(&mut run, asked(), true)), [unstable.clone(), unstable.clone()]);
    assert_eq!(offsets(&fetch(&mut run, asked(), false)), [Ok(Some(5)), Ok(None)]);
    assert_eq!(offsets(&fetch(&mut run, None, true)), [unstable]);
    let end =
        EndTransaction { producer: producer(7), coordinator_epoch: 0, result: TransactionResult::Abort };
    run.ask(Request::EndTransaction(end));
    assert_eq!(offsets(&fetch(&mut run, asked(), true)), [Ok(Some(5)), Ok(None)]);
}

#[test]
fn an_offset_of_an_earlier_topic_of_the_name_is_none() {
    let mut run = Run::new();
    let id = |byte| Some(TopicId::new(Uuid::from_bytes([byte; 16])));
    run.commit(commit("g", 5).change(|commit| commit.topics[0].id = id(1))).expect("committed");
    let asked = |id| Some(vec![Partitions { id, ..partitions("t", &[0]) }]);
    assert_eq!(offsets(&fetch(&mut run, asked(id(2)), false)), [Ok(None)]);
    assert_eq!(offsets(&fetch(&mut run, asked(id(1)), false)), [Ok(Some(5))]);
    assert_eq!(offsets(&fetch(&mut run, asked(None), false)), [Ok(Some(5))]);
}
