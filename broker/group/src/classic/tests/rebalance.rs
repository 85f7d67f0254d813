//! How a join phase begins and ends.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use crate::{testing::*, *};

#[test]
fn the_first_rebalance_waits_longer_while_members_come_and_not_beyond_their_timeout() {
    let mut run = Run::new();
    let patient = |join: JoinGroup| {
        join.change(|join| {
            join.dialect = JoinDialect::AddedAtOnce;
            join.rebalance_timeout = Duration::from_secs(8);
        })
    };
    let first = run.send(Request::JoinGroup(patient(join("g"))));
    let mut replies = vec![first];
    // One in each of the delays: 3 s, 3 s, and the 2 s that are left.
    for _ in 0..3 {
        run.seconds(2);
        replies.push(run.send(Request::JoinGroup(patient(join("g")))));
        assert_eq!(run.answer(first), None);
    }
    run.pass(Duration::from_millis(1_999));
    assert_eq!(run.answer(first), None);
    run.pass(Duration::from_millis(1));
    for reply in replies {
        assert_eq!(run.joined(reply).generation, Generation::new(1));
    }
}

#[test]
fn a_new_member_makes_the_others_join_again() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let new = run.given_id(join("g"));
    assert_eq!(run.state_of("g"), GroupState::Stable, "an id changes nothing");
    let replies = [run.send(Request::JoinGroup(join("g").again(&new)))];
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    assert_eq!(run.heartbeat("g", &ids[0], 1), Err(GroupError::RebalanceInProgress));
    let rejoin: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(join("g").again(id)))).collect();
    for reply in replies.into_iter().chain(rejoin) {
        let joined = run.joined(reply);
        assert_eq!((joined.generation, joined.leader.as_ref()), (Generation::new(2), Some(&ids[0])));
    }
}

#[test]
fn who_does_not_come_in_time_is_out_and_another_leads() {
    let mut run = Run::new();
    let ids = run.stable("g", 3);
    let changed = join("g").again(&ids[1]).change(|join| join.protocols = vec![protocol("range", &["u"])]);
    let reply = run.send(Request::JoinGroup(changed));
    // The others live, and do not join.
    for _ in 0..11 {
        run.seconds(5);
        for id in [&ids[0], &ids[2]] {
            assert_eq!(run.heartbeat("g", id, 1), Err(GroupError::RebalanceInProgress));
        }
    }
    assert_eq!(run.answer(reply), None);
    run.seconds(5);
    let joined = run.joined(reply);
    assert_eq!((joined.leader.as_ref(), joined.members.len()), (Some(&ids[1]), 1));
    assert_eq!(run.heartbeat("g", &ids[0], 2), Err(GroupError::UnknownMember));
}

#[test]
fn an_id_that_was_given_out_is_waited_for_until_its_session_ends() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    run.pass(Duration::from_millis(9_999));
    assert_eq!(run.answer(reply), None);
    run.pass(Duration::from_millis(1));
    assert_eq!(run.joined(reply).generation, Generation::new(2));
}

#[test]
fn a_group_that_everybody_left_is_written_as_empty() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let point = run.log.len();
    assert_eq!(run.leave("g", ids.iter().map(leaving).collect()), [Ok(()), Ok(())]);
    assert_eq!(run.state_of("g"), GroupState::Empty);
    let [GroupRecord::Classic { value: Some(value), .. }] = run.written_since(point) else { panic!() };
    assert_eq!((value.generation, value.members.len(), &value.leader), (2, 0, &None));
    assert_eq!((&*value.protocol_type, &value.protocol), ("consumer", &None));
    assert_eq!(value.current_state_timestamp, run.now.wall.as_millis());
}

#[test]
fn the_next_generation_of_an_empty_group_waits_as_the_first() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    run.leave("g", vec![leaving(&ids[0])]);
    let id = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    run.pass(Duration::from_millis(2_999));
    assert_eq!(run.answer(reply), None);
    run.pass(Duration::from_millis(1));
    assert_eq!(run.joined(reply).generation, Generation::new(3));
}

#[test]
fn a_delay_of_nothing_lets_the_first_begin_at_once() {
    let mut run = Run::with(|settings| settings.initial_rebalance_delay = Duration::ZERO);
    let id = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    run.pass(Duration::ZERO);
    run.joined(reply);
}

#[test]
fn only_the_last_reasons_are_kept() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    for _ in 0..20 {
        let reply = run.send(Request::JoinGroup(join("g").again(&ids[0])));
        let generation = run.joined(reply).generation;
        let sync = sync("g", &ids[0], generation, vec![assignment(&ids[0], "a")]);
        run.send(Request::SyncGroup(sync));
    }
    let rebalances = run.describe("g").rebalances;
    assert_eq!(rebalances.len(), 10);
    assert_eq!(rebalances[9].generation, Generation::new(20));
}
