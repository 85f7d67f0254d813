//! Members with a lasting name (KIP-345, KIP-814).

use alloc::{vec, vec::Vec};

use bytes::Bytes;

use crate::{testing::*, *};

/// A stable group of static members `i0`, `i1`, …, the leader first.
fn stable(run: &mut Run, count: usize) -> Vec<(MemberId, InstanceId)> {
    let names: Vec<_> = (0..count).map(|number| alloc::format!("i{number}")).collect();
    let replies: Vec<_> =
        names.iter().map(|name| run.send(Request::JoinGroup(join("g").named(name)))).collect();
    run.wait(replies[0]);
    let ids: Vec<_> = replies.into_iter().map(|reply| run.joined(reply).member).collect();
    let given: Vec<_> = ids.iter().map(|id| assignment(id, "for me")).collect();
    for id in ids.iter().rev() {
        run.send(Request::SyncGroup(sync("g", id, Generation::new(1), given.clone())));
    }
    run.answered.clear();
    ids.into_iter().zip(names.iter().map(|name| instance(name))).collect()
}

#[test]
fn a_static_member_joins_at_once_and_its_id_begins_with_its_name() {
    let mut run = Run::new();
    let members = stable(&mut run, 2);
    assert!(members[0].0.as_str().starts_with("i0-"), "{members:?}");
    assert_eq!(run.state_of("g"), GroupState::Stable);
}

#[test]
fn one_that_comes_back_takes_its_place_without_a_rebalance() {
    let mut run = Run::new();
    let members = stable(&mut run, 2);
    let point = run.log.len();
    let reply = run.send(Request::JoinGroup(join("g").named("i1")));
    let joined = run.joined(reply);
    assert_eq!((joined.generation, joined.skip_assignment), (Generation::new(1), false));
    assert_eq!(joined.leader.as_ref(), Some(&members[0].0));
    assert_ne!(joined.member, members[1].0);
    assert_eq!(run.state_of("g"), GroupState::Stable);
    let [GroupRecord::Classic { value: Some(value), .. }] = run.written_since(point) else { panic!() };
    assert!(value.members.iter().any(|member| *member.member_id == *joined.member.as_str()));
    // Its assignment waits for it.
    let reply = run.send(Request::SyncGroup(sync("g", &joined.member, joined.generation, vec![])));
    assert_eq!(run.synced(reply), Ok(Bytes::from("for me")));
    // Who had the place is fenced everywhere.
    let (old, name) = &members[1];
    let heartbeat = Heartbeat {
        group: broker_types::GroupId::new("g"),
        member: Some(old.clone()),
        instance: Some(name.clone()),
        generation: Some(Generation::new(1)),
    };
    let fenced = Response::Heartbeat(Err(GroupError::FencedInstance));
    assert_eq!(run.ask(Request::Heartbeat(heartbeat)), fenced);
    let commit = commit("g", 1).of(old, 1).change(|commit| commit.instance = Some(name.clone()));
    assert_eq!(run.commit(commit), Err(GroupError::FencedInstance));
    let reply = run.send(Request::JoinGroup(join("g").named("i1").again(old)));
    assert_eq!(run.refused(reply).error, GroupError::FencedInstance);
    let mut request = sync("g", old, Generation::new(1), vec![]);
    request.instance = Some(name.clone());
    let reply = run.send(Request::SyncGroup(request));
    assert_eq!(run.synced(reply), Err(GroupError::FencedInstance));
    assert_eq!(run.heartbeat("g", old, 1), Err(GroupError::UnknownMember), "it is no member by its id");
}

#[test]
fn one_that_comes_back_before_it_had_its_assignment_need_not_be_waited_for_twice() {
    let mut run = Run::new();
    let replies = ["i0", "i1"].map(|name| run.send(Request::JoinGroup(join("g").named(name))));
    run.wait(replies[0]);
    let ids = replies.map(|reply| run.joined(reply).member);
    run.send(Request::SyncGroup(sync("g", &ids[0], Generation::new(1), vec![assignment(&ids[1], "yours")])));
    let reply = run.send(Request::JoinGroup(join("g").named("i1")));
    let new = run.joined(reply).member;
    let reply = run.send(Request::SyncGroup(sync("g", &new, Generation::new(1), vec![])));
    assert_eq!(run.synced(reply), Ok(Bytes::from("yours")));
    for _ in 0..14 {
        run.seconds(5);
        assert_eq!(run.heartbeat("g", &ids[0], 1), Ok(()));
        assert_eq!(run.heartbeat("g", &new, 1), Ok(()), "its old id is not missed");
    }
}

#[test]
fn a_leader_that_comes_back_leads_and_need_not_assign() {
    let mut run = Run::new();
    stable(&mut run, 2);
    let reply = run.send(Request::JoinGroup(join("g").named("i0")));
    let joined = run.joined(reply);
    assert_eq!((joined.leader.as_ref(), joined.skip_assignment), (Some(&joined.member), true));
    assert_eq!(joined.members.len(), 2);
}

#[test]
fn an_old_leader_that_comes_back_is_not_told_that_it_leads() {
    let mut run = Run::new();
    let members = stable(&mut run, 2);
    let old = join("g").named("i0").change(|join| join.dialect = JoinDialect::RequiresMemberId);
    let reply = run.send(Request::JoinGroup(old));
    let joined = run.joined(reply);
    assert_eq!((joined.leader.as_ref(), joined.members.len()), (Some(&members[0].0), 0));
    assert!(!joined.skip_assignment);
}

#[test]
fn one_that_comes_back_with_other_protocols_rebalances_when_they_matter() {
    let mut run = Run::new();
    stable(&mut run, 1);
    let more = join("g")
        .named("i0")
        .change(|join| join.protocols = vec![protocol("sticky", &["t"]), protocol("range", &["t"])]);
    let reply = run.send(Request::JoinGroup(more));
    assert_eq!(
        run.joined(reply).generation,
        Generation::new(2),
        "the group is of one: it is complete at once"
    );
    assert_eq!(run.state_of("g"), GroupState::CompletingRebalance);
}

#[test]
fn one_that_comes_back_while_the_leader_assigns_rebalances() {
    let mut run = Run::new();
    let replies = ["i0", "i1"].map(|name| run.send(Request::JoinGroup(join("g").named(name))));
    run.wait(replies[0]);
    let ids = replies.map(|reply| run.joined(reply).member);
    let waiting = run.send(Request::SyncGroup(sync("g", &ids[1], Generation::new(1), vec![])));
    run.send(Request::JoinGroup(join("g").named("i1")));
    assert_eq!(run.synced(waiting), Err(GroupError::FencedInstance));
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
}

#[test]
fn one_that_comes_back_twice_while_it_waits_fences_its_first_life() {
    let mut run = Run::new();
    let first = run.send(Request::JoinGroup(join("g").named("i0")));
    let second = run.send(Request::JoinGroup(join("g").named("i0")));
    let refused = run.refused(first);
    assert_eq!(refused.error, GroupError::FencedInstance);
    assert!(refused.member.is_some_and(|id| id.as_str().starts_with("i0-")));
    run.seconds(3);
    assert_eq!(run.joined(second).members.len(), 1);
}

#[test]
fn a_static_member_stays_without_joining_until_its_session_ends() {
    let mut run = Run::with(|settings| settings.session_timeout_max = core::time::Duration::from_secs(7200));
    let long = |name: &str| {
        join("g").named(name).change(|join| join.session_timeout = core::time::Duration::from_secs(3_600))
    };
    let replies = ["i0", "i1"].map(|name| run.send(Request::JoinGroup(long(name))));
    run.wait(replies[0]);
    let ids = replies.map(|reply| run.joined(reply).member);
    for id in ids.iter().rev() {
        run.send(Request::SyncGroup(sync("g", id, Generation::new(1), vec![])));
    }
    let changed = long("i1").again(&ids[1]).change(|join| join.protocols = vec![protocol("range", &["u"])]);
    let reply = run.send(Request::JoinGroup(changed));
    run.seconds(60);
    let joined = run.joined(reply);
    assert_eq!((joined.leader.as_ref(), joined.members.len()), (Some(&ids[1]), 2), "the other leads no more");
}

#[test]
fn static_members_of_whom_none_comes_are_waited_for() {
    let mut run = Run::new();
    let members = stable(&mut run, 2);
    run.leave("g", vec![leaving(&members[0].0)]);
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    for _ in 0..30 {
        run.seconds(5);
        assert_eq!(run.heartbeat("g", &members[1].0, 1), Err(GroupError::RebalanceInProgress));
    }
    let reply = run.send(Request::JoinGroup(join("g").named("i1").again(&members[1].0)));
    assert_eq!(run.joined(reply).leader.as_ref(), Some(&members[1].0));
}
