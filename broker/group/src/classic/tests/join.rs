//! Who may join, and what it is told.

use alloc::vec;
use core::time::Duration;

use broker_protocol::Str;

use crate::{testing::*, *};

#[test]
fn a_member_without_an_id_is_given_one_and_joins_with_it() {
    let mut run = Run::new();
    let id = run.given_id(join("g"));
    assert!(id.as_str().starts_with("c-") && id.as_str().len() == 38, "{id}");
    assert_eq!(run.state_of("g"), GroupState::Empty);
    let [GroupRecord::Classic { value: Some(value), .. }] = run.written_since(0) else { panic!() };
    assert_eq!((value.generation, &*value.protocol_type, value.members.len()), (0, "", 0));

    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    run.pass(Duration::from_millis(2_999));
    assert_eq!(run.answer(reply), None, "the first rebalance waits for others");
    run.pass(Duration::from_millis(1));
    let joined = run.joined(reply);
    assert_eq!(joined.generation, Generation::new(1));
    assert_eq!((joined.leader.as_ref(), &joined.member), (Some(&id), &id));
    assert_eq!(joined.protocol.as_deref(), Some("range"));
    assert_eq!(joined.protocol_type.as_deref(), Some("consumer"));
    assert_eq!(joined.members.len(), 1);
    assert!(!joined.skip_assignment);
    assert_eq!(run.state_of("g"), GroupState::CompletingRebalance);
    assert_eq!(run.log.len(), 1, "a generation is written with its assignment");
}

#[test]
fn an_old_client_joins_at_once() {
    let mut run = Run::new();
    let reply =
        run.send(Request::JoinGroup(join("g").change(|join| join.dialect = JoinDialect::AddedAtOnce)));
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    run.seconds(3);
    assert_eq!(run.joined(reply).generation, Generation::new(1));
}

#[test]
fn what_cannot_be_a_member_is_refused() {
    let mut run = Run::new();
    let ask = |run: &mut Run, request: JoinGroup| {
        let reply = run.send(Request::JoinGroup(request));
        let refused = run.refused(reply);
        (refused.error, refused.member)
    };
    assert_eq!(ask(&mut run, join("")), (GroupError::InvalidGroupId, None));
    for millis in [0, 5_999, 1_800_001] {
        let request = join("g").change(|join| join.session_timeout = Duration::from_millis(millis));
        assert_eq!(ask(&mut run, request), (GroupError::InvalidSessionTimeout, None));
    }
    let stranger = MemberId::new(Str::from("stranger"));
    let unknown = (GroupError::UnknownMember, Some(stranger.clone()));
    assert_eq!(ask(&mut run, join("g").again(&stranger)), unknown, "no group");
    assert_eq!(run.log, [], "a group is not made by those who claim to be in it");
    assert_eq!(
        ask(&mut run, join("g").change(|join| join.protocols.clear())),
        (GroupError::InconsistentProtocol, None)
    );
    assert_eq!(
        ask(&mut run, join("g").change(|join| join.protocol_type = Str::EMPTY)),
        (GroupError::InconsistentProtocol, None)
    );
    run.stable("g", 1);
    assert_eq!(ask(&mut run, join("g").again(&stranger)), unknown);
    let other = join("g").change(|join| join.protocols = vec![protocol("sticky", &["t"])]);
    assert_eq!(ask(&mut run, other), (GroupError::InconsistentProtocol, None));
    let connect = join("g").change(|join| join.protocol_type = Str::from("connect"));
    assert_eq!(ask(&mut run, connect), (GroupError::InconsistentProtocol, None));
}

#[test]
fn the_protocol_is_what_all_know_and_most_prefer() {
    let mut run = Run::new();
    let knows: [&[&str]; 3] = [&["a", "b", "c"], &["b", "c", "a"], &["d", "b", "c"]];
    let replies = knows.map(|names| {
        let protocols = names.iter().map(|name| protocol(name, &["t"])).collect();
        run.send(Request::JoinGroup(join("g").change(|join| {
            join.protocols = protocols;
            join.dialect = JoinDialect::AddedAtOnce;
        })))
    });
    run.wait(replies[0]);
    for reply in replies {
        assert_eq!(run.joined(reply).protocol.as_deref(), Some("b"));
    }
}

#[test]
fn a_protocol_named_twice_counts_once() {
    let mut run = Run::new();
    let twice = vec![protocol("range", &["t"]), protocol("range", &["t"])];
    let first = run.given_id(join("g").change(|join| join.protocols = twice.clone()));
    let replies =
        [run.send(Request::JoinGroup(join("g").again(&first).change(|join| join.protocols = twice)))];
    let second = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&second)));
    run.wait(replies[0]);
    assert_eq!(run.joined(replies[0]).protocol, run.joined(reply).protocol);
}

#[test]
fn only_the_leader_is_told_of_the_members() {
    let mut run = Run::new();
    let ids = [run.given_id(join("g")), run.given_id(join("g"))];
    let replies = ids.clone().map(|id| run.send(Request::JoinGroup(join("g").again(&id))));
    run.wait(replies[0]);
    let joined = replies.map(|reply| run.joined(reply));
    assert_eq!(joined[0].leader.as_ref(), Some(&ids[0]), "the first leads");
    let told: vec::Vec<_> = joined[0].members.iter().map(|member| member.member.clone()).collect();
    assert_eq!(told, sorted(&ids));
    assert_eq!(joined[0].members[0].metadata, protocol("range", &["t"]).metadata);
    assert_eq!(joined[1].members, []);
}

#[test]
fn a_follower_that_asks_again_hears_the_same_and_a_leader_rebalances() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let again = run.send(Request::JoinGroup(join("g").again(&ids[1])));
    let joined = run.joined(again);
    assert_eq!((joined.generation, joined.members.len()), (Generation::new(1), 0));
    assert_eq!(run.state_of("g"), GroupState::Stable);
    run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
    let last = run.describe("g").rebalances.pop().expect("a reason");
    assert!(last.reason.starts_with("leader c-"), "{last:?}");
}

#[test]
fn a_follower_that_changed_rebalances() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let changed =
        join("g").again(&ids[1]).change(|join| join.protocols = vec![protocol("range", &["t", "u"])]);
    let reply = run.send(Request::JoinGroup(changed));
    assert_eq!(run.answer(reply), None);
    assert_eq!(run.state_of("g"), GroupState::PreparingRebalance);
}

#[test]
fn one_that_lost_the_answer_hears_it_again_while_the_leader_assigns() {
    let mut run = Run::new();
    let id = run.given_id(join("g"));
    let reply = run.send(Request::JoinGroup(join("g").again(&id)));
    run.seconds(3);
    let joined = run.joined(reply);
    let again = run.send(Request::JoinGroup(join("g").again(&id)));
    assert_eq!(run.joined(again), joined);
}

#[test]
fn a_join_that_comes_twice_answers_the_first() {
    let mut run = Run::new();
    let id = run.given_id(join("g"));
    let first = run.send(Request::JoinGroup(join("g").again(&id)));
    let second = run.send(Request::JoinGroup(join("g").again(&id)));
    let refused = run.refused(first);
    assert_eq!((refused.error, refused.member), (GroupError::RebalanceInProgress, Some(id)));
    run.seconds(3);
    run.joined(second);
}

#[test]
fn a_full_group_takes_nobody_and_keeps_who_is_in_it() {
    let mut run = Run::with(|settings| settings.group_size_max = 2);
    let ids = run.stable("g", 2);
    let reply = run.send(Request::JoinGroup(join("g")));
    assert_eq!(run.refused(reply), JoinRefused { error: GroupError::GroupMaxSizeReached, member: None });
    let again = run.send(Request::JoinGroup(join("g").again(&ids[1])));
    run.joined(again);
}

#[test]
fn of_too_many_who_were_given_ids_the_last_finds_no_room() {
    let mut run = Run::with(|settings| settings.group_size_max = 2);
    let ids = [run.given_id(join("g")), run.given_id(join("g")), run.given_id(join("g"))];
    let replies = ids.map(|id| run.send(Request::JoinGroup(join("g").again(&id))));
    assert_eq!(run.refused(replies[2]).error, GroupError::GroupMaxSizeReached);
    run.wait(replies[0]);
    run.joined(replies[0]);
    run.joined(replies[1]);
}

#[test]
fn a_group_of_offsets_is_joined_without_a_new_record() {
    let mut run = Run::new();
    assert_eq!(run.commit(commit("g", 5)), Ok(()));
    let point = run.log.len();
    run.given_id(join("g"));
    assert_eq!(run.written_since(point), []);
}
