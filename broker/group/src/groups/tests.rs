//! Traces of groups as a whole.

use alloc::{vec, vec::Vec};

use broker_protocol::Str;
use broker_types::GroupId;

use crate::{testing::*, *};

fn not_found(group: &str) -> GroupError {
    GroupError::GroupIdNotFound(Str::from(alloc::format!("Group {group} not found.")))
}

fn list(run: &mut Run, states: &[&str], types: &[&str]) -> Vec<(GroupId, Str, GroupState)> {
    let strs = |names: &[&str]| names.iter().map(|name| Str::from(*name)).collect();
    let request = ListGroups { states: strs(states), types: strs(types) };
    match run.ask(Request::ListGroups(request)) {
        Response::ListGroups(groups) => {
            groups.into_iter().map(|it| (it.group, it.protocol_type, it.state)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn delete(run: &mut Run, groups: &[&str]) -> Vec<Result<(), GroupError>> {
    let groups = groups.iter().map(|group| GroupId::new(group)).collect();
    match run.ask(Request::DeleteGroups(groups)) {
        Response::DeleteGroups(results) => results.into_iter().map(|(_, result)| result).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let mut run = Run::new();
    run.commit(commit("offsets", 1)).expect("committed");
    run.stable("stable", 1);
    run.given_id(join("about-to-be"));
    let (empty, stable) = (
        [
            (GroupId::new("about-to-be"), Str::EMPTY, GroupState::Empty),
            (GroupId::new("offsets"), Str::EMPTY, GroupState::Empty),
        ],
        [(GroupId::new("stable"), Str::from("consumer"), GroupState::Stable)],
    );
    let all = [&empty[..], &stable].concat();
    assert_eq!(list(&mut run, &[], &[]), all);
    assert_eq!(list(&mut run, &[" STABLE "], &[]), stable);
    assert_eq!(list(&mut run, &["empty"], &["Classic"]), empty);
    assert_eq!(list(&mut run, &["nonsense"], &[]), []);
    assert_eq!(list(&mut run, &[], &["consumer"]), []);
    assert_eq!(list(&mut run, &[], &["nonsense"]), []);
    run.fail_over();
    assert_eq!(list(&mut run, &[], &[]), all, "a new coordinator says the same");
}

#[test]
fn a_group_that_is_not_there_is_not_described() {
    let mut run = Run::new();
    run.stable("g", 1);
    let ids = vec![GroupId::new("g"), GroupId::new("h")];
    let Response::DescribeGroups(groups) = run.ask(Request::DescribeGroups(ids)) else { panic!() };
    assert!(groups[0].1.is_ok());
    assert_eq!(groups[1].1, Err(not_found("h")));
}

#[test]
fn metadata_is_told_while_stable_only() {
    let mut run = Run::new();
    let ids = run.stable("g", 1);
    let stable = run.describe("g").members.remove(0);
    assert_eq!(stable.client, Client { id: Str::from("c"), host: Str::from("/127.0.0.1") });
    assert!(!stable.metadata.is_empty() && !stable.assignment.is_empty());
    run.given_id(join("g"));
    run.send(Request::JoinGroup(join("g").again(&ids[0])));
    let preparing = run.describe("g");
    assert_eq!((preparing.state, &*preparing.protocol), (GroupState::PreparingRebalance, ""));
    assert!(preparing.members[0].metadata.is_empty() && !preparing.members[0].assignment.is_empty());
}

#[test]
fn empty_groups_are_deleted_with_everything() {
    let mut run = Run::new();
    run.commit(commit("offsets", 1)).expect("committed");
    let pending = TxnOffsetCommit {
        group: GroupId::new("offsets"),
        producer: producer(7),
        member: None,
        instance: None,
        generation: None,
        topics: vec![by_topic("t", vec![commit_partition(0, 9), commit_partition(1, 9)])],
    };
    run.ask(Request::TxnOffsetCommit(pending));
    run.stable("stable", 1);
    let given = run.given_id(join("about-to-be"));
    let point = run.log.len();
    let results = delete(&mut run, &["offsets", "stable", "nowhere", "about-to-be", "offsets"]);
    let (again, nowhere) = (Err(not_found("offsets")), Err(not_found("nowhere")));
    assert_eq!(results, [Ok(()), Err(GroupError::NonEmptyGroup), nowhere, Ok(()), again]);
    assert_eq!(run.written_since(point).len(), 4, "two offsets and two groups");
    assert_eq!(run.state.groups_count(), 1);
    assert!(run.offsets("offsets").is_empty() && !run.state.has_pending("offsets"));
    let reply = run.send(Request::JoinGroup(join("about-to-be").again(&given)));
    assert_eq!(run.refused(reply).error, GroupError::UnknownMember);
    run.fail_over();
    assert_eq!(run.state.groups_count(), 1);
}
