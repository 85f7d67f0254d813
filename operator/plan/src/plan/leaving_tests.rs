//! Pools that shrink: what is moved first, what waits, what is forgotten, and what comes back.

use operator_api::{LeavingNode, LeavingPhase, Role};
use serde_json::{Value, json};

use super::cluster_tests::{nodes, partitions, status, three_and_three};
use crate::{
    plan::Plan,
    world::{World, brief, pool},
};

/// Four brokers in zones a, b, c, a, with copies on all of them.
fn four() -> World {
    let mut world = three_and_three();
    world.settle();
    world.observed.pools[0].spec.replicas = 4;
    world.settle();
    for (id, zone) in [(0, "a"), (1, "b"), (2, "c"), (3, "a")] {
        world.well().brokers.insert(id, Some(zone.to_owned()));
    }
    world.well().partitions = partitions(4);
    for index in [1, 2] {
        let moved = &mut world.well().partitions[index];
        moved.replicas.iter_mut().filter(|id| **id == 0).for_each(|id| *id = 3);
        moved.isr.clone_from(&moved.replicas);
    }
    world
}

fn scale(world: &mut World, replicas: i32) {
    world.observed.pools[0].spec.replicas = replicas;
}

/// Plans, carries out, and gives what was done.
fn step(world: &mut World) -> (Vec<String>, Plan) {
    let plan = world.decide();
    world.carry_out(&plan);
    (brief(&plan), plan)
}

fn leaving(world: &World) -> Vec<(i32, LeavingPhase, i32, Option<&str>)> {
    let nodes = &status(world).leaving;
    let brief = |node: &'_ LeavingNode| (node.node_id, node.phase, node.partitions_left);
    nodes
        .iter()
        .map(|node| (brief(node).0, brief(node).1, brief(node).2, node.waits_for.as_deref()))
        .collect()
}

fn notes(plan: &Plan) -> Vec<&str> {
    plan.events.iter().map(|event| event.note.as_str()).collect()
}

#[test]
fn a_broker_is_drained_stopped_and_then_forgotten() {
    let mut world = four();
    scale(&mut world, 3);
    let plan = world.decide();
    assert_eq!(brief(&plan), ["cordon 3", "move 2"]);
    assert_eq!(plan.status.balanced_brokers, [0, 1, 2], "it would be new if it came back");
    let told = notes(&plan);
    assert!(told.contains(&"node 3 leaves: its copies move to other brokers first"), "{told:?}");
    world.observed.cluster.status = Some(plan.status.clone());
    // The copies are on their way.
    for index in [1, 2] {
        let partition = &mut world.well().partitions[index];
        (partition.adding, partition.removing) = (vec![0], vec![3]);
        partition.replicas.push(0);
    }
    assert_eq!(step(&mut world).0, [""; 0]);
    assert_eq!(leaving(&world), [(3, LeavingPhase::Draining, 2, None)]);
    assert_eq!(world.live("StatefulSet", "c-brokers")["spec"]["replicas"], 4);
    for index in [1, 2] {
        let partition = &mut world.well().partitions[index];
        (partition.adding, partition.removing) = (Vec::new(), Vec::new());
        partition.replicas.retain(|id| *id != 3);
    }
    assert_eq!(step(&mut world).0, ["apply StatefulSet c-brokers"]);
    assert_eq!(leaving(&world), [(3, LeavingPhase::Stopping, 0, Some("pod c-brokers-3 is stopping"))]);
    assert_eq!(step(&mut world).0, ["unregister 3"]);
    let (actions, plan) = step(&mut world);
    assert_eq!(actions, [""; 0]);
    assert!(notes(&plan).contains(&"node 3 is gone"), "{:?}", notes(&plan));
    assert_eq!(leaving(&world), []);
    assert!(
        world.observed.live.get("PersistentVolumeClaim", "data-c-brokers-3").is_some(),
        "its claim stays"
    );
    world.settle();
}

#[test]
fn claims_go_with_their_node_where_they_go_with_the_cluster() {
    let mut world = four();
    let storage = json!({"type": "persistent-claim", "size": "1Gi", "deleteClaim": true});
    let spec = json!({"replicas": 4, "roles": ["broker"], "storage": storage});
    world.observed.pools[0] = pool("brokers", &spec);
    world.settle();
    scale(&mut world, 3);
    let plans = world.settle();
    let actions: Vec<_> = plans.iter().flat_map(brief).collect();
    let expected = [
        "cordon 3",
        "move 2",
        "apply StatefulSet c-brokers",
        "unregister 3",
        "delete claim data-c-brokers-3",
    ];
    assert_eq!(actions, expected);
    assert!(world.observed.live.get("PersistentVolumeClaim", "data-c-brokers-2").is_some());
}

#[test]
fn a_copy_that_has_nowhere_to_go_keeps_its_broker_and_says_so() {
    let mut world = three_and_three();
    world.settle();
    world.well().partitions = partitions(4);
    scale(&mut world, 2);
    let plans = world.settle_at_most(3);
    assert_eq!(plans.iter().flat_map(brief).collect::<Vec<_>>(), [""; 0]);
    let why = "partition t-0 has 3 copies, and only 2 brokers are there to hold them";
    assert_eq!(leaving(&world), [(2, LeavingPhase::Waiting, 4, Some(why))]);
    let warning = status(&world).conditions.iter().find(|one| one.reason == "ScaleDownRefused").expect("one");
    assert_eq!(warning.message, format!("c-brokers keeps 3 nodes and not 2: {why}"));
    assert!(world.cordoned.is_empty(), "nothing was begun");
    scale(&mut world, 3);
    world.settle();
    assert_eq!(leaving(&world), []);
}

#[test]
fn a_node_that_is_wanted_again_stays_and_gets_its_share_back() {
    let mut world = four();
    scale(&mut world, 3);
    assert_eq!(step(&mut world).0, ["cordon 3", "move 2"]);
    for (index, partition) in world.well().partitions.iter_mut().enumerate() {
        // One move is done, one is on its way.
        if index == 1 {
            partition.replicas.push(3);
            (partition.adding, partition.removing) = (vec![0], vec![3]);
        }
    }
    scale(&mut world, 4);
    let (actions, plan) = step(&mut world);
    assert_eq!(actions, ["cancel 1"]);
    assert!(notes(&plan).contains(&"node 3 is wanted again and stays"), "{:?}", notes(&plan));
    assert_eq!(leaving(&world), []);
    assert_eq!(world.well().copies(3), 1);
    let (actions, _) = step(&mut world);
    assert_eq!(actions, ["uncordon 3", "move 1"]);
    world.settle();
    // Of the rack's four copies.
    assert_eq!(
        (world.well().copies(3), status(&world).balanced_brokers.as_slice()),
        (2, [0, 1, 2, 3].as_slice())
    );
    assert!(world.cordoned.is_empty());
}

#[test]
fn nothing_is_moved_or_stopped_while_kafka_says_nothing() {
    let mut world = four();
    scale(&mut world, 3);
    let known = std::mem::replace(&mut world.kafka, Err("nobody answers".to_owned()));
    assert_eq!(step(&mut world).0, [""; 0]);
    let why = Some("what they hold is not known: nobody answers");
    assert_eq!(leaving(&world), [(3, LeavingPhase::Waiting, 0, why)]);
    world.kafka = known;
    step(&mut world);
    world.well().partitions.clear();
    let known = std::mem::replace(&mut world.kafka, Err("nobody answers".to_owned()));
    assert_eq!(step(&mut world).0, [""; 0], "it is not known to be empty");
    assert_eq!(leaving(&world), [(3, LeavingPhase::Draining, 2, why)]);
    world.kafka = known;
    assert_eq!(step(&mut world).0, ["apply StatefulSet c-brokers"]);
    let known = std::mem::replace(&mut world.kafka, Err("nobody answers".to_owned()));
    assert_eq!(step(&mut world).0, [""; 0]);
    world.kafka = known;
    assert_eq!(step(&mut world).0, ["unregister 3"]);
}

#[test]
fn a_broker_that_never_came_up_goes_without_being_asked() {
    let mut world = four();
    world.pods_run = false;
    scale(&mut world, 5);
    world.settle_at_most(3);
    scale(&mut world, 4);
    let actions: Vec<_> = world.settle().iter().flat_map(brief).collect();
    assert_eq!(actions, ["apply StatefulSet c-brokers"]);
    assert_eq!(leaving(&world), []);
}

#[test]
fn copies_that_come_at_the_last_moment_are_not_forgotten() {
    let mut world = four();
    scale(&mut world, 3);
    step(&mut world);
    assert_eq!(step(&mut world).0, ["apply StatefulSet c-brokers"]);
    world.well().partitions[0].replicas = vec![3, 1, 2];
    world.well().partitions[0].isr = vec![1, 2];
    assert_eq!(step(&mut world).0, ["move 1"]);
    let why = Some("copies of 1 partitions were placed on it at last");
    assert_eq!(leaving(&world), [(3, LeavingPhase::Stopping, 1, why)]);
    assert_eq!(step(&mut world).0, ["unregister 3"]);
}

#[test]
fn only_the_highest_ids_can_go() {
    let asking = |world: &mut World, text: &str| {
        let wish = (operator_api::REMOVE_NODE_IDS_ANNOTATION.to_owned(), text.to_owned());
        world.observed.pools[0].metadata.annotations = Some([wish].into());
    };
    let mut world = four();
    scale(&mut world, 3);
    asking(&mut world, "[1]");
    assert_eq!(world.settle().iter().flat_map(brief).collect::<Vec<_>>(), [""; 0]);
    let warning = status(&world).conditions.iter().find(|one| one.reason == "ScaleDownRefused").expect("one");
    assert_eq!(
        warning.message,
        "c-brokers keeps its 4 nodes: klamm.dev/remove-node-ids asks for node 1, and a StatefulSet gives up its highest \
         ids only, which are 3..4"
    );
    asking(&mut world, "[9, 3-5]");
    let plans = world.settle();
    assert_eq!(world.live("StatefulSet", "c-brokers")["spec"]["replicas"], 3, "{plans:#?}");
    asking(&mut world, "three");
    scale(&mut world, 2);
    let plan = world.decide();
    let ready = &plan.status.conditions[0];
    assert_eq!(ready.message, "KafkaNodePool/brokers klamm.dev/remove-node-ids: such as [3] or [3, 5-7]");
}

#[test]
fn a_pool_of_brokers_keeps_that_role() {
    let mut world = World::new(json!({}), &[("a", nodes(3, &["broker", "controller"]))]);
    world.settle();
    world.observed.pools[0].spec.roles = vec![Role::Controller];
    world.observed.pools.push(pool("b", &nodes(3, &["broker"])));
    let plan = world.decide();
    assert_eq!(brief(&plan), [""; 0]);
    let message = &plan.status.conditions[0].message;
    assert!(message.starts_with("KafkaNodePool/a spec.roles: brokers stay brokers"), "{message}");
    // The way out that it names.
    world.observed.pools[0].spec.roles = vec![Role::Broker, Role::Controller];
    world.settle();
    world.observed.pools.push(pool("c", &nodes(3, &["controller"])));
    world.well().partitions = partitions(3);
    world.settle();
    scale(&mut world, 0);
    let actions: Vec<_> = world.settle().iter().flat_map(brief).collect();
    assert_eq!(
        actions[..4],
        ["cordon 0", "cordon 1", "cordon 2", "move 3"].map(str::to_owned),
        "{actions:?}"
    );
    assert_eq!(world.live("StatefulSet", "c-a")["spec"]["replicas"], Value::from(0));
    assert_eq!(status(&world).voters, [2000, 2001, 2002]);
    assert!(
        world.well().partitions.iter().all(|one| one.replicas.iter().all(|id| (1000..1003).contains(id)))
    );
}
