//! What the operator promises beyond the first day: what it makes, what it refuses, what it mends, and how things go.

use serde_json::{Value, json};
use tests_cluster::client::Client;
use tests_cluster::install::{OPERATOR_NAMESPACE, image, operator};
use tests_cluster::kube::Kube;
use tests_cluster::namespace::Namespace;
use tests_cluster::quickstart::{CLUSTER, TOPIC, brokers, quickstart};
use tests_cluster::watch::{condition, condition_is_true, is_current};

/// Where the cluster of the quickstart keeps what all of its brokers share.
const SHARED: &str = "my-cluster-kafka";
const STATEFUL_SET: &str = "my-cluster-default";
const POD: &str = "my-cluster-default-0";

fn patch(kube: &Kube, namespace: &str, what: &str, change: &Value) {
    let change = change.to_string();
    kube.kubectl(&["patch", what, "--namespace", namespace, "--type=merge", "--patch", &change]);
}

fn annotate(kube: &Kube, namespace: &str, what: &str, annotation: &str) {
    kube.kubectl(&["annotate", what, annotation, "--overwrite", "--namespace", namespace]);
}

fn topic(name: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: klamm.dev/v1alpha1, kind: KafkaTopic, \
         metadata: {{name: {name}, labels: {{klamm.dev/cluster: {CLUSTER}}}}}, spec: {spec}}}"
    )
}

/// Waits until the object's condition `Ready` speaks of its current spec and is `status`; gives its message.
fn ready_says(kube: &Kube, namespace: &str, kind: &str, name: &str, status: &str) -> String {
    let found = kube.watch_one(namespace, kind, name, 60, |change| {
        condition(&change.object, "Ready").is_some_and(|ready| {
            ready["status"] == status
                && ready["observedGeneration"] == change.object["metadata"]["generation"]
        })
    });
    condition(&found, "Ready").expect("a condition")["message"].as_str().unwrap_or_default().to_owned()
}

fn uid(kube: &Kube, namespace: &str, what: &str) -> Value {
    kube.get(namespace, what)["metadata"]["uid"].clone()
}

#[test]
fn a_cluster_is_made_of_what_the_manifest_promises() {
    let kube = operator();
    let namespace = Namespace::new(kube, "made");
    let at = namespace.name();
    quickstart(kube, at);

    the_objects_are_made(kube, at);
    let container = the_pod_is_confined(kube, at);
    the_status_tells_what_is_in_force(kube, at, &container);

    let listed = kube.kubectl(&[
        "exec",
        POD,
        "--namespace",
        at,
        "--",
        "kafka-topics.sh",
        "--bootstrap-server",
        "localhost:9092",
        "--list",
    ]);
    assert_eq!(listed.trim(), TOPIC, "the names that people know work in the pod");
}

fn the_objects_are_made(kube: &Kube, at: &str) {
    let set = kube.get(at, &format!("statefulset/{STATEFUL_SET}"));
    assert_eq!(set["spec"]["updateStrategy"]["type"], "OnDelete");
    assert_eq!(set["spec"]["podManagementPolicy"], "Parallel");
    assert_eq!(set["spec"]["ordinals"]["start"], 0);
    let headless = kube.get(at, "service/my-cluster-kafka-brokers");
    assert_eq!(
        (&headless["spec"]["clusterIP"], &headless["spec"]["publishNotReadyAddresses"]),
        (&json!("None"), &json!(true))
    );
    let budget = kube.watch_one(at, "poddisruptionbudgets", SHARED, 30, |change| {
        change.object["status"]["currentHealthy"] == 1
    });
    assert_eq!(
        (&budget["spec"]["maxUnavailable"], &budget["status"]["disruptionsAllowed"]),
        (&json!(1), &json!(1))
    );
    let policy = kube.get(at, &format!("networkpolicy/{SHARED}"));
    let open = |port: i64| {
        let rules = policy["spec"]["ingress"].as_array().expect("rules");
        let rule = rules.iter().find(|rule| rule["ports"][0]["port"] == port).expect("a rule for the port");
        rule["from"].is_null()
    };
    assert_eq!([9090, 9091, 9092, 9644].map(open), [false, false, true, true], "{policy:#}");
}

/// Gives the broker's container.
fn the_pod_is_confined(kube: &Kube, at: &str) -> Value {
    let pod = kube.get(at, &format!("pod/{POD}"));
    let container = &pod["spec"]["containers"][0];
    assert_eq!(pod["spec"]["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["spec"]["automountServiceAccountToken"], false);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert_eq!(container["securityContext"]["capabilities"]["drop"], json!(["ALL"]));
    assert_eq!(container["readinessProbe"]["httpGet"]["path"], "/readyz");
    assert_eq!(container["livenessProbe"]["httpGet"]["path"], "/healthz");
    container.clone()
}

fn the_status_tells_what_is_in_force(kube: &Kube, at: &str, container: &Value) {
    // Readiness comes first; what brokers say is known when one of them could be asked, in the same look or in a later one.
    let cluster = kube.watch_one(at, "kafkaclusters", CLUSTER, 30, |change| {
        is_current(&change.object, "Quiesced") && change.object["status"]["openFilesMin"].is_i64()
    });
    let derived = &cluster["status"]["resources"][0];
    assert_eq!(
        container["resources"]["requests"], derived["requests"],
        "the figures that are shown are in force"
    );
    assert_eq!(container["resources"]["limits"], derived["limits"]);
    assert!(derived["because"].as_array().is_some_and(|steps| !steps.is_empty()), "{derived:#}");
    assert_eq!(
        cluster["spec"]["version"],
        Value::Null,
        "the release is kept where the user's wishes are not"
    );
    assert!(cluster["status"]["version"].is_string());
    let conditions = cluster["status"]["conditions"].as_array().expect("conditions");
    let warns = |of: &str| conditions.iter().any(|found| found["type"] == "Warning" && found["reason"] == of);
    assert!(warns("StorageClass"), "the class of this Kubernetes does not say xfs: {conditions:#?}");
    assert!(
        cluster["status"]["openFilesMin"].as_i64().is_some_and(|granted| granted >= 1024),
        "{:#}",
        cluster["status"]
    );
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    assert!(told.iter().any(|event| event.starts_with("Ready: ")), "{told:?}");
    assert!(kube.get(at, &format!("kafkatopic/{TOPIC}"))["status"]["topicId"].is_string());
}

#[test]
fn a_change_that_makes_no_sense_leaves_a_running_cluster_as_it_is() {
    let kube = operator();
    let namespace = Namespace::new(kube, "sense");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    let (pod, object) = (uid(kube, at, &format!("pod/{POD}")), format!("kafkacluster/{CLUSTER}"));

    patch(kube, at, &object, &json!({"spec": {"kafka": {"config": {"log.retention.hours": "soon"}}}}));
    let why = ready_says(kube, at, "kafkaclusters", CLUSTER, "False");
    assert!(why.contains("log.retention.hours"), "the reason names the field: {why}");
    assert_eq!(client.produce(TOPIC, 100, 100).records, 100, "it serves on");
    kube.apply(at, &topic("later", "{partitions: 1}")).expect("a right manifest");
    assert_eq!(ready_says(kube, at, "kafkatopics", "later", "True"), "", "and its topics are looked after");

    patch(kube, at, &object, &json!({"spec": {"kafka": {"config": null}}}));
    ready_says(kube, at, "kafkaclusters", CLUSTER, "True");
    assert_eq!(uid(kube, at, &format!("pod/{POD}")), pod, "nothing was restarted");
}

#[test]
fn what_is_changed_behind_the_operators_back_is_put_right() {
    let kube = operator();
    let namespace = Namespace::new(kube, "drift");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));

    let service = "my-cluster-kafka-bootstrap";
    let before = uid(kube, at, &format!("service/{service}"));
    kube.kubectl(&["delete", "service", service, "--namespace", at]);
    kube.watch_one(at, "services", service, 30, |change| change.object["metadata"]["uid"] != before);

    patch(
        kube,
        at,
        &format!("kafkatopic/{TOPIC}"),
        &json!({"spec": {"config": {"retention.ms": 7_200_000}}}),
    );
    ready_says(kube, at, "kafkatopics", TOPIC, "True");
    client.must(&["topic", "alter", TOPIC, "--config", "retention.ms=1000", "--config", "segment.ms=60000"]);
    let is_put_right = || {
        let config = client.describe(TOPIC).expect("the topic is there")["config"].clone();
        config == json!({"retention.ms": "7200000"})
    };
    // Each question is a pod, which takes longer than the operator's next look.
    assert!((0..20).any(|_| is_put_right()), "{:#}", client.describe(TOPIC).expect("the topic is there"));
}

#[test]
fn a_topic_that_was_there_is_adopted_and_stays_when_its_policy_says_so() {
    let kube = operator();
    let namespace = Namespace::new(kube, "adopt");
    let at = namespace.name();
    quickstart(kube, at);
    let client = Client::new(kube, at, CLUSTER, image(kube));
    client.must(&["topic", "create", "theirs", "--partitions", "2"]);
    let written = client.produce("theirs", 100, 100);

    kube.apply(at, &topic("theirs", "{partitions: 4, deletionPolicy: Retain}")).expect("a right manifest");
    ready_says(kube, at, "kafkatopics", "theirs", "True");
    let described = client.describe("theirs").expect("the topic is there");
    assert_eq!(described["partitions"].as_array().map(Vec::len), Some(4));
    assert_eq!(kube.get(at, "kafkatopic/theirs")["status"]["topicId"], described["topicId"]);
    kube.kubectl(&["delete", "kafkatopic", "theirs", "--namespace", at, "--timeout=30s"]);
    assert_eq!(client.consume("theirs", 100), written, "the resource is gone, the records are not");
}

#[test]
fn a_paused_cluster_is_left_alone_until_it_is_not() {
    let kube = operator();
    let namespace = Namespace::new(kube, "paused");
    let at = namespace.name();
    quickstart(kube, at);
    let object = format!("kafkacluster/{CLUSTER}");
    annotate(kube, at, &object, "klamm.dev/pause-reconciliation=true");
    kube.watch_one(at, "kafkaclusters", CLUSTER, 30, |change| {
        condition_is_true(&change.object, "ReconciliationPaused")
    });
    patch(kube, at, &object, &json!({"spec": {"kafka": {"config": {"num.partitions": 5}}}}));
    let generation = kube.get(at, &object)["metadata"]["generation"].clone();
    kube.watch_one(at, "kafkaclusters", CLUSTER, 30, |change| {
        change.object["status"]["observedGeneration"] == generation
    });
    let map = kube.get(at, &format!("configmap/{STATEFUL_SET}"))["data"].to_string();
    assert!(!map.contains("num.partitions=5"), "{map}");

    let before = uid(kube, at, &format!("pod/{POD}"));
    annotate(kube, at, &object, "klamm.dev/pause-reconciliation-");
    ready_says(kube, at, "kafkaclusters", CLUSTER, "True");
    let map = kube.get(at, &format!("configmap/{STATEFUL_SET}"))["data"].to_string();
    assert!(map.contains("num.partitions=5"), "{map}");
    assert_ne!(uid(kube, at, &format!("pod/{POD}")), before, "what only a start reads was read by one");
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    assert!(told.iter().any(|event| event.starts_with("PodRestart: ")), "a restart has its reason: {told:?}");
}

#[test]
fn a_cluster_goes_with_all_that_was_made_for_it() {
    let kube = operator();
    let namespace = Namespace::new(kube, "goes");
    let at = namespace.name();
    quickstart(kube, at);
    kube.kubectl(&["delete", "kafkacluster", CLUSTER, "--namespace", at, "--timeout=60s"]);
    let kinds =
        "statefulsets,pods,persistentvolumeclaims,services,configmaps,poddisruptionbudgets,networkpolicies";
    let selector = format!("klamm.dev/cluster={CLUSTER}");
    kube.kubectl(&[
        "wait",
        kinds,
        "--for=delete",
        "--selector",
        &selector,
        "--namespace",
        at,
        "--timeout=90s",
    ]);
    // Nobody can be asked to delete the topic any more, and nobody need.
    annotate(kube, at, &format!("kafkatopic/{TOPIC}"), "klamm.dev/pause-reconciliation=true");
    kube.kubectl(&["delete", "kafkatopic", TOPIC, "--namespace", at, "--timeout=30s"]);
    assert!(brokers(kube, at).is_empty());
}

#[test]
fn another_replica_takes_over_from_the_one_that_works() {
    let kube = operator();
    let namespace = Namespace::new(kube, "takeover");
    let at = namespace.name();
    quickstart(kube, at);
    let scale = |replicas: &str| {
        kube.kubectl(&[
            "scale",
            "deployment/klamm-operator",
            "--replicas",
            replicas,
            "--namespace",
            OPERATOR_NAMESPACE,
        ]);
        kube.kubectl(&[
            "rollout",
            "status",
            "deployment/klamm-operator",
            "--namespace",
            OPERATOR_NAMESPACE,
            "--timeout=60s",
        ]);
    };
    scale("2");
    let holder = |lease: &Value| lease["spec"]["holderIdentity"].as_str().unwrap_or_default().to_owned();
    let first = holder(&kube.get(OPERATOR_NAMESPACE, "lease/klamm-operator"));
    // With no time to give the Lease away: it has to run out.
    kube.kubectl(&[
        "delete",
        "pod",
        &first,
        "--namespace",
        OPERATOR_NAMESPACE,
        "--grace-period=0",
        "--force",
    ]);
    kube.watch_one(OPERATOR_NAMESPACE, "leases", "klamm-operator", 60, |change| {
        let second = holder(&change.object);
        !second.is_empty() && second != first
    });
    kube.apply(at, &topic("after", "{partitions: 1}")).expect("a right manifest");
    ready_says(kube, at, "kafkatopics", "after", "True");
    scale("1");
}
