//! Members with a lasting name.

use super::*;

fn named(id: &str) -> Client {
    Client { instance: Some(instance("i")), ..client(id, &["t"]) }
}

#[test]
fn one_that_left_for_a_while_finds_its_partitions_in_its_next_life() {
    let mut run = Run::with_topic();
    let (mut first, mut other) = half_and_half(&mut run, named("a"));
    let owned = first.owned.clone();
    first.leave(&mut run, -2).expect("left for a while");
    run.seconds(10);
    other.beat(&mut run).expect("a member");
    assert_eq!(other.count(), 3, "nobody takes what it had");
    let mut next = named("a2");
    next.join(&mut run).expect("a member");
    assert_eq!(next.owned, owned);
    assert_eq!(run.describe_consumers("g").map(|it| it.members.len()), Ok(2));
    assert!(first.beat(&mut run).is_err_and(|error| matches!(error, GroupError::FencedConsumerInstance(_))));
    run.settle(&mut [&mut next, &mut other]);
    assert_eq!((next.count(), other.count()), (3, 3));
    run.fail_over();
    next.beat(&mut run).expect("a member of the new coordinator");
}

#[test]
fn one_that_does_not_come_back_in_its_session_is_removed() {
    let mut run = Run::with_topic();
    let (mut first, mut other) = half_and_half(&mut run, named("a"));
    first.leave(&mut run, -2).expect("left for a while");
    for _ in 0..9 {
        run.seconds(5);
        other.beat(&mut run).expect("a member");
    }
    run.settle(&mut [&mut other]);
    assert_eq!(other.count(), 6);
}

#[test]
fn a_name_that_is_in_use_is_refused() {
    let mut run = Run::with_topic();
    let mut first = named("a");
    first.join(&mut run).expect("a member");
    let text = "Static member b with instance id i cannot join the group because the instance id is owned by a member.";
    let unreleased = Err(GroupError::UnreleasedInstance(Str::from_static(text)));
    assert_eq!(named("b").join(&mut run), unreleased);
    let unknown = Client { instance: Some(instance("j")), epoch: 1, ..client("a", &["t"]) }.beat(&mut run);
    let text = "Instance id j is unknown.";
    assert_eq!(unknown, Err(GroupError::UnknownConsumerMember(Str::from_static(text))));
    let text = "Static member b with instance id i was fenced by member a.";
    let fenced = Client { epoch: 2, ..named("b") }.beat(&mut run);
    assert_eq!(fenced, Err(GroupError::FencedConsumerInstance(Str::from_static(text))));
    first.leave(&mut run, -1).expect("left");
    named("b").join(&mut run).expect("the name is free");
}
