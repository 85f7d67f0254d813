//! Members on their way to their targets.

use alloc::{string::ToString, vec};

use super::*;

#[test]
fn a_partition_is_given_up_before_it_is_taken() {
    let mut run = Run::with_topic();
    let (mut one, mut other) = (client("a", &["t"]), client("b", &["t"]));
    one.join(&mut run).expect("a member");
    assert_eq!(one.count(), 6);
    run.seconds(2);
    other.join(&mut run).expect("a member");
    assert_eq!((other.epoch, other.count()), (3, 0), "in the new epoch, but nothing is free");
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Reconciling));
    // The first is told of less, and still owns it all.
    let told = run.consumer(one.lives()).expect("a member");
    assert_eq!((told.epoch, told.assignment.as_ref().map(|it| it[0].partitions.len())), (2, Some(3)));
    other.beat(&mut run).expect("a member");
    assert_eq!(other.count(), 0);
    let owner = run.describe_consumers("g").expect("a group").members.remove(0);
    assert_eq!(owner.assignment[0].1.partitions.len(), 6, "what it gives up it has still");
    // It has given up.
    one.owned = told.assignment.expect("less");
    one.beat(&mut run).expect("a member");
    assert_eq!((one.epoch, one.count()), (3, 3));
    other.beat(&mut run).expect("a member");
    assert_eq!(other.count(), 3);
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Stable));
}

#[test]
fn who_does_not_give_up_in_time_is_removed() {
    let mut run = Run::with_topic();
    let (one, mut other) = one_and_another(&mut run);
    run.consumer(one.lives()).expect("told to give up");
    let all = one.owned.clone();
    for _ in 0..29 {
        run.seconds(1);
        let request = ConsumerHeartbeat { owned: Some(all.clone()), ..one.lives() };
        run.consumer(request).expect("it has time");
        other.beat(&mut run).expect("a member");
    }
    run.seconds(1);
    assert!(run.consumer(one.lives()).is_err());
    other.beat(&mut run).expect("a member");
    assert_eq!(other.count(), 6);
}

#[test]
fn one_that_leaves_gives_to_the_others_at_once() {
    let mut run = Run::with_topic();
    let (one, mut other) = half_and_half(&mut run, client("a", &["t"]));
    let told = run.consumer(ConsumerHeartbeat { epoch: -1, ..one.lives() }).expect("left");
    assert_eq!((told.member, told.epoch, told.assignment), (one.id, -1, None));
    other.beat(&mut run).expect("a member");
    assert_eq!(other.count(), 6);
}

#[test]
fn target_assignments_lie_apart() {
    let mut run = Run::with_topic();
    let mut clients = ["a", "b", "c"].map(|id| client(id, &["t"]));
    clients[0].join(&mut run).expect("a member");
    clients[1].join(&mut run).expect("a member");
    let described = run.describe_consumers("g").expect("a group");
    assert_eq!((described.state, described.epoch, described.assignment_epoch), (GroupState::Assigning, 3, 2));
    clients[2].join(&mut run).expect("a member");
    run.pass(Duration::from_millis(999));
    clients[0].beat(&mut run).expect("a member");
    assert_eq!(run.describe_consumers("g").map(|it| it.assignment_epoch), Ok(2));
    run.pass(Duration::from_millis(1));
    clients[0].beat(&mut run).expect("a member");
    assert_eq!(run.describe_consumers("g").map(|it| (it.epoch, it.assignment_epoch)), Ok((4, 4)));
}

#[test]
fn the_assignor_is_the_one_that_most_ask_for() {
    let mut run = Run::with_topic();
    run.topics.put("u", 6);
    let mut clients = ["a", "b"].map(|id| client(id, &["t", "u"]));
    for client in &mut clients {
        let request = ConsumerHeartbeat { assignor: Some(Str::from("range")), ..client.joins() };
        client.hear(&mut run, request).expect("a member");
    }
    let [one, other] = &mut clients;
    run.settle(&mut [one, other]);
    assert_eq!(run.describe_consumers("g").map(|it| it.assignor.to_string()), Ok("range".to_string()));
    let first = vec![("t".to_string(), vec![0, 1, 2]), ("u".to_string(), vec![0, 1, 2])];
    assert_eq!(clients[0].owns(&run), first);
}

#[test]
fn a_new_coordinator_goes_on_where_the_last_one_was() {
    let mut run = Run::with_topic();
    let (one, other) = one_and_another(&mut run);
    run.consumer(one.lives()).expect("told to give up");
    run.fail_over();
    run.consumer(other.lives()).expect("a member");
    let point = run.log.len();
    run.consumer(other.lives()).expect("a member");
    assert_eq!(run.written_since(point), []);
    run.seconds(30);
    assert!(run.consumer(one.lives()).is_err(), "its time to give up began anew, and is over");
    run.fail_over();
    run.seconds(45);
    assert_eq!(run.describe_consumers("g").map(|it| it.state), Ok(GroupState::Empty));
}
