//! Three controllers and three brokers in three zones: what is lost without a loss, restarted without a failure, grown.

use serde_json::{Value, json};
use tests_cluster::client::Client;
use tests_cluster::copying::Copying;
use tests_cluster::install::{OPERATOR_NAMESPACE, image, operator, operator_user};
use tests_cluster::kube::Kube;
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::watch::condition_is_true;
use tests_cluster::zoned::{
    CLUSTER, PARTITIONS, TOPIC, bootstrap, pods, scale, uids, wait_for_status, wait_ready, wait_until_done,
    zoned,
};

/// Produce is back so soon after a pod's death, and after a node fell silent, in milliseconds.
const BACK_AFTER_DEATH_MS: u64 = 5_000;
const BACK_AFTER_SILENCE_MS: u64 = 10_000;

fn load(kube: &Kube, namespace: &str) -> Load {
    Load::start(kube, env!("CARGO_BIN_EXE_load"), &bootstrap(namespace), TOPIC, PARTITIONS)
}

fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

fn patch_config(kube: &Kube, namespace: &str, config: &str) {
    let object = format!("kafkacluster/{CLUSTER}");
    let change = format!(r#"{{"spec": {{"kafka": {{"config": {config}}}}}}}"#);
    kube.kubectl(&["patch", &object, "--namespace", namespace, "--type=merge", "--patch", &change]);
}

/// Kills a pod at once, waits until its successor serves, and gives the longest silence meanwhile.
fn kill(kube: &Kube, namespace: &str, name: &str, load: &mut Load) -> u64 {
    let before = kube.get(namespace, &format!("pod/{name}"))["metadata"]["uid"].clone();
    load.since();
    kube.kubectl(&["delete", "pod", name, "--namespace", namespace, "--grace-period=0", "--force"]);
    let silence = load.more(100).silence_ms;
    kube.watch_one(namespace, "pods", name, 90, |change| {
        change.object["metadata"]["uid"] != before && condition_is_true(&change.object, "Ready")
    });
    wait_ready(kube, namespace);
    silence.max(load.more(5).silence_ms)
}

#[test]
fn what_was_acknowledged_survives_pods_and_a_node() {
    let kube = operator();
    let namespace = Namespace::new(kube, "faults");
    let at = namespace.name();
    zoned(kube, at);
    let zone = |pod: &Value| text(pod, "/metadata/annotations/klamm.dev~1zone").to_owned();
    let mut zones: Vec<_> = pods(kube, at, "brokers").iter().map(zone).collect();
    zones.sort();
    assert_eq!(zones, ["a", "b", "c"], "each broker is in a zone of its own, and knows it");
    let client = Client::new(kube, at, CLUSTER, image(kube));
    client.must(&["topic", "create", "first", "--partitions", "3"]);
    let written = client.produce("first", 1000, 100);
    assert_eq!(client.consume("first", 1000), written, "what was read is what was written");

    let mut load = load(kube, at);
    let silence = kill(kube, at, "zoned-brokers-1", &mut load);
    eprintln!("a broker's pod: silent for {silence} ms");
    assert!(silence <= BACK_AFTER_DEATH_MS, "{silence} ms after a broker's pod died");

    let active = load.leader();
    let silence = kill(kube, at, &format!("zoned-controllers-{active}"), &mut load);
    eprintln!("the active controller's pod: silent for {silence} ms");
    assert!(silence <= BACK_AFTER_DEATH_MS, "{silence} ms after the active controller's pod died");

    let silence = a_node_falls_silent(kube, at, &mut load);
    eprintln!("a node: silent for {silence} ms");
    assert!(silence <= BACK_AFTER_SILENCE_MS, "{silence} ms after a node fell silent");
    load.end_without_loss();
}

/// Takes the link of a node with a broker and a controller, but not that of the operator's, until writes are back.
fn a_node_falls_silent(kube: &Kube, at: &str, load: &mut Load) -> u64 {
    let operators = kube.get(OPERATOR_NAMESPACE, "pods");
    let node_of = |pod: &Value| text(pod, "/spec/nodeName").to_owned();
    let spared: Vec<_> = operators["items"].as_array().expect("a list").iter().map(node_of).collect();
    let brokers = pods(kube, at, "brokers");
    let node = brokers.iter().map(node_of).find(|node| !spared.contains(node)).expect("another node");
    load.since();
    kube.must(&["link", &node, "down"]);
    let silence = load.more(100).silence_ms;
    kube.must(&["link", &node, "up"]);
    kube.wait("default", &format!("node/{node}"), "condition=Ready", 60);
    wait_ready(kube, at);
    silence
}

#[test]
fn a_change_restarts_all_pods_without_a_failure_and_a_new_broker_gets_its_share() {
    let kube = operator();
    let namespace = Namespace::new(kube, "roll");
    let at = namespace.name();
    zoned(kube, at);
    let mut load = load(kube, at);
    let before = uids(kube, at);
    patch_config(kube, at, r#"{"log.retention.ms": 86400000}"#);
    wait_until_done(kube, at);
    assert_eq!(uids(kube, at), before, "brokers take it as they run");

    load.since();
    patch_config(kube, at, r#"{"num.partitions": 5}"#);
    wait_until_done(kube, at);
    let rolled = load.more(5);
    eprintln!("a roll: silent for {} ms at most", rolled.silence_ms);
    assert!(rolled.silence_ms <= BACK_AFTER_DEATH_MS, "{rolled:?}");
    let after = uids(kube, at);
    assert!(after.len() == 6 && after.iter().all(|uid| !before.contains(uid)), "all were restarted");
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    let restarts: Vec<_> = told.iter().filter(|event| event.starts_with("PodRestart: ")).collect();
    assert_eq!(restarts.len(), 6, "each with its reason: {told:?}");

    a_broker_more_and_less(kube, at);
    load.end_without_loss();
    nothing_is_written_at_rest(kube, at);
}

#[test]
fn a_copy_in_transactions_and_its_readers_go_through_a_restart_of_all_pods() {
    let kube = operator();
    let namespace = Namespace::new(kube, "copied");
    let at = namespace.name();
    zoned(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let mut copying = Copying::start(kube, env!("CARGO_BIN_EXE_copy"), &bootstrap(at), &client);
    let before = uids(kube, at);
    patch_config(kube, at, r#"{"num.partitions": 5}"#);
    wait_until_done(kube, at);
    assert!(uids(kube, at).iter().all(|uid| !before.contains(uid)), "all were restarted");
    copying.more(5);
    copying.end_exactly_once();
}

/// A fourth broker gets its share; it is to go, may stay after all, and goes in the end: with nothing on it, forgotten,
/// its claim gone with it.
fn a_broker_more_and_less(kube: &Kube, at: &str) {
    scale(kube, at, "brokers", 4);
    wait_for_status(kube, at, "balancedBrokers", &json!([0, 1, 2, 3]));
    wait_ready(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let copies = || {
        let described = client.describe(TOPIC).expect("the topic is there");
        let partitions = described["partitions"].as_array().cloned().expect("a list");
        let has_it = |partition: &&Value| {
            partition["replicas"].as_array().is_some_and(|replicas| replicas.contains(&Value::from(3)))
        };
        partitions.iter().filter(has_it).count()
    };
    assert!(copies() >= 2);

    scale(kube, at, "brokers", 3);
    kube.watch_one(at, "kafkaclusters", CLUSTER, 60, |change| {
        change.object["status"]["leaving"]
            .as_array()
            .is_some_and(|nodes| nodes.iter().any(|node| node["nodeId"] == 3))
    });
    scale(kube, at, "brokers", 4);
    wait_for_status(kube, at, "balancedBrokers", &json!([0, 1, 2, 3]));
    wait_ready(kube, at);
    assert!(copies() >= 2, "it got its share back");

    scale(kube, at, "brokers", 3);
    wait_for_status(kube, at, "balancedBrokers", &json!([0, 1, 2]));
    wait_until_done(kube, at);
    assert_eq!((copies(), pods(kube, at, "brokers").len()), (0, 3));
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    for reason in ["NodeLeaves: ", "NodeStays: ", "BrokerUnregistered: ", "ClaimsDeleted: ", "NodeGone: "] {
        assert!(told.iter().any(|event| event.starts_with(reason)), "{reason}{told:?}");
    }
}

/// Several looks (the operator looks every 10 s at least) find nothing to write.
fn nothing_is_written_at_rest(kube: &Kube, at: &str) {
    let user = operator_user(kube);
    let mark = kube.audit_mark();
    let mut renewals = 0;
    kube.watch_until(OPERATOR_NAMESPACE, "leases", &[], 90, |_| {
        renewals += 1;
        renewals > 5
    });
    let changes = kube.changes_since(mark, &user, at);
    assert!(changes.is_empty(), "requests that change something at rest: {changes:#?}");
}
