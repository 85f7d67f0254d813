//! Another coordinator takes over, or what was decided was not written.

use alloc::{vec, vec::Vec};

use broker_coordinator::Shard as _;
use broker_types::ReplyId;

use crate::{testing::*, *};

#[test]
fn a_new_coordinator_finds_the_last_generation_stable() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let before = run.describe("g");
    assert_eq!(run.fail_over(), [] as [u64; 0]);
    let after = run.describe("g");
    assert_eq!((after.state, after.generation), (GroupState::Stable, Generation::new(1)));
    assert_eq!(after.members, before.members);
    assert_eq!(run.heartbeat("g", &ids[1], 1), Ok(()));
    assert_eq!(run.commit(commit("g", 4).of(&ids[1], 1)), Ok(()));
    run.seconds(10);
    assert_eq!(run.describe("g").state, GroupState::Empty, "sessions begin with the coordinator");
}

#[test]
fn what_waits_is_given_up_with_the_lead() {
    let mut run = Run::new();
    let ids = run.stable("g", 2);
    let kept = run.send(Request::JoinGroup(join("g").again(&ids[0])));
    assert_eq!(run.fail_over(), [kept]);
    assert_eq!(run.state_of("g"), GroupState::Stable, "the rebalance is forgotten");
    let given = run.coordinator.resigned();
    assert_eq!(given, [] as [ReplyId; 0]);
}

#[test]
fn a_group_that_is_larger_than_may_be_rebalances_on_load() {
    let mut run = Run::new();
    let ids = run.stable("g", 3);
    let mut small = Run::with(|settings| settings.group_size_max = 2);
    for record in run.log {
        small.replay(record);
    }
    small.coordinator.became_leader(small.now, &small.state);
    assert_eq!(small.state_of("g"), GroupState::PreparingRebalance);
    let replies: Vec<_> = ids.iter().map(|id| small.send(Request::JoinGroup(join("g").again(id)))).collect();
    small.joined(replies[0]);
    small.joined(replies[1]);
    let refused = small.refused(replies[2]);
    assert_eq!(refused.error, GroupError::GroupMaxSizeReached);
}

#[test]
fn an_assignment_that_was_not_written_is_taken_back_and_other_groups_go_on() {
    let mut run = Run::new();
    let (ids, other) = (run.stable("g", 2), run.stable("other", 1));
    let new = run.given_id(join("other"));
    let waits = run.send(Request::JoinGroup(join("other").again(&new)));
    let changed =
        |id: &MemberId| join("g").again(id).change(|join| join.protocols = vec![protocol("range", &["u"])]);
    let replies: Vec<_> = ids.iter().map(|id| run.send(Request::JoinGroup(changed(id)))).collect();
    assert_eq!(run.joined(replies[0]).generation, Generation::new(2));
    let sync = Request::SyncGroup(sync("g", &ids[0], Generation::new(2), vec![]));
    let outcome = run.coordinator.handle(run.now, &run.state, ReplyId::new(900), sync);
    assert_eq!(outcome.records.len(), 1);
    assert_eq!(run.coordinator.rolled_back(run.now, &run.state), [] as [ReplyId; 0]);
    let described = run.describe("g");
    assert_eq!((described.state, described.generation), (GroupState::Stable, Generation::new(1)));
    assert_eq!(run.heartbeat("g", &ids[0], 2), Err(GroupError::IllegalGeneration));
    assert_eq!(run.answer(waits), None);
    run.send(Request::JoinGroup(join("other").again(&other[0])));
    assert_eq!(run.joined(waits).generation, Generation::new(2));
}

#[test]
fn a_group_that_was_never_written_is_forgotten_with_those_who_wait() {
    let mut run = Run::new();
    let first = join("g").change(|join| join.dialect = JoinDialect::AddedAtOnce);
    let request = Request::JoinGroup(first);
    let outcome = run.coordinator.handle(run.now, &run.state, ReplyId::new(900), request);
    assert_eq!((outcome.records.len(), outcome.response.len()), (1, 0));
    assert_eq!(run.coordinator.rolled_back(run.now, &run.state), [ReplyId::new(900)]);
    assert_eq!(run.coordinator.next_deadline_of_groups(), None);
}
