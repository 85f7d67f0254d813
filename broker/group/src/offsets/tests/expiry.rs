//! Offsets that expire (`offsets.retention.minutes`).

use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::GroupId;

use crate::{testing::*, *};

const MINUTE: u64 = 60;

/// Offsets are kept for an hour, and looked through each minute.
fn run() -> Run {
    Run::with(|settings| {
        settings.offsets_retention = Duration::from_secs(60 * MINUTE);
        settings.offsets_retention_check_interval = Duration::from_secs(MINUTE);
    })
}

/// Lets time pass while members live; 5 seconds at a time.
fn live(run: &mut Run, group: &str, members: &[MemberId], seconds: u64) {
    for _ in 0..seconds.div_ceil(5) {
        run.seconds(5);
        for member in members {
            assert_eq!(run.heartbeat(group, member, 1), Ok(()));
        }
    }
}

#[test]
fn a_group_of_offsets_expires_each_since_its_commit_and_then_itself() {
    let mut run = run();
    let to = |topic: &str| {
        commit("g", 5).change(|commit| commit.topics[0].topic = broker_types::TopicName::new(topic))
    };
    run.commit(to("t")).expect("committed");
    run.seconds(30 * MINUTE);
    run.commit(to("u")).expect("committed");
    run.seconds(30 * MINUTE - 1);
    assert_eq!(run.offsets("g").len(), 2);
    run.seconds(1);
    assert_eq!(run.offsets("g").len(), 1);
    let point = run.log.len();
    run.seconds(30 * MINUTE);
    assert_eq!(run.offsets("g"), []);
    assert!(run.state.group("g").is_none());
    let [GroupRecord::Offset { value: None, .. }, GroupRecord::Classic { value: None, .. }] =
        run.written_since(point)
    else {
        panic!("{:?}", run.written_since(point))
    };
}

#[test]
fn a_group_without_members_expires_since_the_last_one_left() {
    let mut run = run();
    let ids = run.stable("g", 1);
    run.commit(commit("g", 5).of(&ids[0], 1)).expect("committed");
    live(&mut run, "g", &ids, 90 * MINUTE);
    run.leave("g", vec![leaving(&ids[0])]);
    let left = run.now.mono;
    while run.state.group("g").is_some() {
        run.seconds(1);
    }
    let kept = run.now.mono.since(left);
    assert!(kept >= Duration::from_secs(60 * MINUTE) && kept <= Duration::from_secs(61 * MINUTE), "{kept:?}");
    assert_eq!(run.offsets("g"), []);
}

#[test]
fn a_living_group_loses_what_it_does_not_consume() {
    let mut run = run();
    let ids = run.stable("g", 1);
    let topics = ["t", "other"].map(|topic| by_topic(topic, vec![commit_partition(0, 5)]));
    let request = commit("g", 5).of(&ids[0], 1).change(|commit| commit.topics = topics.to_vec());
    run.commit(request).expect("committed");
    live(&mut run, "g", &ids, 62 * MINUTE);
    let topics: Vec<_> = run.offsets("g").into_iter().map(|(topic, ..)| topic).collect();
    assert_eq!(topics, ["t"]);
    assert_eq!(run.state_of("g"), GroupState::Stable);
}

#[test]
fn a_living_group_of_another_protocol_loses_nothing() {
    let mut run = run();
    let connect = join("g").change(|join| {
        join.protocol_type = Str::from("connect");
        join.dialect = JoinDialect::AddedAtOnce;
        join.session_timeout = Duration::from_secs(1_800);
    });
    let reply = run.send(Request::JoinGroup(connect));
    run.wait(reply);
    let id = run.joined(reply).member;
    let mut request = sync("g", &id, Generation::new(1), vec![]);
    request.protocol_type = None;
    run.send(Request::SyncGroup(request));
    run.commit(commit("g", 5).of(&id, 1)).expect("committed");
    live(&mut run, "g", &[id], 70 * MINUTE);
    assert_eq!(run.offsets("g").len(), 1);
}

#[test]
fn what_an_old_client_asked_for_goes_before_the_rule() {
    let mut run = run();
    let keep =
        |seconds| commit("g", 5).change(|commit| commit.retention = Some(Duration::from_secs(seconds)));
    run.commit(keep(90 * MINUTE)).expect("committed");
    run.seconds(89 * MINUTE);
    assert_eq!(run.offsets("g").len(), 1);
    run.seconds(MINUTE);
    assert_eq!(run.offsets("g"), []);
    run.commit(keep(2 * MINUTE)).expect("committed");
    run.seconds(2 * MINUTE);
    assert_eq!(run.offsets("g"), []);
}

#[test]
fn a_transaction_that_goes_on_holds_its_partition_and_its_group() {
    let mut run = run();
    run.commit(commit("g", 5)).expect("committed");
    let pending = TxnOffsetCommit {
        group: GroupId::new("g"),
        producer: producer(7),
        member: None,
        instance: None,
        generation: None,
        topics: vec![by_topic("t", vec![commit_partition(0, 9)])],
    };
    run.ask(Request::TxnOffsetCommit(pending));
    run.seconds(120 * MINUTE);
    assert_eq!(run.offsets("g").len(), 1);
    let end =
        EndTransaction { producer: producer(7), coordinator_epoch: 0, result: TransactionResult::Abort };
    run.ask(Request::EndTransaction(end));
    run.seconds(MINUTE);
    assert!(run.state.group("g").is_none());
}

#[test]
fn a_group_that_only_gave_out_an_id_goes_when_that_is_not_used() {
    let mut run = run();
    let patient = join("g").change(|join| join.session_timeout = Duration::from_secs(5 * MINUTE));
    run.given_id(patient);
    run.seconds(2 * MINUTE);
    assert!(run.state.group("g").is_some(), "somebody is about to join");
    run.seconds(4 * MINUTE);
    assert!(run.state.group("g").is_none());
}

#[test]
fn many_groups_are_looked_through_in_parts() {
    let mut run = run();
    for group in 0..2_500 {
        run.commit(commit(&alloc::format!("g{group}"), 5)).expect("committed");
    }
    let partitions: Vec<_> = (0..12_000).map(|partition| commit_partition(partition, 1)).collect();
    let large = commit("large", 5).change(|commit| commit.topics[0].partitions = partitions);
    run.commit(large).expect("committed");
    run.seconds(60 * MINUTE - 1);
    assert_eq!(run.state.offsets_count(), 14_500);
    let mut most = 0;
    while run.state.groups_count() > 0 {
        let before = run.log.len();
        run.tick_once();
        most = most.max(run.log.len() - before);
    }
    assert_eq!(run.state.offsets_count(), 0);
    assert!(most <= 6_000, "{most} tombstones in one tick");
}
