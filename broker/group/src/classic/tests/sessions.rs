//! Heartbeats, and silence.

use alloc::vec;
use core::time::Duration;

use broker_protocol::Str;
use broker_types::GroupId;

use crate::{testing::*, *};

#[test]
fn a_heartbeat_is_of_a_member_in_its_generation() {
    let mut run = Run::new();
    let stranger = MemberId::new(Str::from("m"));
    assert_eq!(run.heartbeat("", &stranger, 1), Err(GroupError::InvalidGroupId));
    assert_eq!(run.heartbeat("g", &stranger, 1), Err(GroupError::UnknownMember));
    let ids = run.stable("g", 1);
    assert_eq!(run.heartbeat("g", &ids[0], 1), Ok(()));
    assert_eq!(run.heartbeat("g", &ids[0], 2), Err(GroupError::IllegalGeneration));
    assert_eq!(run.heartbeat("g", &ids[0], -1), Err(GroupError::IllegalGeneration));
    assert_eq!(run.heartbeat("g", &stranger, 1), Err(GroupError::UnknownMember));
    let anonymous = Heartbeat { group: GroupId::new("g"), member: None, instance: None, generation: None };
    assert_eq!(run.ask(Request::Heartbeat(anonymous)), Response::Heartbeat(Err(GroupError::UnknownMember)));
}

#[test]
fn a_silent_member_is_removed_when_its_session_ends_and_not_before() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    run.seconds(7);
    assert_eq!(run.heartbeat("g", &ids[1], 1), Ok(()));
    run.pass(Duration::from_millis(2_999));
    assert_eq!(run.state_of("g"), GroupState::Stable);
    run.pass(Duration::from_millis(1));
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    let described = run.describe("g");
    assert_eq!(described.members.len(), 1);
    assert!(described.rebalances.last().expect("a reason").reason.contains("session timeout"));
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[1])));
    assert_eq!(run.joined(reply).leader.as_ref(), Some(&ids[1]));
}

#[test]
fn a_group_whose_members_are_all_silent_becomes_empty() {
    let mut run = Run::new();
    run.stable("g", 3);
    run.seconds(10);
    assert_eq!(run.state_of("g"), GroupState::Empty);
    let Some(GroupRecord::Classic { value: Some(value), .. }) = run.log.last() else { panic!() };
    assert_eq!((value.generation, value.members.len()), (2, 0));
    assert_eq!(run.coordinator.next_deadline_of_groups(), None, "nothing is left to wait for");
}

#[test]
fn waiting_is_a_sign_of_life_but_not_of_a_new_member() {
    let mut run = Run::with(|settings| settings.new_member_join_timeout = Duration::from_secs(30));
    let ids = run.stable("g", 2);
    let new = run.given_id(join("g"));
    let new_reply = run.send(Request::JoinGroup(join("g").again(&new)));
    let old_reply = run.send(Request::JoinGroup(join("g").again(&ids[1])));
    for _ in 0..5 {
        run.seconds(5);
        let _ = run.heartbeat("g", &ids[0], 1);
    }
    assert_eq!((run.answer(new_reply), run.answer(old_reply)), (None, None));
    run.seconds(5);
    let refused = run.refused(new_reply);
    assert_eq!((refused.error, refused.member), (GroupError::UnknownMember, None));
    assert_eq!(run.answer(old_reply), None, "one that was a member before waits on");
    let leader = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    run.joined(leader);
    run.joined(old_reply);
}

#[test]
fn the_last_that_is_awaited_ends_the_join_phase_by_its_silence() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    run.seconds(10);
    assert_eq!(run.joined(reply).generation, Generation::new(2));
}

#[test]
fn a_commit_is_a_sign_of_life() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    for _ in 0..5 {
        run.seconds(8);
        assert_eq!(run.commit(commit("g", 1).of(&ids[0], 1)), Ok(()));
    }
    assert_eq!(run.state_of("g"), GroupState::Stable);
}

#[test]
fn a_shorter_session_counts_at_once() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    let short = join("g").again(&ids[0]).change(|join| join.session_timeout = Duration::from_secs(6));
    let reply = run.send(Request::JoinGroup(short));
    let generation = run.joined(reply).generation;
    run.send(Request::SyncGroup(sync("g", &ids[0], generation, vec![])));
    run.seconds(6);
    assert_eq!(run.state_of("g"), GroupState::Empty);
}
