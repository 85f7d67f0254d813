//! Topics as manifests, beyond one of them: who decides of two, copies that come and go, what is protected, and many at
//! once with few requests.

use serde_json::{Value, json};
use tests_cluster::client::Client;
use tests_cluster::install::{image, operator, operator_user};
use tests_cluster::kube::Kube;
use tests_cluster::namespace::Namespace;
use tests_cluster::quickstart::{CLUSTER, TOPIC, quickstart};
use tests_cluster::watch::{condition, condition_is_true, is_current};
use tests_cluster::zoned;

/// How many topics are made at once.
const MANY: usize = 200;

fn topic(name: &str, spec: &str) -> String {
    format!(
        "---\n{{apiVersion: klamm.dev/v1alpha1, kind: KafkaTopic, \
         metadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}, spec: {spec}}}\n"
    )
}

/// Waits until the topic's condition `Ready` speaks of its current spec, with this reason; gives the object.
fn ready_for(kube: &Kube, namespace: &str, name: &str, reason: &str) -> Value {
    kube.watch_one(namespace, "kafkatopics", name, 60, |change| {
        condition(&change.object, "Ready").is_some_and(|ready| {
            ready["reason"] == reason
                && ready["observedGeneration"] == change.object["metadata"]["generation"]
        })
    })
}

fn message(topic: &Value) -> String {
    condition(topic, "Ready").expect("a condition")["message"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn of_two_resources_the_older_decides_and_the_younger_takes_over() {
    let kube = operator();
    let namespace = Namespace::new(kube, "rivals");
    let at = namespace.name();
    quickstart(kube, at);
    kube.apply(at, &topic("first", "{topicName: shared, partitions: 2, deletionPolicy: Retain}"))
        .expect("right");
    ready_for(kube, at, "first", "Ready");
    kube.apply(at, &topic("second", "{topicName: shared, partitions: 5}")).expect("right");
    let second = ready_for(kube, at, "second", "ResourceConflict");
    assert!(message(&second).contains(&format!("{at}/first")), "{}", message(&second));

    kube.kubectl(&["delete", "kafkatopic", "first", "--namespace", at, "--timeout=30s"]);
    ready_for(kube, at, "second", "Ready");
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let described = client.describe("shared").expect("the topic is there");
    assert_eq!(described["partitions"].as_array().map(Vec::len), Some(5));
}

#[test]
fn what_cannot_be_is_refused_by_its_name_and_what_is_protected_stays() {
    let kube = operator();
    let namespace = Namespace::new(kube, "refused");
    let at = namespace.name();
    quickstart(kube, at);
    let wrong = [
        ("unknown", "{config: {retention.mss: 1}}", "InvalidConfig", "retention.mss"),
        ("internal", "{topicName: __consumer_offsets}", "InternalTopic", "__consumer_offsets"),
        (TOPIC, "{partitions: 3, replicas: 3}", "InvalidReplicationFactor", "spec.replicas is 3"),
    ];
    for (name, spec, reason, word) in wrong {
        kube.apply(at, &topic(name, spec)).expect("the API server takes it");
        let refused = ready_for(kube, at, name, reason);
        assert!(message(&refused).contains(word), "{name}: {}", message(&refused));
    }
    let pending = kube.get(at, &format!("kafkatopic/{TOPIC}"))["status"]["replicasChange"].clone();
    assert_eq!((&pending["targetReplicas"], &pending["state"]), (&json!(3), &json!("pending")));

    kube.apply(at, &topic("kept", "{partitions: 1, deletionProtection: true}")).expect("right");
    ready_for(kube, at, "kept", "Ready");
    let refused = kube.try_kubectl(&["delete", "kafkatopic", "kept", "--namespace", at, "--wait=false"]);
    assert!(refused.as_ref().is_err_and(|why| why.0.contains("deletionProtection")), "{refused:?}");
    kube.kubectl(&["delete", "namespace", at, "--timeout=60s"]);
}

#[test]
fn many_topics_become_ready_and_are_left_alone() {
    let kube = operator();
    let namespace = Namespace::new(kube, "many");
    let at = namespace.name();
    quickstart(kube, at);
    let manifests: String =
        (0..MANY).map(|number| topic(&format!("many-{number}"), "{partitions: 1}")).collect();
    kube.apply(at, &manifests).expect("right manifests");
    kube.kubectl(&[
        "wait",
        "kafkatopics",
        "--all",
        "--for=condition=Ready",
        "--namespace",
        at,
        "--timeout=120s",
    ]);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    client.describe(&format!("many-{}", MANY - 1)).expect("the last is there");
    let (user, mark) = (operator_user(kube), kube.audit_mark());
    client.describe("many-0").expect("the first is there");
    let changes = kube.changes_since(mark, &user, at);
    assert!(changes.is_empty(), "all is as it should be: {changes:#?}");
}

/// How many copies each partition has.
fn copies(client: &Client<'_>, topic: &str) -> Vec<usize> {
    let described = client.describe(topic).expect("the topic is there");
    let partitions = described["partitions"].as_array().cloned().unwrap_or_default();
    partitions.iter().map(|one| one["replicas"].as_array().map_or(0, Vec::len)).collect()
}

#[test]
fn another_number_of_copies_is_brought_about_and_told() {
    let kube = operator();
    let namespace = Namespace::new(kube, "copies");
    let at = namespace.name();
    zoned::zoned(kube, at);
    let client = Client::new(kube, at, zoned::CLUSTER, image(kube));
    let written = client.produce(zoned::TOPIC, 1000, 100);
    for wanted in [2, 3] {
        let change = json!({"spec": {"replicas": wanted}}).to_string();
        let object = format!("kafkatopic/{}", zoned::TOPIC);
        kube.kubectl(&["patch", &object, "--namespace", at, "--type=merge", "--patch", &change]);
        let mut told = false;
        let done = kube.watch_one(at, "kafkatopics", zoned::TOPIC, 60, |change| {
            told |= change.object["status"]["replicasChange"]["targetReplicas"] == wanted;
            is_current(&change.object, "Ready")
        });
        assert!(told && done["status"]["replicasChange"].is_null(), "{:#}", done["status"]);
        assert_eq!(copies(&client, zoned::TOPIC), [wanted; zoned::PARTITIONS as usize]);
    }
    assert_eq!(client.consume(zoned::TOPIC, 1000), written);
}

#[test]
fn a_namespace_goes_while_the_cluster_of_its_topic_does_not_answer() {
    let kube = operator();
    let (clusters, topics) = (Namespace::new(kube, "clusters"), Namespace::new(kube, "topics"));
    let (at, elsewhere) = (clusters.name(), topics.name());
    quickstart(kube, at);
    let of = format!("{{partitions: 1, clusterRef: {{name: {CLUSTER}, namespace: {at}}}}}");
    kube.apply(elsewhere, &topic("far", &of)).expect("right");
    let refused = ready_for(kube, elsewhere, "far", "NotAllowed");
    assert!(message(&refused).contains("spec.topicNamespaces"), "{}", message(&refused));
    let object = format!("kafkacluster/{CLUSTER}");
    let grant = json!({"spec": {"topicNamespaces": [elsewhere]}}).to_string();
    kube.kubectl(&["patch", &object, "--namespace", at, "--type=merge", "--patch", &grant]);
    ready_for(kube, elsewhere, "far", "Ready");

    // A cluster that nobody serves and nobody mends.
    kube.kubectl(&["annotate", &object, "klamm.dev/pause-reconciliation=true", "--namespace", at]);
    kube.watch_one(at, "kafkaclusters", CLUSTER, 30, |change| {
        condition_is_true(&change.object, "ReconciliationPaused")
    });
    kube.kubectl(&["delete", "statefulsets", "--all", "--namespace", at, "--timeout=60s"]);
    kube.kubectl(&["wait", "pods", "--all", "--for=delete", "--namespace", at, "--timeout=60s"]);
    kube.kubectl(&["delete", "namespace", elsewhere, "--timeout=90s"]);
}
