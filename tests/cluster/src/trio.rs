//! Three nodes that are controllers and brokers, called as those of `zoned`, whose helpers serve them too.

use crate::{
    kube::Kube,
    zoned::{CLUSTER, PARTITIONS, TOPIC, bootstrap, wait_ready},
};

/// The port of the listener that asks for certificates.
const MUTUAL: &str = ":9094";

/// Makes the cluster with these lines in its spec, each with two spaces before it, and waits until it serves.
pub fn trio(kube: &Kube, at: &str, spec: &str) {
    let of = |kind: &str, name: &str, spec: &str| {
        format!(
            "apiVersion: klamm.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}\n\
             spec:\n{spec}---\n"
        )
    };
    let nodes = "  replicas: 3\n  roles: [controller, broker]\n  storage: {type: persistent-claim, size: 2Gi, deleteClaim: true}\n";
    let listeners = "  kafka:\n    listeners:\n    - {name: tls, port: 9093, type: internal, tls: true}\n    \
                     - {name: mutual, port: 9094, type: internal, tls: true, authentication: {type: tls}}\n";
    let topic = format!("  partitions: {PARTITIONS}\n  replicas: 3\n");
    let all = [
        of("KafkaNodePool", "brokers", nodes),
        of("KafkaCluster", CLUSTER, &format!("{spec}{listeners}")),
        of("KafkaTopic", TOPIC, &topic),
    ];
    kube.apply(at, &all.concat()).expect("right manifests");
    wait_ready(kube, at);
}

/// One more topic of it, of one partition.
pub fn topic(kube: &Kube, at: &str, name: &str) {
    let text = format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaTopic\nmetadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}\n\
         spec: {{partitions: 1, replicas: 3}}\n"
    );
    kube.apply(at, &text).expect("a right manifest");
    kube.wait(at, &format!("kafkatopic/{name}"), "condition=Ready", 60);
}

/// A user of it that shows a certificate, with these lines in its spec.
pub fn user(kube: &Kube, at: &str, name: &str, spec: &str) {
    let text = format!(
        "apiVersion: klamm.dev/v1alpha1\nkind: KafkaUser\nmetadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}\n\
         spec:\n  authentication: {{type: tls}}\n{spec}"
    );
    kube.apply(at, &text).expect("a right manifest");
    kube.wait(at, &format!("kafkauser/{name}"), "condition=Ready", 60);
}

/// Where users start from that show a certificate.
pub fn mutual(at: &str) -> String {
    bootstrap(at).replace(":9092", MUTUAL)
}
