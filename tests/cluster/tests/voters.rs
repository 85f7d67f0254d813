//! The quorum of controllers changes while it works: more of them, one with another volume, fewer.

use serde_json::{Value, json};
use tests_cluster::install::operator;
use tests_cluster::kube::Kube;
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::watch::condition_is_true;
use tests_cluster::zoned::{
    CLUSTER, PARTITIONS, TOPIC, bootstrap, pods, scale, uids, wait_for_status, wait_ready, wait_until_done,
    zoned,
};

/// The longest time in which some partition acknowledges nothing, in milliseconds: changes of voters move no partition.
const SILENCE_MAX_MS: u64 = 5_000;

#[test]
fn controllers_come_lose_their_volume_and_go() {
    let kube = operator();
    let namespace = Namespace::new(kube, "voters");
    let at = namespace.name();
    zoned(kube, at);
    wait_for_status(kube, at, "voters", &json!([1000, 1001, 1002]));
    let mut load = Load::start(kube, env!("CARGO_BIN_EXE_load"), &bootstrap(at), TOPIC, PARTITIONS);
    let before = uids(kube, at);

    scale(kube, at, "controllers", 5);
    wait_for_status(kube, at, "voters", &json!([1000, 1001, 1002, 1003, 1004]));
    wait_until_done(kube, at);
    let now = uids(kube, at);
    assert!(before.iter().all(|uid| now.contains(uid)), "nobody was restarted for it");
    writes_went_on(&mut load);

    lose_a_volume(kube, at, &mut load);

    // Whoever is active, also one of those that go.
    scale(kube, at, "controllers", 3);
    wait_for_status(kube, at, "voters", &json!([1000, 1001, 1002]));
    wait_until_done(kube, at);
    assert_eq!(pods(kube, at, "controllers").len(), 3);
    let claims = kube.kubectl(&["get", "persistentvolumeclaims", "--namespace", at, "--output", "name"]);
    assert!(claims.contains("controllers-1002") && !claims.contains("controllers-1003"), "{claims}");

    writes_went_on(&mut load);

    // The three that are left are a quorum that loses one.
    let active = load.leader();
    assert!((1000..1003).contains(&active), "{active}");
    let active = format!("zoned-controllers-{active}");
    kube.kubectl(&["delete", "pod", &active, "--namespace", at, "--grace-period=0", "--force"]);
    load.more(100);
    wait_ready(kube, at);
    writes_went_on(&mut load);
    load.end_without_loss();
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    let count = |reason: &str| told.iter().filter(|event| event.starts_with(reason)).count();
    assert!(count("VoterAdded: ") >= 3 && count("VoterRemoved: ") >= 3, "{told:?}");
}

/// The volume of a controller that is not active is gone with its claim; its node votes again with an empty one.
fn lose_a_volume(kube: &Kube, at: &str, load: &mut Load) {
    let active = load.leader();
    let id = (1000..1003).find(|id| *id != active).expect("another controller");
    let (pod, claim) = (format!("zoned-controllers-{id}"), format!("data-zoned-controllers-{id}"));
    let uid = |what: &str| kube.get(at, what)["metadata"]["uid"].clone();
    let (pod_before, claim_before) = (uid(&format!("pod/{pod}")), uid(&format!("pvc/{claim}")));
    kube.kubectl(&["delete", "pvc", &claim, "--namespace", at, "--wait=false"]);
    kube.kubectl(&["delete", "pod", &pod, "--namespace", at, "--grace-period=0", "--force"]);
    kube.watch_one(at, "pods", &pod, 90, |change| {
        change.object["metadata"]["uid"] != pod_before && condition_is_true(&change.object, "Ready")
    });
    assert_ne!(uid(&format!("pvc/{claim}")), claim_before, "it has an empty volume");
    let is_told = |event: &Value| {
        let note = event["message"].as_str().or(event["note"].as_str()).unwrap_or_default();
        note == format!(
            "controller {id} votes no longer: its volume was lost, and it is here with another one"
        )
    };
    kube.watch_until(at, "events", &[], 90, |change| is_told(&change.object));
    wait_until_done(kube, at);
    wait_for_status(kube, at, "voters", &json!([1000, 1001, 1002, 1003, 1004]));
    writes_went_on(load);
}

fn writes_went_on(load: &mut Load) {
    let meanwhile = load.more(5);
    assert!(meanwhile.silence_ms <= SILENCE_MAX_MS, "{meanwhile:?}");
}

/// A pool of the cluster, as JSON.
fn pool(name: &str, roles: &[&str]) -> String {
    let storage = json!({"type": "persistent-claim", "size": "2Gi", "deleteClaim": true});
    let metadata = json!({"name": name, "labels": {"klamm.dev/cluster": CLUSTER}});
    let spec = json!({"replicas": 3, "roles": roles, "storage": storage});
    let object = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaNodePool", "metadata": metadata, "spec": spec
    });
    object.to_string()
}

#[test]
fn combined_nodes_hand_their_votes_to_controllers_of_their_own() {
    let kube = operator();
    let namespace = Namespace::new(kube, "handover");
    let at = namespace.name();
    let topic = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaTopic",
        "metadata": {"name": TOPIC, "labels": {"klamm.dev/cluster": CLUSTER}},
        "spec": {"partitions": PARTITIONS, "replicas": 3}
    });
    let cluster = json!({
        "apiVersion": "klamm.dev/v1alpha1", "kind": "KafkaCluster", "metadata": {"name": CLUSTER}, "spec": {}
    });
    for manifest in [pool("brokers", &["controller", "broker"]), cluster.to_string(), topic.to_string()] {
        kube.apply(at, &manifest).expect("it is right");
    }
    wait_ready(kube, at);
    let mut load = Load::start(kube, env!("CARGO_BIN_EXE_load"), &bootstrap(at), TOPIC, PARTITIONS);
    let before = uids(kube, at);

    kube.apply(at, &pool("controllers", &["controller"])).expect("it is right");
    wait_for_status(kube, at, "voters", &json!([0, 1, 2, 1000, 1001, 1002]));
    wait_until_done(kube, at);
    kube.apply(at, &pool("brokers", &["broker"])).expect("it is right");
    wait_for_status(kube, at, "voters", &json!([1000, 1001, 1002]));
    wait_until_done(kube, at);
    let after = uids(kube, at);
    assert!(after.len() == 6 && after.iter().all(|uid| !before.contains(uid)), "they are brokers alone now");
    assert!((1000..1003).contains(&load.leader()));
    writes_went_on(&mut load);
    load.end_without_loss();
}
