//! SyncGroup.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::GroupId;
use bytes::Bytes;

use crate::{testing::*, *};

/// Two members that have joined generation 1, the leader first.
fn joined(run: &mut Run) -> Vec<MemberId> {
    let ids = [run.given_id(join("g")), run.given_id(join("g"))];
    let replies = ids.clone().map(|id| run.send(Request::JoinGroup(join("g").again(&id))));
    run.wait(replies[0]);
    for reply in replies {
        run.joined(reply);
    }
    ids.to_vec()
}

fn ask(run: &mut Run, id: &MemberId, change: impl FnOnce(&mut SyncGroup)) -> u64 {
    let mut request = sync("g", id, Generation::new(1), vec![]);
    change(&mut request);
    run.send(Request::SyncGroup(request))
}

#[test]
fn everybody_waits_for_the_leader_and_the_assignment_is_written_first() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    let follower = ask(&mut run, &ids[1], |_| {});
    assert_eq!(run.answer(follower), None);
    let point = run.log.len();
    let given = vec![assignment(&ids[0], "mine"), assignment(&ids[1], "yours")];
    let leader = ask(&mut run, &ids[0], |sync| sync.assignments = given);
    assert_eq!(run.synced(leader), Ok(Bytes::from("mine")));
    assert_eq!(run.synced(follower), Ok(Bytes::from("yours")));
    let [GroupRecord::Classic { value: Some(value), .. }] = run.written_since(point) else { panic!() };
    assert_eq!((value.generation, value.leader.as_deref()), (1, Some(ids[0].as_str())));
    assert_eq!(value.members.len(), 2);
    let member = value.members.iter().find(|member| *member.member_id == *ids[1].as_str()).expect("it");
    assert_eq!(member.assignment, Bytes::from("yours"));
    assert_eq!((member.session_timeout, member.rebalance_timeout), (10_000, 60_000));
    assert_eq!((&*member.client_id, &*member.client_host), ("c", "/127.0.0.1"));
    assert_eq!(member.subscription, protocol("range", &["t"]).metadata);
    let described = run.describe("g");
    assert_eq!((described.state, &*described.protocol), (GroupState::Stable, "range"));
    assert_eq!(described.members[0].metadata, protocol("range", &["t"]).metadata);
    // Whoever asks later gets it at once.
    let again = ask(&mut run, &ids[1], |_| {});
    assert_eq!(run.synced(again), Ok(Bytes::from("yours")));
}

#[test]
fn who_was_forgotten_gets_nothing_and_strangers_are_passed_by() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    let follower = ask(&mut run, &ids[1], |_| {});
    let stranger = MemberId::new(Str::from("stranger"));
    ask(&mut run, &ids[0], |sync| sync.assignments = vec![assignment(&stranger, "his")]);
    assert_eq!(run.synced(follower), Ok(Bytes::new()));
    assert_eq!(run.describe("g").members.len(), 2);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut run = Run::new();
    let nobody = MemberId::new(Str::from("m"));
    let reply = ask(&mut run, &nobody, |sync| sync.group = GroupId::new(""));
    assert_eq!(run.synced(reply), Err(GroupError::InvalidGroupId));
    let reply = ask(&mut run, &nobody, |_| {});
    assert_eq!(run.synced(reply), Err(GroupError::UnknownMember), "no group");
    let ids = joined(&mut run);
    let reply = ask(&mut run, &nobody, |_| {});
    assert_eq!(run.synced(reply), Err(GroupError::UnknownMember));
    let reply = ask(&mut run, &ids[0], |sync| sync.member = None);
    assert_eq!(run.synced(reply), Err(GroupError::UnknownMember));
    let reply = ask(&mut run, &ids[0], |sync| sync.generation = Some(Generation::new(2)));
    assert_eq!(run.synced(reply), Err(GroupError::IllegalGeneration));
    let reply = ask(&mut run, &ids[0], |sync| sync.generation = None);
    assert_eq!(run.synced(reply), Err(GroupError::IllegalGeneration));
    let reply = ask(&mut run, &ids[0], |sync| sync.protocol = Some(Str::from("sticky")));
    assert_eq!(run.synced(reply), Err(GroupError::InconsistentProtocol));
    let reply = ask(&mut run, &ids[0], |sync| sync.protocol_type = Some(Str::from("connect")));
    assert_eq!(run.synced(reply), Err(GroupError::InconsistentProtocol));
    let reply = ask(&mut run, &ids[0], |sync| sync.instance = Some(instance("i")));
    assert_eq!(run.synced(reply), Err(GroupError::UnknownMember));
    // Versions below 5 name no protocol.
    let reply = ask(&mut run, &ids[0], |sync| (sync.protocol, sync.protocol_type) = (None, None));
    assert_eq!(run.synced(reply), Ok(Bytes::new()));
}

#[test]
fn a_rebalance_sends_those_who_wait_back_to_join() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    let follower = ask(&mut run, &ids[1], |_| {});
    let changed = join("g").again(&ids[0]).change(|join| join.protocols = vec![protocol("range", &["u"])]);
    run.send(Request::JoinGroup(changed));
    assert_eq!(run.synced(follower), Err(GroupError::RebalanceInProgress));
    let late = ask(&mut run, &ids[1], |_| {});
    assert_eq!(run.synced(late), Err(GroupError::RebalanceInProgress));
}

#[test]
fn a_sync_that_comes_twice_answers_the_first() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    let first = ask(&mut run, &ids[1], |_| {});
    let second = ask(&mut run, &ids[1], |_| {});
    assert_eq!(run.synced(first), Err(GroupError::RebalanceInProgress));
    assert_eq!(run.answer(second), None);
}

#[test]
fn who_does_not_sync_within_the_rebalance_timeout_is_out() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    let follower = ask(&mut run, &ids[1], |_| {});
    // The leader lives, and does not assign; the follower waits, which is a sign of life.
    for _ in 0..11 {
        run.seconds(5);
        assert_eq!(run.heartbeat("g", &ids[0], 1), Ok(()));
    }
    assert_eq!(run.answer(follower), None);
    run.pass(Duration::from_millis(5_000));
    assert_eq!(run.synced(follower), Err(GroupError::RebalanceInProgress));
    assert_eq!(run.heartbeat("g", &ids[0], 1), Err(GroupError::UnknownMember));
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[1])));
    assert_eq!(run.joined(reply).leader.as_ref(), Some(&ids[1]));
}

#[test]
fn a_stable_group_loses_who_never_asks_for_its_assignment() {
    let mut run = Run::new();
    let ids = joined(&mut run);
    ask(&mut run, &ids[0], |sync| sync.assignments = vec![assignment(&ids[0], "a")]);
    for _ in 0..12 {
        assert_eq!(run.state_of("g"), GroupState::Stable);
        run.seconds(5);
        let _ = run.heartbeat("g", &ids[0], 1);
        let _ = run.heartbeat("g", &ids[1], 1);
    }
    assert_eq!(run.heartbeat("g", &ids[1], 1), Err(GroupError::UnknownMember));
    assert_eq!(run.heartbeat("g", &ids[0], 1), Err(GroupError::RebalanceInProgress));
}
