//! The README's first cluster, as a test has it.

use serde_json::Value;

use crate::kube::{Kube, repository};

/// The cluster of `examples/quickstart.yaml`.
pub const CLUSTER: &str = "my-cluster";

/// Its topic.
pub const TOPIC: &str = "my-topic";

/// Applies the quickstart as the README shows it, and waits as it says, no longer than a minute in all.
pub fn quickstart(kube: &Kube, namespace: &str) {
    let manifest = repository().join("examples/quickstart.yaml");
    let manifest = manifest.to_str().expect("a path of plain letters");
    kube.kubectl(&["apply", "--namespace", namespace, "--filename", manifest]);
    kube.kubectl(&[
        "wait",
        "--for=condition=Ready",
        "--timeout=60s",
        "--namespace",
        namespace,
        &format!("kafkacluster/{CLUSTER}"),
        &format!("kafkatopic/{TOPIC}"),
    ]);
}

/// The pods of the cluster's brokers.
pub fn brokers(kube: &Kube, namespace: &str) -> Vec<Value> {
    let selector = format!("--selector=klamm.dev/cluster={CLUSTER}");
    let text = kube.kubectl(&["get", "pods", "--namespace", namespace, &selector, "--output", "json"]);
    let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    list["items"].as_array().cloned().unwrap_or_default()
}
