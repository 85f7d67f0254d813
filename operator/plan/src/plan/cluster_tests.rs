//! Clusters of several nodes: what they are made of, and who may begin them.

use operator_api::{BalancePhase, BootstrapState, KafkaClusterStatus, RollPhase};
use serde_json::{Value, json};

use crate::{
    kafka::{PartitionState, Replica},
    plan::Plan,
    world::{World, brief, replica},
};

pub(super) fn nodes(replicas: i32, roles: &[&str]) -> Value {
    json!({"replicas": replicas, "roles": roles, "storage": {"type": "persistent-claim", "size": "1Gi"}})
}

pub(super) fn three_and_three() -> World {
    World::new(json!({}), &[("brokers", nodes(3, &["broker"])), ("controllers", nodes(3, &["controller"]))])
}

pub(super) fn status(world: &World) -> &KafkaClusterStatus {
    world.observed.cluster.status.as_ref().expect("a status")
}

fn states(world: &World) -> Vec<BootstrapState> {
    let bootstrap = status(world).bootstrap.as_ref().expect("a bootstrap");
    bootstrap.controllers.iter().map(|controller| controller.state).collect()
}

fn data<'a>(world: &'a World, map: &str, key: &str) -> Option<&'a str> {
    world.live("ConfigMap", map)["data"].get(key).and_then(Value::as_str)
}

fn properties(world: &World, map: &str) -> Vec<String> {
    data(world, map, "server.properties").expect("a file").lines().map(str::to_owned).collect()
}

const FIRST: &str = "1000@c-controllers-1000.c-kafka-brokers.ns.svc.cluster.local:9090:directory1AAAAAAAAAAAg,\
                     1001@c-controllers-1001.c-kafka-brokers.ns.svc.cluster.local:9090:directory2AAAAAAAAAAAg,\
                     1002@c-controllers-1002.c-kafka-brokers.ns.svc.cluster.local:9090:directory3AAAAAAAAAAAg";

#[test]
fn each_controller_may_begin_once_with_a_directory_that_stays() {
    let mut world = three_and_three();
    world.pods_run = false;
    for round in 0..4 {
        let plan = world.decide();
        world.carry_out(&plan);
        // What was made up once is not made up again.
        world.observed.fresh_directory_ids = vec![format!("other{round}"); 3];
    }
    assert_eq!(data(&world, "c-controllers", "bootstrap"), Some("initial"));
    assert_eq!(data(&world, "c-controllers", "initial-controllers"), Some(FIRST));
    assert_eq!(data(&world, "c-controllers", "initial-controllers-pending"), Some("1000,1001,1002"));
    assert_eq!(data(&world, "c-brokers", "bootstrap"), None);
    let set = world.live("StatefulSet", "c-controllers").clone();
    world.observed.pods.iter_mut().filter(|pod| pod.name.ends_with("1")).for_each(|pod| pod.is_ready = true);
    for _ in 0..2 {
        let plan = world.decide();
        world.carry_out(&plan);
    }
    assert_eq!(states(&world), [BootstrapState::Pending, BootstrapState::Done, BootstrapState::Pending]);
    assert_eq!(data(&world, "c-controllers", "initial-controllers"), Some(FIRST));
    assert_eq!(data(&world, "c-controllers", "initial-controllers-pending"), Some("1000,1002"));
    world.observed.pods.iter_mut().for_each(|pod| pod.is_ready = true);
    world.settle();
    assert_eq!(data(&world, "c-controllers", "bootstrap"), None);
    assert_eq!(world.live("StatefulSet", "c-controllers")["spec"], set["spec"], "nothing restarts for it");
}

#[test]
fn a_status_that_was_lost_lets_nobody_begin_twice() {
    let mut world = three_and_three();
    world.pods_run = false;
    for _ in 0..4 {
        let plan = world.decide();
        world.carry_out(&plan);
    }
    world.observed.pods.iter_mut().filter(|pod| pod.name.ends_with("1")).for_each(|pod| pod.is_ready = true);
    for _ in 0..2 {
        let plan = world.decide();
        world.carry_out(&plan);
    }
    let before = status(&world).bootstrap.clone();
    world.observed.cluster.status = None;
    world.observed.fresh_directory_ids = vec!["other".to_owned(); 3];
    assert_eq!(world.decide().status.bootstrap, before, "the ConfigMap and the claims know it");
    world.observed.live.remove("ConfigMap", "c-controllers");
    let plan = world.decide();
    world.carry_out(&plan);
    assert_eq!(states(&world), [BootstrapState::Done; 3], "of whom nobody knows does not begin");
}

#[test]
fn nodes_are_told_what_is_theirs() {
    let mut world = three_and_three();
    world.settle();
    let brokers = properties(&world, "c-brokers");
    let controllers = properties(&world, "c-controllers");
    let quorum = "controller.quorum.bootstrap.servers=\
                  c-controllers-1000.c-kafka-brokers.ns.svc.cluster.local:9090,\
                  c-controllers-1001.c-kafka-brokers.ns.svc.cluster.local:9090,\
                  c-controllers-1002.c-kafka-brokers.ns.svc.cluster.local:9090";
    for line in [
        "process.roles=broker",
        "listeners=REPLICATION://0.0.0.0:9091,PLAIN://0.0.0.0:9092",
        "listener.security.protocol.map=CONTROLPLANE:SSL,REPLICATION:SSL,PLAIN:PLAINTEXT",
        "inter.broker.listener.name=REPLICATION",
        "controller.listener.names=CONTROLPLANE",
        "default.replication.factor=3",
        "min.insync.replicas=2",
        "broker.session.timeout.ms=3000",
        "broker.heartbeat.interval.ms=500",
        quorum,
    ] {
        assert!(brokers.iter().any(|found| found == line), "{line} in {brokers:#?}");
    }
    for line in [
        "process.roles=controller",
        "listeners=CONTROLPLANE://0.0.0.0:9090",
        "controller.quorum.fetch.timeout.ms=1000",
        "default.replication.factor=3",
        quorum,
    ] {
        assert!(controllers.iter().any(|found| found == line), "{line} in {controllers:#?}");
    }
    let spec = &world.live("StatefulSet", "c-controllers")["spec"];
    assert_eq!((&spec["replicas"], &spec["ordinals"]["start"]), (&json!(3), &json!(1000)));
    let pod = &spec["template"]["spec"];
    let spread = &pod["topologySpreadConstraints"][0];
    assert_eq!(spread["topologyKey"], "topology.kubernetes.io/zone");
    assert_eq!(spread["labelSelector"]["matchLabels"]["klamm.dev/pool"], "controllers");
    let apart = &pod["affinity"]["podAntiAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0];
    assert_eq!(apart["podAffinityTerm"]["labelSelector"]["matchLabels"]["klamm.dev/controller-role"], "true");
    let budget = world.live("PodDisruptionBudget", "c-kafka");
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
}

#[test]
fn a_broker_more_changes_only_the_size_of_its_set() {
    let mut world = three_and_three();
    world.settle();
    world.observed.pools[0].spec.replicas = 4;
    let plans = world.settle();
    assert_eq!(brief(&plans[0]), ["apply StatefulSet c-brokers"]);
    assert!(world.observed.pods.iter().any(|pod| pod.name == "c-brokers-3"));
    let restarts = plans.iter().flat_map(brief).filter(|action| action.starts_with("restart")).count();
    assert_eq!(restarts, 0);
}

/// `count` partitions of three copies, two of which must be in sync, over brokers 0 to 2.
pub(super) fn partitions(count: i32) -> Vec<PartitionState> {
    let partition = |index: i32| {
        let replicas: Vec<i32> = (0..3).map(|copy| (index + copy) % 3).collect();
        PartitionState {
            topic: "t".to_owned(),
            index,
            leader: replicas.first().copied(),
            isr: replicas.clone(),
            replicas,
            min_isr: 2,
            ..PartitionState::default()
        }
    };
    (0..count).map(partition).collect()
}

pub(super) fn restarts(plans: &[Plan]) -> Vec<String> {
    plans.iter().flat_map(brief).filter(|action| action.starts_with("restart")).collect()
}

fn rolling() -> World {
    let mut world = three_and_three();
    world.settle();
    world.well().partitions = partitions(3);
    world.well().quorum.leader = Some(1001);
    world.set_spec(json!({"kafka": {"config": {"num.partitions": 6}}}));
    world
}

#[test]
fn all_pods_are_restarted_one_by_one_the_active_controller_last_of_its_kind() {
    let mut world = rolling();
    let plans = world.settle();
    let expected = [
        "restart c-controllers-1000",
        "restart c-controllers-1002",
        "restart c-controllers-1001",
        "restart c-brokers-0",
        "restart c-brokers-1",
        "restart c-brokers-2",
    ];
    assert_eq!(restarts(&plans), expected);
    let pending: Vec<_> = plans.iter().filter_map(|plan| Some(plan.status.roll.as_ref()?.pending)).collect();
    assert!(pending.is_sorted_by(|a, b| a >= b), "{pending:?}");
    assert_eq!(status(&world).roll, None);
}

#[test]
fn authorization_is_turned_on_by_a_roll_and_never_in_the_file_without_the_nodes_themselves() {
    let mut world = three_and_three();
    world.settle();
    world.well().partitions = partitions(3);
    world.well().quorum.leader = Some(1001);
    // Who keeps ACLs ahead of it is told already, and told to pods of before without a restart.
    let keepers = "super.users=User:CN=c-kafka,O=klamm.dev;User:CN=cluster-operator,O=klamm.dev";
    assert!(properties(&world, "c-brokers").iter().any(|line| line == keepers));
    world.set_spec(
        json!({"kafka": {"authorization": {"type": "simple", "superUsers": ["CN=admin", "root"]}}}),
    );
    let plans = world.settle();
    assert_eq!(restarts(&plans).len(), 6, "one by one, as for any setting");
    for map in ["c-brokers", "c-controllers"] {
        let properties = properties(&world, map);
        for line in [
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users=User:CN=c-kafka,O=klamm.dev;User:CN=cluster-operator,O=klamm.dev;User:CN=admin;User:root",
        ] {
            assert!(properties.iter().any(|found| found == line), "{line} in {properties:#?}");
        }
    }
}

#[test]
fn a_listener_with_passwords_is_told_to_brokers_alone() {
    let scram = |name: &str, port: i32, tls: bool| json!({"name": name, "port": port, "type": "internal", "tls": tls, "authentication": {"type": "scram-sha-512"}});
    let mut world = three_and_three();
    world.set_spec(json!({"kafka": {"listeners": [scram("bare", 9092, false), scram("safe", 9093, true)]}}));
    world.settle();
    let brokers = properties(&world, "c-brokers");
    let protocols =
        "listener.security.protocol.map=CONTROLPLANE:SSL,REPLICATION:SSL,BARE:SASL_PLAINTEXT,SAFE:SASL_SSL";
    assert!(brokers.iter().any(|line| line == protocols), "{brokers:#?}");
    for name in ["bare", "safe"] {
        let line = format!("listener.name.{name}.sasl.enabled.mechanisms=SCRAM-SHA-512");
        assert!(brokers.contains(&line), "{line} in {brokers:#?}");
        assert!(
            brokers.iter().all(|line| !line.starts_with(&format!("listener.name.{name}.ssl"))),
            "no certificate"
        );
    }
    assert!(properties(&world, "c-controllers").iter().all(|line| !line.contains("sasl")));
}

#[test]
fn a_restart_waits_until_nothing_is_lost_by_it() {
    let mut world = rolling();
    let plan = world.decide();
    world.carry_out(&plan);
    world.well().quorum.voters.insert(1002, Replica { last_caught_up: Some(1), ..replica(1002) });
    let plan = world.decide();
    world.carry_out(&plan);
    let roll = status(&world).roll.clone().expect("a roll");
    assert_eq!((roll.phase, roll.pod.as_str(), roll.pending), (RollPhase::Waiting, "c-controllers-1000", 6));
    let why = "1 controllers besides 1000 have caught up and 2 of 3 are needed";
    assert_eq!(roll.waits_for.as_deref(), Some(why));
    let told: Vec<_> = plan.events.iter().filter(|event| event.reason == "RestartWaits").collect();
    assert_eq!(told[0].note, format!("pod c-controllers-1000 is not restarted yet: {why}"));
    assert_eq!(world.decide().events, [], "it is told once");

    world.well().quorum.voters.insert(1002, replica(1002));
    let plan = world.decide();
    world.carry_out(&plan);
    assert_eq!(status(&world).roll.as_ref().map(|roll| roll.phase), Some(RollPhase::Chosen));
    // It is looked at again before it is stopped.
    world.well().quorum.leader = None;
    let plan = world.decide();
    assert_eq!(
        (restarts(std::slice::from_ref(&plan)), plan.status.roll.map(|roll| roll.phase)),
        (vec![], Some(RollPhase::Waiting))
    );
    world.well().quorum.leader = Some(1001);

    for plan in std::iter::from_fn(|| {
        let plan = world.decide();
        let is_last_controller = brief(&plan) == ["restart c-controllers-1001"];
        world.carry_out(&plan);
        (!is_last_controller).then_some(plan)
    }) {
        assert!(plan.look_again.is_some());
    }
    world.well().partitions[1].isr = vec![1, 2];
    world.settle_at_most(2);
    let roll = status(&world).roll.clone().expect("a roll");
    assert_eq!(roll.pod, "c-brokers-0");
    assert_eq!(roll.phase, RollPhase::Restarting, "what it does not have in sync it may leave");
    let plan = world.decide();
    world.carry_out(&plan);
    let roll = status(&world).roll.clone().expect("a roll");
    let why = "partition t-1 would have 1 copies in sync and needs 2";
    assert_eq!((roll.pod.as_str(), roll.waits_for.as_deref()), ("c-brokers-1", Some(why)));
}

#[test]
fn nothing_is_restarted_while_another_pod_is_away_or_kafka_says_nothing() {
    let mut world = rolling();
    let plan = world.decide();
    world.carry_out(&plan);
    world
        .observed
        .pods
        .iter_mut()
        .filter(|pod| pod.name.ends_with("-2"))
        .for_each(|pod| pod.is_ready = false);
    world.observed.pods.iter_mut().filter(|pod| pod.name.ends_with("-2")).for_each(|pod| pod.revision = None);
    world.kafka = Err("nobody answers".to_owned());
    for _ in 0..3 {
        let plan = world.decide();
        assert_eq!(restarts(std::slice::from_ref(&plan)), [""; 0]);
        world.carry_out(&plan);
    }
    let roll = status(&world).roll.clone().expect("a roll");
    assert_eq!(roll.waits_for.as_deref(), Some("the brokers do not say whether it is safe: nobody answers"));
    world.observed.pods[0].problem = Some("CrashLoopBackOff: bad".to_owned());
    world.observed.pods[0].is_ready = false;
}

#[test]
fn a_pod_that_cannot_run_is_restarted_with_better_settings_whatever_kafka_says() {
    let mut world = rolling();
    let plan = world.decide();
    world.carry_out(&plan);
    world.kafka = Err("nobody answers".to_owned());
    for pod in &mut world.observed.pods {
        pod.is_ready = false;
        pod.problem = Some("CrashLoopBackOff: bad".to_owned());
    }
    let plans: Vec<_> = (0..2)
        .map(|_| {
            let plan = world.decide();
            world.carry_out(&plan);
            plan
        })
        .collect();
    assert_eq!(restarts(&plans), ["restart c-controllers-1000"]);
}

#[test]
fn a_new_broker_gets_its_share_within_the_racks() {
    let mut world = three_and_three();
    world.settle();
    for (id, zone) in [(0, "a"), (1, "b"), (2, "c")] {
        world.well().brokers.insert(id, Some(zone.to_owned()));
    }
    world.well().partitions = partitions(6);
    world.observed.pools[0].spec.replicas = 4;
    world.pods_run = false;
    for _ in 0..3 {
        let plan = world.decide();
        world.carry_out(&plan);
    }
    let balance = status(&world).balance.clone().expect("a balance");
    assert_eq!(
        (balance.phase, balance.waits_for.as_deref()),
        (BalancePhase::Waiting, Some("pod c-brokers-3 does not serve yet"))
    );
    world.pods_run = true;
    world.observed.pods.iter_mut().for_each(|pod| pod.is_ready = true);
    world.well().brokers.insert(3, Some("a".to_owned()));
    let plan = world.decide();
    assert_eq!(brief(&plan), ["uncordon 3", "move 3"]);
    world.carry_out(&plan);
    world.well().partitions[0].adding = vec![3];
    let plan = world.decide();
    assert_eq!(brief(&plan), [""; 0]);
    assert_eq!(plan.status.balance.as_ref().map(|balance| balance.partitions_left), Some(1));
    world.carry_out(&plan);
    world.well().partitions[0].adding.clear();
    let plans = world.settle();
    assert!(plans[0].events.iter().any(|event| event.note == "broker 3 has its share of the partitions"));
    assert_eq!(status(&world).balanced_brokers, [0, 1, 2, 3]);
    let copies: Vec<_> = (0..4).map(|id| world.well().copies(id)).collect();
    // Only broker 0 is in the rack of the new one: another one's copy would leave a rack without.
    assert_eq!(copies, [3, 6, 6, 3]);
    let leads = world.well().partitions.iter().filter(|partition| partition.replicas[0] == 3).count();
    assert_eq!(leads, 2, "and its share of the leaderships");
}
