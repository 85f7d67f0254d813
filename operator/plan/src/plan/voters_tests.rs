//! Controllers that come, go, and come back with another volume.

use operator_api::{LeavingPhase, Role, VoterChange};
use serde_json::json;

use super::cluster_tests::{nodes, partitions, status, three_and_three};
use crate::{
    kafka::Replica,
    plan::Plan,
    world::{World, brief, pool, replica},
};

fn voters(world: &mut World) -> Vec<i32> {
    world.well().quorum.voters.keys().copied().collect()
}

/// Changes of voters and pods, in order.
fn changes(plans: &[Plan]) -> Vec<String> {
    let is_change =
        |action: &String| !action.starts_with("apply ConfigMap") && !action.starts_with("apply Persistent");
    plans.iter().flat_map(brief).filter(is_change).collect()
}

fn scale(world: &mut World, replicas: i32) {
    world.observed.pools[1].spec.replicas = replicas;
}

fn waits_for(world: &World) -> Option<&str> {
    status(world).voter_change.as_ref()?.waits_for.as_deref()
}

#[test]
fn controllers_that_have_caught_up_get_a_vote_one_after_another_and_nobody_restarts() {
    let mut world = three_and_three();
    world.settle();
    assert_eq!(status(&world).voters, [1000, 1001, 1002]);
    world.pods_run = false;
    scale(&mut world, 5);
    let plans = world.settle_at_most(3);
    assert_eq!(changes(&plans), ["apply StatefulSet c-controllers"]);
    assert_eq!(waits_for(&world), Some("pod c-controllers-1003 does not serve yet"));
    let is_told = |plan: &Plan| plan.events.iter().any(|event| event.reason == "VoterChangeWaits");
    assert_eq!(plans.iter().filter(|plan| is_told(plan)).count(), 1, "it is told once");

    world.pods_run = true;
    world.observed.pods.iter_mut().for_each(|pod| pod.is_ready = true);
    world.settle_at_most(0);
    let behind = Replica { last_caught_up: Some(100), ..replica(1003) };
    world.well().quorum.observers = vec![(1003, behind), (1004, replica(1004))];
    let plan = world.decide();
    assert_eq!(brief(&plan).last().map(String::as_str), Some("add voter 1004@of1004"), "the first that can");
    world.carry_out(&plan);
    let plan = world.decide();
    world.carry_out(&plan);
    assert_eq!(waits_for(&world), Some("controller 1003 has not caught up yet"));
    world.well().quorum.observers[0].1.last_caught_up = Some(10_000);
    let plans = world.settle();
    assert_eq!(changes(&plans), ["add voter 1003@of1003"]);
    assert_eq!(status(&world).voters, [1000, 1001, 1002, 1003, 1004]);
    assert_eq!(status(&world).voter_change, None);
}

#[test]
fn a_vote_goes_before_its_pod_and_only_from_a_healthy_quorum() {
    let mut world = three_and_three();
    world.settle();
    scale(&mut world, 5);
    world.settle();
    world.well().quorum.leader = Some(1004);
    scale(&mut world, 3);
    for silent in [1000, 1001] {
        world.well().quorum.voters.insert(silent, Replica { last_caught_up: Some(1), ..replica(silent) });
    }
    world.settle_at_most(2);
    assert_eq!(waits_for(&world), Some("2 controllers besides 1003 have caught up and 3 of 4 are needed"));
    assert_eq!(world.live("StatefulSet", "c-controllers")["spec"]["replicas"], 5);
    for back in [1000, 1001] {
        world.well().quorum.voters.insert(back, replica(back));
    }
    let plans = world.settle();
    let expected =
        ["remove voter 1003@of1003", "remove voter 1004@of1004", "apply StatefulSet c-controllers"];
    assert_eq!(changes(&plans), expected, "the active one last, and no pod before its vote");
    assert!(
        plans.iter().any(|plan| plan.status.leaving.iter().any(|node| node.phase == LeavingPhase::Unvoting))
    );
    let told = plans.iter().flat_map(|plan| &plan.events).find(|event| event.reason == "VoterRemoved");
    let note = "controller 1003 votes no longer: it is not wanted as a controller any more";
    assert_eq!(told.map(|event| event.note.as_str()), Some(note));
    assert_eq!(voters(&mut world), [1000, 1001, 1002]);
}

#[test]
fn nothing_changes_while_the_quorum_cannot_be_asked_or_a_controller_stops() {
    let mut world = three_and_three();
    world.settle();
    scale(&mut world, 4);
    let plan = world.decide();
    world.carry_out(&plan);
    let known = std::mem::replace(&mut world.kafka, Err("nobody answers".to_owned()));
    for _ in 0..3 {
        let plan = world.decide();
        assert_eq!(changes(std::slice::from_ref(&plan)), [""; 0]);
        world.carry_out(&plan);
    }
    world.kafka = known;
    world.carry_out(&Plan { status: status(&world).clone(), ..Plan::default() });
    world
        .observed
        .pods
        .iter_mut()
        .filter(|pod| pod.name.ends_with("-1001"))
        .for_each(|pod| pod.is_going = true);
    let plan = world.decide();
    assert_eq!(changes(std::slice::from_ref(&plan)), [""; 0]);
    let change = plan.status.voter_change.expect("a change");
    assert_eq!((change.node_id, change.change), (1003, VoterChange::Add));
    assert_eq!(change.waits_for.as_deref(), Some("pod c-controllers-1001 is stopping"));
}

#[test]
fn a_voter_whose_volume_was_lost_votes_with_the_new_one() {
    let mut world = three_and_three();
    world.settle();
    let silent = Replica { last_fetch: Some(50), last_caught_up: Some(50), ..replica(1001) };
    world.well().quorum.voters.insert(1001, silent);
    world.well().quorum.observers.push((1001, Replica { directory: "new".to_owned(), ..replica(1001) }));
    let plans = world.settle();
    assert_eq!(changes(&plans), ["remove voter 1001@of1001", "add voter 1001@new"]);
    let told = plans[0].events.iter().find(|event| event.reason == "VoterRemoved").expect("an event");
    assert_eq!(
        told.note,
        "controller 1001 votes no longer: its volume was lost, and it is here with another one"
    );

    // With a second one away, its old vote is part of the only majority there is.
    let mut world = three_and_three();
    world.settle();
    let silent = |id| Replica { last_fetch: Some(50), last_caught_up: Some(50), ..replica(id) };
    world.well().quorum.voters.extend([(1001, silent(1001)), (1002, silent(1002))]);
    world.well().quorum.observers.push((1001, Replica { directory: "new".to_owned(), ..replica(1001) }));
    let plans = world.settle_at_most(3);
    assert_eq!(changes(&plans), [""; 0]);
    assert_eq!(waits_for(&world), Some("1 controllers besides 1001 have caught up and 2 of 2 are needed"));
}

#[test]
fn somebody_elses_voter_is_left_alone() {
    let mut world = three_and_three();
    world.settle();
    world.well().quorum.voters.insert(7000, replica(7000));
    assert_eq!(changes(&world.settle()), [""; 0]);
    assert_eq!(status(&world).voters, [1000, 1001, 1002, 7000]);
}

#[test]
fn combined_nodes_hand_their_votes_to_controllers_of_their_own() {
    let mut world = World::new(json!({}), &[("a", nodes(3, &["broker", "controller"]))]);
    world.settle();
    world.well().partitions = partitions(3);
    world.observed.pools.push(pool("c", &nodes(3, &["controller"])));
    let plans = world.settle();
    let expected =
        ["apply StatefulSet c-c", "add voter 1000@of1000", "add voter 1001@of1001", "add voter 1002@of1002"];
    assert_eq!(changes(&plans), expected);
    world.observed.pools[0].spec.roles = vec![Role::Broker];
    let plans = world.settle();
    let expected = [
        "remove voter 2@of2",
        "remove voter 1@of1",
        "remove voter 0@of0",
        "apply StatefulSet c-a",
        "restart c-a-0",
        "restart c-a-1",
        "restart c-a-2",
    ];
    assert_eq!(changes(&plans), expected, "each votes until it does not, and is restarted after that");
    assert_eq!(voters(&mut world), [1000, 1001, 1002]);
}

#[test]
fn a_node_that_becomes_a_controller_is_restarted_before_it_votes() {
    let mut world = three_and_three();
    world.settle();
    world.well().partitions = partitions(3);
    world.well().quorum.observers.extend([0, 1, 2].map(|id| (id, replica(id))));
    world.observed.pools[0].spec.roles.push(Role::Controller);
    let plans = world.settle();
    let actions = changes(&plans);
    for id in 0..3 {
        let at = |action: String| actions.iter().position(|one| *one == action).expect("it was done");
        assert!(at(format!("restart c-brokers-{id}")) < at(format!("add voter {id}@of{id}")), "{actions:?}");
    }
}

#[test]
fn the_first_controllers_begin_before_others_join() {
    let mut world = World::new(json!({}), &[("a", nodes(1, &["broker", "controller"]))]);
    world.pods_run = false;
    world.settle_at_most(3);
    world.observed.pools[0].spec.replicas = 3;
    world.settle_at_most(3);
    assert_eq!(world.live("StatefulSet", "c-a")["spec"]["replicas"], 1);
    assert_eq!(world.live("ConfigMap", "c-a")["data"]["bootstrap"], "standalone");
    world.pods_run = true;
    world.observed.pods.iter_mut().for_each(|pod| pod.is_ready = true);
    let plans = world.settle();
    assert_eq!(world.live("ConfigMap", "c-a")["data"].get("bootstrap"), None, "nobody else begins");
    assert_eq!(status(&world).voters, [0, 1, 2]);
    let added: Vec<_> = changes(&plans).into_iter().filter(|action| action.contains("voter")).collect();
    assert_eq!(added, ["add voter 1@of1", "add voter 2@of2"]);
    assert_eq!(status(&world).bootstrap.as_ref().map(|first| first.controllers.len()), Some(1));
}

mod properties {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::Action;

    fn sizes() -> impl Strategy<Value = Vec<(i32, i32)>> {
        proptest::collection::vec((3..6, 1..6), 1..4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        /// However pools grow and shrink, also before an earlier change is done: one change of voters or one restart at a
        /// time, no vote that is missed, no copy that is lost, and in the end what was asked for and nothing to do.
        #[test]
        fn pools_grow_and_shrink_to_what_is_wanted(sizes in sizes(), patience in 1_u32..8) {
            let mut world = three_and_three();
            world.settle();
            world.well().partitions = partitions(6);
            let mut plans = Vec::new();
            for (brokers, controllers) in &sizes {
                world.observed.pools[0].spec.replicas = *brokers;
                world.observed.pools[1].spec.replicas = *controllers;
                plans.extend(world.settle_at_most(patience));
            }
            plans.extend(world.settle());
            for plan in &plans {
                let is_change = |action: &&Action| matches!(
                    action,
                    Action::AddVoter { .. } | Action::RemoveVoter { .. } | Action::DeletePod { .. }
                );
                prop_assert!(plan.actions.iter().filter(is_change).count() <= 1, "{:?}", brief(plan));
            }
            let (brokers, controllers) = sizes[sizes.len() - 1];
            prop_assert_eq!(voters(&mut world), (1000..1000 + controllers).collect::<Vec<_>>());
            prop_assert_eq!(world.well().registered.len(), usize::try_from(brokers).unwrap_or_default());
            for partition in &world.well().partitions {
                prop_assert_eq!(partition.replicas.len(), 3);
                prop_assert!(partition.replicas.iter().all(|id| *id < brokers), "{:?}", partition);
            }
            let last = world.decide();
            prop_assert_eq!(brief(&last), Vec::<String>::new());
            prop_assert_eq!(Some(&last.status), world.observed.cluster.status.as_ref());
            prop_assert_eq!(last.events, Vec::new());
        }
    }
}
