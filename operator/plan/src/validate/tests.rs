use serde_json::{Value, json};

use super::*;
use crate::{
    validated::Identity,
    world::{World, dual, pool},
};

fn error(world: &World) -> Invalid {
    validate(&world.observed, &world.settings).expect_err("it is wrong")
}

fn valid(world: &World) -> ValidatedCluster {
    validate(&world.observed, &world.settings).unwrap_or_else(|error| panic!("{error}"))
}

fn claim(size: &str) -> Value {
    json!({"type": "persistent-claim", "size": size})
}

#[test]
fn a_bare_cluster_is_one_node_with_both_roles() {
    let cluster = valid(&World::new(json!({}), &[]));
    let [pool] = cluster.pools.as_slice() else { panic!("{:?}", cluster.pools) };
    assert_eq!(
        (pool.name.as_str(), pool.node_ids.as_slice(), pool.is_stated),
        ("default", [0].as_slice(), false)
    );
    assert_eq!(pool.storage.volumes[0].name(), "data");
    assert_eq!(cluster.warnings, []);
    assert_eq!((cluster.version.as_str(), cluster.image.as_str()), ("0.1.0", "klamm:dev"));
}

#[test]
fn what_is_wrong_is_named_by_its_field() {
    let mut oauth = json!({"name": "tls", "port": 9093, "type": "internal", "tls": true});
    oauth["authentication"] = json!({"type": "oauth"});
    let mut open = json!({"name": "open", "port": 9093, "type": "internal", "tls": false});
    open["authentication"] = json!({"type": "tls"});
    let plain = json!({"name": "plain", "port": 9092, "type": "internal", "tls": false});
    let twin = json!({"name": "other", "port": 9092, "type": "internal", "tls": false});
    let admin = json!({"name": "other", "port": 9644, "type": "internal", "tls": false});
    let taken = json!({"name": "replication", "port": 9095, "type": "internal", "tls": false});
    let listeners = |listeners: &[&Value]| json!({"kafka": {"listeners": listeners}});
    let cases = [
        (json!({"kafka": {"version": "5.0.0"}}), "spec.kafka.version"),
        (json!({"kafka": {"authorization": {"type": "custom"}}}), "spec.kafka.authorization.type"),
        (
            json!({"kafka": {"authorization": {"type": "simple", "superUsers": ["a", "b;User:c"]}}}),
            "spec.kafka.authorization.superUsers[1]",
        ),
        (json!({"kafka": {"metadataVersion": "4.4"}}), "spec.kafka.metadataVersion"),
        (listeners(&[&oauth]), "spec.kafka.listeners[0].authentication.type"),
        (listeners(&[&open]), "spec.kafka.listeners[0].authentication.type"),
        (json!({"clusterCa": {"validityDays": 10, "renewalDays": 10}}), "spec.clusterCa.renewalDays"),
        (json!({"clusterCa": {"overlapSeconds": 600}}), "spec.clusterCa.overlapSeconds"),
        (json!({"clientsCa": {"overlapSeconds": 60}}), "spec.clientsCa.overlapSeconds"),
        (json!({"maintenanceTimeWindows": ["* * * * * ?", "soon"]}), "spec.maintenanceTimeWindows[1]"),
        (listeners(&[&plain, &twin]), "spec.kafka.listeners[1].name"),
        (listeners(&[&admin]), "spec.kafka.listeners[0].port"),
        (listeners(&[&taken]), "spec.kafka.listeners[0].name"),
        (listeners(&[]), "spec.kafka.listeners"),
        (json!({"storage": {"type": "persistent-claim"}}), "spec.storage.size"),
        (json!({"storage": claim("5 apples")}), "spec.storage.size"),
        (json!({"storage": claim("0")}), "spec.storage.size"),
        (json!({"storage": {"type": "jbod"}}), "spec.storage.volumes"),
        (json!({"kafka": {"config": {"a": {"b": 1}}}}), "spec.kafka.config['a']"),
        (
            json!({"kafka": {"config": {"min.insync.replicas": "x"}}}),
            "spec.kafka.config['min.insync.replicas']",
        ),
        (json!({"sizing": {"ingress": {"peak": "fast"}}}), "spec.sizing.ingress.peak"),
        (
            json!({"kafka": {"config": {"log.retention.hours": "soon"}}}),
            "spec.kafka.config['log.retention.hours']",
        ),
        (
            json!({"kafka": {"config": {"log.cleanup.policy": "shred"}}}),
            "spec.kafka.config['log.cleanup.policy']",
        ),
    ];
    for (spec, field) in cases {
        assert_eq!(error(&World::new(spec.clone(), &[])).field, field, "{spec}");
    }
}

fn nodes(replicas: i32, roles: &[&str]) -> Value {
    json!({"replicas": replicas, "roles": roles, "storage": claim("1Gi")})
}

#[test]
fn a_cluster_needs_both_roles_and_controllers_that_remember() {
    let ephemeral = json!({"replicas": 3, "roles": ["controller"], "storage": {"type": "ephemeral"}});
    let cases = [
        (vec![nodes(1, &["controller"])], "KafkaNodePool spec.roles: no node is a broker"),
        (
            vec![nodes(1, &["broker"]), nodes(0, &["controller"])],
            "KafkaNodePool spec.roles: no node is a controller",
        ),
        (vec![nodes(0, &["controller", "broker"])], "KafkaNodePool spec.replicas: a cluster needs a node"),
        (
            vec![nodes(11, &["controller", "broker"])],
            "KafkaNodePool spec.replicas: 11 controllers in all: at most 9, and 3 or 5 are enough",
        ),
        (
            vec![ephemeral, nodes(3, &["broker"])],
            "KafkaNodePool/a spec.storage: several controllers need storage that outlives their pods: one that forgets \
             its votes is no voter",
        ),
    ];
    for (specs, expected) in cases {
        let pools: Vec<_> = ["a", "b"].into_iter().zip(specs).collect();
        assert_eq!(error(&World::new(json!({}), &pools)).to_string(), expected);
    }
    let two = valid(&World::new(json!({}), &[("a", nodes(2, &["controller", "broker"]))]));
    assert_eq!(two.warnings.iter().map(|warning| warning.reason).collect::<Vec<_>>(), ["EvenControllers"]);
}

#[test]
fn each_pool_has_a_block_of_ids_of_its_own() {
    let world = World::new(
        json!({}),
        &[("brokers", nodes(3, &["broker"])), ("controllers", nodes(3, &["controller"]))],
    );
    let cluster = valid(&world);
    let ids: Vec<_> = cluster.pools.iter().map(|pool| pool.node_ids.clone()).collect();
    assert_eq!(ids, [vec![0, 1, 2], vec![1000, 1001, 1002]]);
    let mut world = World::new(json!({}), &[]);
    let starting = |name: &str, start: &str| {
        let mut pool = pool(name, &nodes(3, &["controller", "broker"]));
        let wish = (operator_api::NEXT_NODE_IDS_ANNOTATION.to_owned(), start.to_owned());
        pool.metadata.annotations = Some([wish].into());
        pool
    };
    world.observed.pools = vec![starting("a", "[5]"), starting("b", "[7]")];
    assert_eq!(error(&world).reason, "node 7 is another pool's already: choose another start");
}

#[test]
fn a_pool_that_cannot_be_read_stops_its_cluster_and_is_named() {
    let mut world = World::new(json!({}), &[]);
    world.observed.malformed_pools.insert("p".to_owned(), "missing field `roles`".to_owned());
    assert_eq!(error(&world).to_string(), "KafkaNodePool/p: missing field `roles`");
}

#[test]
fn names_must_fit_into_labels() {
    let mut world = World::new(json!({}), &[(&"p".repeat(30), dual(claim("1Gi")))]);
    world.observed.cluster.metadata.name = Some("c".repeat(40));
    assert!(error(&world).reason.contains("longer than 52"));
}

#[test]
fn a_pool_that_runs_is_not_forgotten() {
    let mut world = World::new(json!({}), &[("a", dual(claim("1Gi")))]);
    world.settle();
    world.observed.pools.clear();
    assert_eq!(error(&world).field, "KafkaNodePool/a");
    let mut world = World::new(json!({}), &[]);
    world.settle();
    world.observed.pools.push(pool("a", &dual(claim("1Gi"))));
    assert!(error(&world).reason.contains("is called 'default'"));
    world.observed.pools = vec![pool("default", &dual(claim("10Gi")))];
    assert!(valid(&world).pools[0].is_stated);
}

#[test]
fn storage_becomes_only_what_it_can() {
    let volume = |id: i32, size: &str| json!({"id": id, "type": "persistent-claim", "size": size});
    let jbod = |volumes: &[Value]| json!({"type": "jbod", "volumes": volumes});
    let classed = json!({"type": "persistent-claim", "size": "2Gi", "class": "fast"});
    let first = volume(0, "2Gi");
    let one = jbod(std::slice::from_ref(&first));
    let moved = json!({"id": 1, "type": "persistent-claim", "size": "2Gi", "kraftMetadata": "shared"});
    let cases = [
        ("grown", claim("2Gi"), claim("3Gi"), true),
        ("the same in other words", claim("2Gi"), claim("2048Mi"), true),
        ("shrunk", claim("2Gi"), claim("1Gi"), false),
        ("another class", claim("2Gi"), classed, false),
        ("another type", claim("2Gi"), json!({"type": "ephemeral"}), false),
        ("a volume more", one.clone(), jbod(&[first.clone(), volume(1, "2Gi")]), true),
        ("a volume less", jbod(&[first.clone(), volume(1, "2Gi")]), one, false),
        ("the metadata elsewhere", jbod(&[first.clone(), volume(1, "2Gi")]), jbod(&[first, moved]), false),
    ];
    for (case, before, after, is_possible) in cases {
        let mut world = World::new(json!({}), &[("a", dual(before.clone()))]);
        world.settle();
        world.observed.pools = vec![pool("a", &dual(after.clone()))];
        let cluster = valid(&world);
        let stated = serde_json::to_value(&cluster.pools[0].storage.stated).expect("plain data");
        assert_eq!(stated, if is_possible { after } else { before }, "{case}");
        assert_eq!(
            cluster.warnings.iter().any(|warning| warning.reason == "KafkaStorage"),
            !is_possible,
            "{case}"
        );
    }
}

#[test]
fn node_ids_are_those_that_live() {
    let stated = |wish: Option<&str>| {
        let mut pool = pool("a", &dual(claim("1Gi")));
        pool.metadata.annotations =
            wish.map(|wish| [(operator_api::NEXT_NODE_IDS_ANNOTATION.to_owned(), wish.to_owned())].into());
        pool
    };
    let mut world = World::new(json!({}), &[]);
    world.observed.pools = vec![stated(Some("[5000-5999]"))];
    assert_eq!(valid(&world).pools[0].node_ids, [5000]);
    world.settle();
    world.observed.pools = vec![stated(Some("[7]"))];
    let cluster = valid(&world);
    assert_eq!(
        (cluster.pools[0].node_ids.as_slice(), cluster.warnings[0].reason),
        ([5000].as_slice(), "NodeIds")
    );
    world.observed.pools = vec![stated(Some("soon"))];
    assert!(error(&world).field.ends_with("klamm.dev/next-node-ids"));
}

#[test]
fn a_cluster_made_again_over_its_claims_is_the_same_cluster() {
    let mut world = World::new(json!({}), &[("a", dual(claim("1Gi")))]);
    world.observed.pools[0].metadata.annotations =
        Some([(operator_api::NEXT_NODE_IDS_ANNOTATION.to_owned(), "[2000]".to_owned())].into());
    world.settle();
    let before = valid(&world).identity;
    world.observed.cluster.status = None;
    world.observed.live.remove("StatefulSet", "c-a");
    world.observed.pools[0].metadata.annotations = None;
    world.observed.fresh_cluster_id = "another".to_owned();
    let after = valid(&world);
    assert_eq!(after.identity, Identity { is_recorded: false, ..before });
    assert_eq!(after.pools[0].node_ids, [2000]);
}

#[test]
fn a_release_changes_only_when_the_user_says_so() {
    let mut world = World::new(json!({}), &[]);
    world.settle();
    world.settings.version = "0.2.0".to_owned();
    world.settings.image = "klamm:0.2.0".to_owned();
    assert_eq!(valid(&world).image, "klamm:0.1.0");
    world.set_spec(json!({"version": "0.2.0"}));
    assert_eq!(valid(&world).image, "klamm:0.2.0");
}

#[test]
fn settings_without_effect_are_a_warning() {
    let cluster = valid(&World::new(json!({"kafka": {"config": {"log.retention.fortnights": 1}}}), &[]));
    assert_eq!(cluster.warnings[0].reason, "IgnoredConfig");
    assert!(cluster.warnings[0].message.contains("log.retention.fortnights"), "{:?}", cluster.warnings);
}

#[test]
fn a_load_that_the_cluster_cannot_carry_is_a_warning() {
    let world = World::new(json!({"sizing": {"ingress": {"peak": "100MB/s"}}}), &[]);
    let cluster = valid(&world);
    assert_eq!(cluster.warnings[0].reason, "UnderProvisioned");
    let off = World::new(json!({"sizing": {"mode": "Off"}}), &[]);
    assert!(valid(&off).sizing.is_none());
}

#[test]
fn our_own_settings_are_checked_as_a_broker_does() {
    let with =
        |value: &str| World::new(json!({"kafka": {"config": {"klamm.group.lag.interval.ms": value}}}), &[]);
    let cluster = valid(&with("5000"));
    assert!(cluster.warnings.is_empty(), "{:?}", cluster.warnings);
    assert_eq!(cluster.properties["klamm.group.lag.interval.ms"], "5000");
    let refused = error(&with("5"));
    assert_eq!(refused.field, "spec.kafka.config['klamm.group.lag.interval.ms']");
}
