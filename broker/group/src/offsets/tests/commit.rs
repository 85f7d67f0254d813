//! Who may commit what.

use alloc::{string::ToString, vec};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, TopicId, Uuid};

use crate::{testing::*, *};

fn transactional(group: &str, member: Option<(&MemberId, i32)>) -> TxnOffsetCommit {
    TxnOffsetCommit {
        group: GroupId::new(group),
        producer: producer(7),
        member: member.map(|(id, _)| id.clone()),
        instance: None,
        generation: member.and_then(|(_, generation)| Generation::from_wire(generation)),
        topics: vec![by_topic("t", vec![commit_partition(0, 9)])],
    }
}

fn commit_transactional(run: &mut Run, request: TxnOffsetCommit) -> Result<(), GroupError> {
    match run.ask(Request::TxnOffsetCommit(request)) {
        Response::TxnOffsetCommit(result) => result.and_then(|topics| topics[0].partitions[0].result.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_consumer_without_a_group_makes_one_by_committing() {
    let mut run = Run::new();
    assert_eq!(run.commit(commit("g", 5)), Ok(()));
    assert_eq!(run.offsets("g"), [("t".to_string(), 0, 5)]);
    let described = run.describe("g");
    assert_eq!((described.state, &*described.protocol_type), (GroupState::Empty, ""));
    let [GroupRecord::Offset { value: Some(value), producer: None, .. }] = run.written_since(0) else {
        panic!()
    };
    assert_eq!((value.offset, value.leader_epoch, value.expire_timestamp), (5, 1, -1));
    assert_eq!(value.commit_timestamp, run.now.wall.as_millis());
}

#[test]
fn a_group_that_is_not_there_has_no_generation() {
    let mut run = Run::new();
    let claims = commit("g", 5).change(|commit| commit.generation = Some(Generation::new(3)));
    let not_found = GroupError::GroupIdNotFound(Str::from("Group g not found."));
    assert_eq!(run.commit(claims.clone()), Err(not_found));
    let old = claims.change(|commit| commit.dialect = CommitDialect::Generations);
    assert_eq!(run.commit(old), Err(GroupError::IllegalGeneration));
    let id = MemberId::new(Str::from("m"));
    let result = commit_transactional(&mut run, transactional("g", Some((&id, 3))));
    assert_eq!(result, Err(GroupError::IllegalGeneration));
    assert_eq!(run.log, []);
}

#[test]
fn a_member_commits_in_its_generation() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    assert_eq!(run.commit(commit("g", 5).of(&ids[0], 1)), Ok(()));
    assert_eq!(run.commit(commit("g", 6).of(&ids[0], 0)), Err(GroupError::IllegalGeneration));
    assert_eq!(run.commit(commit("g", 6).of(&ids[0], -1)), Err(GroupError::IllegalGeneration));
    let stranger = MemberId::new(Str::from("m"));
    assert_eq!(run.commit(commit("g", 6).of(&stranger, 1)), Err(GroupError::UnknownMember));
    let named = commit("g", 6).of(&ids[0], 1).change(|commit| commit.instance = Some(instance("i")));
    assert_eq!(run.commit(named), Err(GroupError::UnknownMember));
    assert_eq!(run.offsets("g"), [("t".to_string(), 0, 5)]);
}

#[test]
fn a_consumer_that_shares_the_id_of_a_living_group_cannot_commit() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    assert_eq!(run.commit(commit("g", 5)), Err(GroupError::UnknownMember));
    run.leave("g", vec![leaving(&ids[0])]);
    assert_eq!(run.commit(commit("g", 5)), Ok(()));
    assert_eq!(run.commit(commit("g", 6).of(&ids[0], 1)), Err(GroupError::UnknownMember));
    assert_eq!(run.commit(commit("g", 7).of(&ids[0], -1)), Ok(()), "as Kafka: an empty group asks no more");
}

#[test]
fn members_commit_while_the_group_prepares_and_not_while_the_leader_assigns() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let first = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.commit(commit("g", 5).of(&ids[1], 1)), Ok(()), "before it joins again");
    run.send(Request::JoinGroup(join("g").again(&ids[1])));
    assert_eq!(run.joined(first).generation, Generation::new(2));
    assert_eq!(run.commit(commit("g", 6).of(&ids[1], 2)), Err(GroupError::RebalanceInProgress));
    assert_eq!(run.commit(commit("g", 6).of(&ids[1], 1)), Err(GroupError::IllegalGeneration));
    assert_eq!(commit_transactional(&mut run, transactional("g", Some((&ids[1], 2)))), Ok(()));
}

#[test]
fn partitions_are_refused_for_themselves() {
    let mut run = Run::with(|settings| settings.offset_metadata_bytes_max = 3);
    let with = |partition: i32, metadata: &str| CommitPartition {
        metadata: Str::from(metadata),
        ..commit_partition(partition, 5)
    };
    // Kafka counts units of UTF-16: three for three umlauts of six bytes, two for one face.
    let partitions =
        vec![with(0, "abcd"), with(1, "äöü"), with(2, "\u{1f600}x"), with(3, "\u{1f600}\u{1f600}")];
    let request = commit("g", 5).change(|commit| commit.topics = vec![by_topic("t", partitions)]);
    let Response::OffsetCommit(Ok(topics)) = run.ask(Request::OffsetCommit(request)) else { panic!() };
    let results: vec::Vec<_> = topics[0].partitions.iter().map(|it| it.result.clone()).collect();
    let too_large = Err(GroupError::OffsetMetadataTooLarge);
    assert_eq!(results, [too_large.clone(), Ok(()), Ok(()), too_large]);
    assert_eq!(run.offsets("g").len(), 2);
}

#[test]
fn what_the_client_asks_for_is_written() {
    let mut run = Run::new();
    let id = TopicId::new(Uuid::from_bytes([3; 16]));
    let request = commit("g", -5).change(|commit| {
        commit.retention = Some(Duration::from_secs(2));
        commit.topics[0].id = Some(id);
        commit.topics[0].partitions[0].leader_epoch = None;
        commit.topics[0].partitions[0].metadata = Str::from("note");
    });
    assert_eq!(run.commit(request), Ok(()), "Kafka refuses no number");
    let [GroupRecord::Offset { value: Some(value), .. }] = run.written_since(0) else { panic!() };
    assert_eq!((value.offset, value.leader_epoch, &*value.metadata), (-5, -1, "note"));
    assert_eq!(value.expire_timestamp, run.now.wall.as_millis() + 2_000);
    assert_eq!(value.topic_id, id.uuid());
}

#[test]
fn a_transaction_s_offset_waits_for_its_end() {
    let mut run = Run::new();
    assert_eq!(run.commit(commit("g", 5)), Ok(()));
    assert_eq!(commit_transactional(&mut run, transactional("g", None)), Ok(()));
    assert_eq!(run.offsets("g"), [("t".to_string(), 0, 5)]);
    let Some(GroupRecord::Offset { producer: Some(by), .. }) = run.log.last() else { panic!() };
    assert_eq!(*by, producer(7));
    let end =
        EndTransaction { producer: producer(7), coordinator_epoch: 2, result: TransactionResult::Commit };
    assert_eq!(run.ask(Request::EndTransaction(end)), Response::EndTransaction);
    assert_eq!(run.log.last(), Some(&GroupRecord::End(end)));
    assert_eq!(run.offsets("g"), [("t".to_string(), 0, 9)]);
}

#[test]
fn a_transaction_is_fenced_by_its_member() {
    let mut run = Run::new();
    assert_eq!(commit_transactional(&mut run, transactional("", None)), Err(GroupError::InvalidGroupId));
    let ids = run.stable("g", 1);
    assert_eq!(commit_transactional(&mut run, transactional("g", Some((&ids[0], 1)))), Ok(()));
    let stale = commit_transactional(&mut run, transactional("g", Some((&ids[0], 0))));
    assert_eq!(stale, Err(GroupError::IllegalGeneration));
    let stranger = MemberId::new(Str::from("m"));
    let unknown = commit_transactional(&mut run, transactional("g", Some((&stranger, 1))));
    assert_eq!(unknown, Err(GroupError::UnknownMember));
    assert_eq!(
        commit_transactional(&mut run, transactional("g", None)),
        Ok(()),
        "an old producer knows no member"
    );
    run.leave("g", vec![leaving(&ids[0])]);
    let gone = commit_transactional(&mut run, transactional("g", Some((&ids[0], 1))));
    assert_eq!(gone, Err(GroupError::UnknownMember));
}
