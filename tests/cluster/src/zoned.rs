//! The cluster of three controllers and three brokers, as a test has it.

use serde_json::Value;

use crate::kube::{Kube, repository};

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
