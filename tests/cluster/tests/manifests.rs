//! The definitions on a real API server: what it admits, and what it refuses with which words, before any operator runs.

use std::fs;

use tests_cluster::kube::{Kube, Refused, repository};
use tests_cluster::namespace::Namespace;

fn with_definitions() -> &'static Kube {
    let kube = Kube::up();
    let crds = repository().join("crds");
    kube.kubectl(&[
        "apply",
        "--server-side",
        "--force-conflicts",
        "--filename",
        crds.to_str().expect("a path of plain letters"),
    ]);
    for kind in ["kafkaclusters", "kafkanodepools", "kafkatopics"] {
        kube.wait("default", &format!("crd/{kind}.klamm.dev"), "condition=Established", 30);
    }
    kube
}

fn manifest(kind: &str, name: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: klamm.dev/v1alpha1, kind: {kind}, \
         metadata: {{name: {name}, labels: {{klamm.dev/cluster: my-cluster}}}}, spec: {spec}}}"
    )
}

/// Kind, name, spec, and words of the reason.
const REFUSED: &[(&str, &str, &str, &str)] = &[
    ("KafkaCluster", "a", "{kafka: {listeners: 9092}}", "spec.kafka.listeners"),
    (
        "KafkaCluster",
        "a",
        "{kafka: {listeners: [{name: plain, port: 9092, type: internal, tls: false, authentication: {type: tls}}]}}",
        "tls: true",
    ),
    (
        "KafkaCluster",
        "a",
        "{kafka: {listeners: [{name: a, port: 9092, type: internal, tls: false}, {name: b, port: 9092, type: internal, tls: false}]}}",
        "listener ports must differ",
    ),
    (
        "KafkaCluster",
        "a",
        "{kafka: {listeners: [{name: a, port: 9644, type: internal, tls: false}]}}",
        "port 9644",
    ),
    ("KafkaCluster", "a", "{kafka: {version: four}}", "spec.kafka.version"),
    ("KafkaCluster", "a", "{storage: {type: persistent-claim}}", "needs a size"),
    ("KafkaCluster", "a", "{storage: {type: tape, size: 1Gi}}", "spec.storage.type"),
    ("KafkaCluster", "a", "{sizing: {mode: Recommend}}", "sizing needs ingress"),
    ("KafkaCluster", "1st", "{}", "a letter first"),
    ("KafkaNodePool", "p", "{replicas: 1, roles: [broker]}", "spec.storage"),
    (
        "KafkaNodePool",
        "p",
        "{replicas: 1, roles: [broker, broker], storage: {type: ephemeral}}",
        "roles must differ",
    ),
    (
        "KafkaNodePool",
        "p",
        "{replicas: 1, roles: [broker], storage: {type: jbod, volumes: [{id: 0, type: ephemeral}, {id: 0, type: ephemeral}]}}",
        "volume ids must differ",
    ),
    ("KafkaNodePool", "p", "{replicas: -1, roles: [broker], storage: {type: ephemeral}}", "spec.replicas"),
    ("KafkaTopic", "t", "{partitions: 0}", "spec.partitions"),
    ("KafkaTopic", "t", "{partitions: many}", "spec.partitions"),
    ("KafkaTopic", "t", "{topicName: \"no spaces\"}", "spec.topicName"),
    ("KafkaTopic", "t", "{deletionPolicy: Perhaps}", "spec.deletionPolicy"),
];

const ADMITTED: &[(&str, &str, &str)] = &[
    ("KafkaCluster", "smallest", "{}"),
    ("KafkaCluster", "version", "{kafka: {version: 4.3.0, metadataVersion: 4.3-IV0}}"),
    ("KafkaCluster", "disk", "{storage: {type: persistent-claim, size: 1Gi, class: standard}}"),
    ("KafkaCluster", "unsized", "{sizing: {mode: \"Off\"}}"),
    (
        "KafkaCluster",
        "sized",
        "{sizing: {mode: Recommend, messages: {perDay: 100000000, size: 1KiB}, retention: 14d}}",
    ),
    ("KafkaNodePool", "pool", "{replicas: 3, roles: [controller, broker], storage: {type: ephemeral}}"),
    (
        "KafkaTopic",
        "topic",
        "{partitions: 3, replicas: 1, config: {retention.ms: 1000, cleanup.policy: delete}}",
    ),
];

#[test]
fn the_api_server_refuses_what_is_wrong_and_says_which_field() {
    let kube = with_definitions();
    let namespace = Namespace::new(kube, "refused");
    for (kind, name, spec, says) in REFUSED {
        match kube.apply(namespace.name(), &manifest(kind, name, spec)) {
            Err(Refused(why)) => assert!(why.contains(says), "{kind} {spec}: {why}"),
            Ok(_) => panic!("admitted: {kind} {name} {spec}"),
        }
    }
}

#[test]
fn the_api_server_admits_what_is_right() {
    let kube = with_definitions();
    let namespace = Namespace::new(kube, "admitted");
    for (kind, name, spec) in ADMITTED {
        if let Err(Refused(why)) = kube.apply(namespace.name(), &manifest(kind, name, spec)) {
            panic!("{kind} {spec}: {why}");
        }
    }
    let listed = kube.kubectl(&["get", "klamm", "--namespace", namespace.name(), "--output", "name"]);
    assert_eq!(listed.lines().count(), ADMITTED.len(), "all are of the category klamm: {listed}");
}

#[test]
fn a_topic_keeps_its_name() {
    let kube = with_definitions();
    let namespace = Namespace::new(kube, "renamed");
    let at = namespace.name();
    kube.apply(at, &manifest("KafkaTopic", "t", "{topicName: one}")).expect("admitted");
    let Err(Refused(why)) = kube.apply(at, &manifest("KafkaTopic", "t", "{topicName: two}")) else {
        panic!("the topic was renamed")
    };
    assert!(why.contains("topicName cannot change"), "{why}");
}

#[test]
fn a_pool_is_scaled_by_kubectl() {
    let kube = with_definitions();
    let namespace = Namespace::new(kube, "scaled");
    let at = namespace.name();
    let spec = "{replicas: 1, roles: [broker], storage: {type: ephemeral}}";
    kube.apply(at, &manifest("KafkaNodePool", "p", spec)).expect("admitted");
    kube.kubectl(&["scale", "kafkanodepool/p", "--replicas=2", "--namespace", at]);
    assert_eq!(kube.get(at, "kafkanodepool/p")["spec"]["replicas"], 2);
}

#[test]
fn the_examples_are_manifests_that_the_api_server_accepts() {
    let kube = with_definitions();
    let folder = repository().join("examples");
    for example in fs::read_dir(folder).expect("examples") {
        let path = example.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let file = path.to_str().expect("a path of plain letters");
            kube.kubectl(&["apply", "--dry-run=server", "--filename", file]);
        }
    }
}
