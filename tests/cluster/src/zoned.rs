//! The cluster of three controllers and three brokers, as a test has it.

use serde_json::Value;

use crate::{
    kube::{Kube, repository},
    watch::is_current,
};

/// The cluster of `examples/cluster.yaml`.
pub const CLUSTER: &str = "zoned";

/// Its topic, of six partitions with three copies.
pub const TOPIC: &str = "orders";

/// How many partitions it has.
pub const PARTITIONS: u32 = 6;

/// Applies the example, and waits until it serves.
pub fn zoned(kube: &Kube, namespace: &str) {
    let manifest = repository().join("examples/cluster.yaml");
    let manifest = manifest.to_str().expect("a path of plain letters");
    kube.kubectl(&["apply", "--namespace", namespace, "--filename", manifest]);
    wait_ready(kube, namespace);
}

/// Waits until the cluster and its topic are Ready, and nothing is left to do.
pub fn wait_ready(kube: &Kube, namespace: &str) {
    let cluster = format!("kafkacluster/{CLUSTER}");
    kube.wait(namespace, &cluster, "condition=Ready", 120);
    kube.wait(namespace, &format!("kafkatopic/{TOPIC}"), "condition=Ready", 60);
    kube.wait(namespace, &cluster, "condition=Quiesced", 120);
}

/// The pods of one pool, by name.
pub fn pods(kube: &Kube, namespace: &str, pool: &str) -> Vec<Value> {
    let selector = format!("--selector=klamm.dev/cluster={CLUSTER},klamm.dev/pool={pool}");
    let text = kube.kubectl(&["get", "pods", "--namespace", namespace, &selector, "--output", "json"]);
    let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    list["items"].as_array().cloned().unwrap_or_default()
}

/// Where clients beside the cluster start from: each broker by its own name.
pub fn bootstrap(namespace: &str) -> String {
    let host = |id: u32| {
        format!("{CLUSTER}-brokers-{id}.{CLUSTER}-kafka-brokers.{namespace}.svc.cluster.local:9092")
    };
    (0..3).map(host).collect::<Vec<_>>().join(",")
}

/// The identities of all pods.
pub fn uids(kube: &Kube, namespace: &str) -> Vec<String> {
    let all = ["brokers", "controllers"].into_iter().flat_map(|pool| pods(kube, namespace, pool));
    all.map(|pod| pod["metadata"]["uid"].as_str().unwrap_or_default().to_owned()).collect()
}

/// `kubectl scale` of a pool.
pub fn scale(kube: &Kube, namespace: &str, pool: &str, replicas: u32) {
    let (pool, count) = (format!("kafkanodepool/{pool}"), format!("--replicas={replicas}"));
    kube.kubectl(&["scale", &pool, &count, "--namespace", namespace]);
}

/// Waits until the status of the cluster says so.
pub fn wait_for_status(kube: &Kube, namespace: &str, field: &str, expected: &Value) {
    kube.watch_one(namespace, "kafkaclusters", CLUSTER, 120, |change| {
        change.object["status"][field] == *expected
    });
}

/// Waits until the last change of the cluster's spec has been carried out.
pub fn wait_until_done(kube: &Kube, at: &str) {
    kube.watch_one(at, "kafkaclusters", CLUSTER, 180, |change| {
        is_current(&change.object, "Ready") && is_current(&change.object, "Quiesced")
    });
}
