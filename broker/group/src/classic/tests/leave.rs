//! LeaveGroup.

use alloc::vec;

use broker_protocol::Str;
use broker_types::GroupId;

use crate::{testing::*, *};

#[test]
fn each_leaves_for_itself_and_the_others_rebalance_once() {
    let mut run = Run::new();
    let ids = run.stable("g", 3);
    let stranger = MemberId::new(Str::from("m"));
    let left = run.leave("g", vec![leaving(&ids[1]), leaving(&stranger), leaving(&ids[2])]);
    assert_eq!(left, [Ok(()), Err(GroupError::UnknownMember), Ok(())]);
    let described = run.describe("g");
    assert_eq!((described.state, described.members.len()), (GroupState::PreparingRebalance, 1));
    assert_eq!(described.rebalances.len(), 2);
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.joined(reply).members.len(), 1);
}

#[test]
fn a_group_that_is_not_there_knows_nobody() {
    let mut run = Run::new();
    let id = MemberId::new(Str::from("m"));
    assert_eq!(run.leave("g", vec![leaving(&id)]), [Err(GroupError::UnknownMember)]);
    let request = LeaveGroup { group: GroupId::new(""), members: vec![] };
    let response = run.ask(Request::LeaveGroup(request));
    assert_eq!(response, Response::LeaveGroup(Err(GroupError::InvalidGroupId)));
}

#[test]
fn an_id_that_was_given_out_can_be_given_back() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    let given = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.answer(reply), None);
    assert_eq!(run.leave("g", vec![leaving(&given)]), [Ok(())]);
    assert_eq!(run.joined(reply).generation, Generation::new(2));
}

#[test]
fn one_that_waits_to_join_is_told_when_it_is_removed() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.leave("g", vec![leaving(&ids[0])]), [Ok(())]);
    assert_eq!(run.refused(reply), JoinRefused { error: GroupError::UnknownMember, member: None });
}

#[test]
fn one_that_waits_for_its_assignment_is_told_when_it_is_removed() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let replies = [&ids[0], &ids[1]].map(|id| run.send(Request::JoinGroup(join("g").again(id))));
    let generation = run.joined(replies[0]).generation;
    let waiting = run.send(Request::SyncGroup(sync("g", &ids[1], generation, vec![])));
    run.leave("g", vec![leaving(&ids[1])]);
    assert_eq!(run.synced(waiting), Err(GroupError::UnknownMember));
}

#[test]
fn an_administrator_removes_a_static_member_by_its_name() {
    let mut run = Run::new();
    let reply = run.send(Request::JoinGroup(join("g").named("i")));
    run.seconds(3);
    let id = run.joined(reply).member;
    let by_name = |name| Leaving { member: None, instance: Some(instance(name)), reason: None };
    let fenced = Leaving { member: Some(MemberId::new(Str::from("other"))), ..by_name("i") };
    assert_eq!(
        run.leave("g", vec![by_name("j"), fenced, by_name("i")]),
        [Err(GroupError::UnknownMember), Err(GroupError::FencedInstance), Ok(())]
    );
    assert_eq!(run.state_of("g"), GroupState::Empty);
    assert_eq!(run.heartbeat("g", &id, 1), Err(GroupError::UnknownMember));
    let nobody = Leaving { member: None, instance: None, reason: None };
    assert_eq!(run.leave("g", vec![nobody]), [Err(GroupError::UnknownMember)]);
}
