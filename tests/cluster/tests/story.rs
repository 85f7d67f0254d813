//! From `kubectl apply` to records on disk: what a platform team does on its first day, on a real Kubernetes.

use serde_json::Value;
use tests_cluster::client::Client;
use tests_cluster::install::{OPERATOR_NAMESPACE, image, operator, operator_user};
use tests_cluster::kube::{Kube, Refused, repository};
use tests_cluster::namespace::Namespace;
use tests_cluster::quickstart::{CLUSTER, TOPIC, brokers, quickstart};
use tests_cluster::watch::{condition, condition_is_true, is_current};

const RECORDS: u64 = 100_000;
/// What the operator may hold while it looks after a cluster.
const OPERATOR_BYTES_MAX: u64 = 64 << 20;

#[test]
fn records_written_by_a_client_in_the_cluster_survive_the_loss_of_the_pod() {
    let kube = operator();
    let namespace = Namespace::new(kube, "records");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));

    let written = client.produce(TOPIC, RECORDS, 100);
    assert_eq!(written.records, RECORDS);
    assert_eq!(client.consume(TOPIC, RECORDS), written, "what was read is what was written");

    let pods = brokers(kube, at);
    assert_eq!(pods.len(), 1, "the quickstart has one node");
    let (name, uid) = (pods[0]["metadata"]["name"].as_str().expect("a name"), &pods[0]["metadata"]["uid"]);
    kube.kubectl(&["delete", "pod", name, "--namespace", at]);
    kube.watch_one(at, "pods", name, 60, |change| {
        change.object["metadata"]["uid"] != *uid && condition_is_true(&change.object, "Ready")
    });
    assert_eq!(client.consume(TOPIC, RECORDS), written, "every record is still there");
    let log = kube.kubectl(&["logs", name, "--namespace", at]);
    assert!(log.contains("last_stop=Clean"), "a pod that is deleted stops cleanly within its grace: {log}");
}

#[test]
fn a_topic_follows_its_manifest_until_it_is_deleted() {
    let kube = operator();
    let namespace = Namespace::new(kube, "topic");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let before = partitions(&client.describe(TOPIC).expect("the topic is there"));

    let wanted = before + 2;
    let change = format!(r#"{{"spec": {{"partitions": {wanted}, "config": {{"retention.ms": 3600000}}}}}}"#);
    patch_topic(kube, at, &change);
    kube.watch_one(at, "kafkatopics", TOPIC, 30, |change| is_current(&change.object, "Ready"));
    let described = client.describe(TOPIC).expect("the topic is there");
    assert_eq!(partitions(&described), wanted);
    assert!(described.to_string().contains("3600000"), "the new retention shows: {described}");

    patch_topic(kube, at, r#"{"spec": {"partitions": 1}}"#);
    let refused = kube.watch_one(at, "kafkatopics", TOPIC, 30, |change| {
        condition(&change.object, "Ready").is_some_and(|ready| {
            ready["status"] == "False"
                && ready["observedGeneration"] == change.object["metadata"]["generation"]
        })
    });
    let why = condition(&refused, "Ready").expect("a condition")["message"].to_string();
    assert!(why.contains("partitions"), "the reason names the field: {why}");
    assert_eq!(partitions(&client.describe(TOPIC).expect("the topic is there")), wanted, "nothing was lost");

    kube.kubectl(&["delete", "kafkatopic", TOPIC, "--namespace", at, "--timeout=30s"]);
    let gone = client.describe(TOPIC).expect_err("the topic is gone from the broker as well");
    assert!(gone.0.contains("UNKNOWN_TOPIC_OR_PARTITION") || gone.0.contains("does not exist"), "{}", gone.0);
}

fn patch_topic(kube: &Kube, namespace: &str, change: &str) {
    kube.kubectl(&[
        "patch",
        "kafkatopic",
        TOPIC,
        "--namespace",
        namespace,
        "--type=merge",
        "--patch",
        change,
    ]);
}

fn partitions(described: &Value) -> usize {
    described["partitions"].as_array().expect("describe lists the partitions").len()
}

#[test]
fn a_wrong_manifest_is_refused_with_its_reason_while_the_first_cluster_serves() {
    let kube = operator();
    let namespace = Namespace::new(kube, "wrong");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let written = client.produce(TOPIC, 1000, 100);

    for (name, wrong) in wrong_manifests() {
        match kube.apply(at, &wrong.manifest) {
            Err(Refused(why)) => assert!(why.contains(wrong.says), "{name}: {why}"),
            Ok(_) => {
                let refused = kube.watch_one(at, wrong.kind, name, 30, |change| {
                    condition(&change.object, "Ready").is_some_and(|ready| ready["status"] == "False")
                });
                let why = condition(&refused, "Ready").expect("a condition")["message"].to_string();
                assert!(why.contains(wrong.says), "{name}: {why}");
            }
        }
    }
    assert_eq!(client.consume(TOPIC, 1000), written, "the first cluster serves on");
    assert!(is_current(&kube.get(at, &format!("kafkacluster/{CLUSTER}")), "Ready"));
}

struct Wrong {
    kind: &'static str,
    manifest: String,
    says: &'static str,
}

/// One wrong thing each, by the object's name: refused by the schema, by a rule of it, or by the operator.
fn wrong_manifests() -> Vec<(&'static str, Wrong)> {
    let cluster = |name: &str, kafka: &str| {
        format!(
            "{{apiVersion: klamm.dev/v1alpha1, kind: KafkaCluster, metadata: {{name: {name}}}, spec: {{kafka: {kafka}}}}}"
        )
    };
    let topic = |name: &str, spec: &str| {
        format!(
            "{{apiVersion: klamm.dev/v1alpha1, kind: KafkaTopic, \
             metadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}, spec: {spec}}}"
        )
    };
    let wrong = |kind, manifest, says| Wrong { kind, manifest, says };
    vec![
        ("wrong-type", wrong("kafkaclusters", cluster("wrong-type", "{listeners: 9092}"), "listeners")),
        (
            "wrong-version",
            wrong(
                "kafkaclusters",
                cluster(
                    "wrong-version",
                    "{version: \"1.2.3\", listeners: [{name: plain, port: 9092, type: internal, tls: false}]}",
                ),
                "version",
            ),
        ),
        (
            "wrong-partitions",
            wrong("kafkatopics", topic("wrong-partitions", "{partitions: 0}"), "partitions"),
        ),
        (
            "wrong-replicas",
            wrong("kafkatopics", topic("wrong-replicas", "{partitions: 1, replicas: 3}"), "replica"),
        ),
        (
            "wrong-config",
            wrong(
                "kafkatopics",
                topic("wrong-config", "{partitions: 1, config: {retention.ms: soon}}"),
                "retention.ms",
            ),
        ),
    ]
}

#[test]
fn at_steady_state_the_operator_writes_nothing_but_its_lease() {
    let kube = operator();
    let namespace = Namespace::new(kube, "steady");
    let at = namespace.name();
    quickstart(kube, at);
    let user = operator_user(kube);
    let told = kube.events(at, "KafkaTopic", TOPIC);
    assert!(told.is_empty(), "a topic that waited for its cluster is no news: {told:?}");

    // Half a minute is told by the operator's own lease: it is the one thing that keeps changing.
    let lease_until = |seconds: i64| {
        let mut first = None;
        kube.watch_until(OPERATOR_NAMESPACE, "leases", &[], 90, |change| {
            let Some(renewed) = change.object["spec"]["renewTime"].as_str().and_then(seconds_of_day) else {
                return false;
            };
            let began = *first.get_or_insert(renewed);
            (renewed - began).rem_euclid(86_400) >= seconds
        });
    };
    lease_until(10); // what readiness itself set off has settled
    let mark = kube.audit_mark();
    lease_until(30);
    let changes = kube.changes_since(mark, &user, at);
    assert!(changes.is_empty(), "requests that change something at steady state: {changes:#?}");
    let leases = kube.mutations_since(mark, &user).iter().filter(|one| one.resource == "leases").count();
    assert!(leases > 0, "the lease was renewed, so the log was read rightly");
    let bytes = working_set(kube, "klamm-operator");
    assert!(
        bytes <= OPERATOR_BYTES_MAX,
        "the operator holds {bytes} bytes, the goal is {OPERATOR_BYTES_MAX}"
    );
    let forbidden = kube.forbidden_since(mark, &user);
    assert!(forbidden.is_empty(), "the operator asks for what it has no right to: {forbidden:?}");
}

/// The memory that the kubelet sees in use by the pod whose name begins so.
fn working_set(kube: &Kube, pod: &str) -> u64 {
    let summary = |node: &str| -> Value {
        let path = format!("/api/v1/nodes/{node}/proxy/stats/summary");
        let text = kube.kubectl(&["get", "--raw", &path]);
        serde_json::from_str(&text).expect("the kubelet answers in JSON")
    };
    let of_node = |node: &str| summary(node)["pods"].as_array().cloned().unwrap_or_default();
    let pods: Vec<Value> = ["node0", "node1", "node2"].into_iter().flat_map(of_node).collect();
    let is_it = |found: &&Value| {
        found["podRef"]["name"].as_str().is_some_and(|name| name.starts_with(pod))
            && found["containers"][0]["memory"]["workingSetBytes"].is_u64()
    };
    let found = pods.iter().find(is_it).expect("the kubelet has figures of the pod");
    found["containers"][0]["memory"]["workingSetBytes"].as_u64().expect("a number of bytes")
}

/// The second of the day of an RFC 3339 time in UTC.
fn seconds_of_day(time: &str) -> Option<i64> {
    let clock = time.split_once('T')?.1.get(..8)?;
    clock.split(':').try_fold(0, |total, part| Some(total * 60 + part.parse::<i64>().ok()?))
}

#[test]
fn a_namespace_goes_with_everything_in_it() {
    let kube = operator();
    let namespace = Namespace::new(kube, "going");
    quickstart(kube, namespace.name());
    // Topics have finalizers: whoever would have to serve them is being deleted at the same time.
    kube.kubectl(&["delete", "namespace", namespace.name(), "--timeout=60s"]);
}

#[test]
fn a_pool_with_two_volumes_gets_them_and_a_recommended_size() {
    let kube = operator();
    let namespace = Namespace::new(kube, "pool");
    let at = namespace.name();
    let manifest = repository().join("examples/node-pool.yaml");
    kube.kubectl(&[
        "apply",
        "--namespace",
        at,
        "--filename",
        manifest.to_str().expect("a path of plain letters"),
    ]);
    for object in ["kafkacluster/sized", "kafkanodepool/dual", "kafkatopic/orders"] {
        kube.wait(at, object, "condition=Ready", 60);
    }
    let claims = kube.get(at, "persistentvolumeclaims");
    let bound = claims["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|claim| claim["status"]["phase"] == "Bound");
    assert_eq!(bound.count(), 2, "{claims:#}");
    let sizing = kube.get(at, "kafkacluster/sized")["status"]["sizing"].clone();
    assert!(sizing["recommendedReplicas"].as_i64().is_some_and(|brokers| brokers >= 1), "{sizing:#}");
    assert!(
        sizing["steps"].as_array().is_some_and(|steps| !steps.is_empty()),
        "the arithmetic is shown: {sizing:#}"
    );
}
