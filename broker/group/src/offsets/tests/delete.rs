//! Offsets that are forgotten on request.

use alloc::{string::ToString, vec, vec::Vec};

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId, TopicName, Uuid};

use crate::{testing::*, *};

fn delete(run: &mut Run, topics: &[&str]) -> Result<Vec<Result<(), GroupError>>, GroupError> {
    let topics = topics.iter().map(|topic| by_topic(topic, vec![PartitionId::new(0)])).collect();
    match run.ask(Request::OffsetDelete(OffsetDelete { group: GroupId::new("g"), topics })) {
        Response::OffsetDelete(result) => result.map(|topics| {
            topics.into_iter().flat_map(|topic| topic.partitions).map(|it| it.result).collect()
        }),
        other => panic!("{other:?}"),
    }
}

fn commit_to(topics: &[&str]) -> OffsetCommit {
    let topics = topics.iter().map(|topic| by_topic(topic, vec![commit_partition(0, 5)])).collect();
    commit("g", 5).change(|commit| commit.topics = topics)
}

fn pending(topic: &str) -> TxnOffsetCommit {
    TxnOffsetCommit {
        group: GroupId::new("g"),
        producer: producer(7),
        member: None,
        instance: None,
        generation: None,
        topics: vec![by_topic(topic, vec![commit_partition(0, 9)])],
    }
}

#[test]
fn what_a_group_consumes_stays() {
    let mut run = Run::new();
    assert_eq!(delete(&mut run, &["t"]), Err(GroupError::GroupIdNotFound(Str::from("Group g not found."))));
    let ids = run.stable("g", 1);
    run.commit(commit_to(&["t", "u"]).of(&ids[0], 1)).expect("committed");
    let point = run.log.len();
    let results = delete(&mut run, &["t", "u", "v"]);
    assert_eq!(results, Ok(vec![Err(GroupError::SubscribedToTopic), Ok(()), Ok(())]));
    assert_eq!(run.written_since(point).len(), 1, "what is not there needs no tombstone");
    assert_eq!(run.offsets("g"), [("t".to_string(), 0, 5)]);
    run.leave("g", vec![leaving(&ids[0])]);
    assert_eq!(delete(&mut run, &["t"]), Ok(vec![Ok(())]));
    assert_eq!(run.offsets("g"), []);
    assert_eq!(run.state_of("g"), GroupState::Empty, "the group stays");
}

#[test]
fn of_members_with_another_protocol_nobody_knows_what_they_consume() {
    let mut run = Run::new();
    let connect = join("g").change(|join| {
        join.protocol_type = Str::from("connect");
        join.dialect = JoinDialect::AddedAtOnce;
    });
    let reply = run.send(Request::JoinGroup(connect));
    run.wait(reply);
    assert_eq!(delete(&mut run, &["t"]), Err(GroupError::NonEmptyGroup));
}

#[test]
fn consumers_that_cannot_be_read_may_consume_anything() {
    let mut run = Run::new();
    let garbage = Protocol { name: Str::from("range"), metadata: bytes::Bytes::from_static(&[0, 0, 0]) };
    let unreadable = join("g").change(|join| {
        join.protocols = vec![garbage];
        join.dialect = JoinDialect::AddedAtOnce;
    });
    let reply = run.send(Request::JoinGroup(unreadable));
    run.wait(reply);
    assert_eq!(delete(&mut run, &["u"]), Ok(vec![Err(GroupError::SubscribedToTopic)]));
}

#[test]
fn a_pending_offset_is_forgotten_too() {
    let mut run = Run::new();
    run.ask(Request::TxnOffsetCommit(pending("t")));
    assert_eq!(delete(&mut run, &["t"]), Ok(vec![Ok(())]));
    assert!(!run.state.has_pending("g"));
    let request = OffsetDelete { group: GroupId::new(""), topics: vec![] };
    let refused = Response::OffsetDelete(Err(GroupError::InvalidGroupId));
    assert_eq!(run.ask(Request::OffsetDelete(request)), refused);
}

#[test]
fn the_offsets_of_a_topic_go_with_it_but_not_those_of_its_successor() {
    let mut run = Run::new();
    let id = |byte| TopicId::new(Uuid::from_bytes([byte; 16]));
    for (group, committed) in [("a", Some(id(1))), ("b", None), ("c", Some(id(2)))] {
        let request = commit(group, 5).change(|commit| commit.topics[0].id = committed);
        run.commit(request).expect("committed");
    }
    run.commit(commit_to(&["u"])).expect("committed");
    run.ask(Request::TxnOffsetCommit(pending("t")));
    let gone = DeletedTopic { topic: TopicName::new("t"), id: id(1) };
    assert_eq!(run.ask(Request::TopicsDeleted(vec![gone])), Response::TopicsDeleted);
    assert_eq!((run.offsets("a").len(), run.offsets("b").len(), run.offsets("c").len()), (0, 0, 1));
    assert_eq!(run.offsets("g"), [("u".to_string(), 0, 5)]);
    assert!(!run.state.has_pending("g"));
}
