//! Users as manifests: they come up with Secrets that clients use as they are, do what they may and nothing else, what others
//! change in Kafka is taken back, and a password is rotated by editing it. No broker restarts for any of it.

use serde_json::{Value, json};
use tests_cluster::client::Client;
use tests_cluster::install::{image, operator, operator_user};
use tests_cluster::kube::{Kube, Refused, repository};
use tests_cluster::namespace::Namespace;
use tests_cluster::watch::{condition, is_current};
use tests_tidy::markdown;

/// The cluster, topic and users of `examples/users.yaml`.
const CLUSTER: &str = "guarded";
const TOPIC: &str = "orders";
const RECORDS: u64 = 1000;

/// Somebody who may do everything, so that the test can look into Kafka and change it behind the operator's back.
const ROOT: &str = "---\n{apiVersion: klamm.dev/v1alpha1, kind: KafkaUser, metadata: {name: root, labels: {klamm.dev/cluster: guarded}}, \
                    spec: {authentication: {type: tls}}}\n";

fn guarded(kube: &Kube, at: &str) {
    let text = std::fs::read_to_string(repository().join("examples/users.yaml")).expect("an example");
    let with_root =
        text.replace("      type: simple\n---", "      type: simple\n      superUsers: [CN=root]\n---");
    assert_ne!(text, with_root);
    kube.apply(at, &(with_root + ROOT)).expect("right manifests");
    kube.wait(at, &format!("kafkacluster/{CLUSTER}"), "condition=Ready", 90);
    for user in ["shop", "billing", "root"] {
        kube.wait(at, &format!("kafkauser/{user}"), "condition=Ready", 30);
    }
    kube.wait(at, &format!("kafkatopic/{TOPIC}"), "condition=Ready", 30);
}

fn entry(kube: &Kube, at: &str, secret: &str, entry: &str) -> String {
    let template = format!("--output=go-template={{{{index .data {entry:?} | base64decode}}}}");
    kube.kubectl(&["get", "secret", secret, "--namespace", at, &template])
}

fn pod_uids(kube: &Kube, at: &str) -> Vec<Value> {
    let selector = format!("--selector=klamm.dev/cluster={CLUSTER}");
    let text = kube.kubectl(&["get", "pods", "--namespace", at, &selector, "--output", "json"]);
    let list: Value = serde_json::from_str(&text).expect("kubectl prints JSON");
    let pods = list["items"].as_array().cloned().unwrap_or_default();
    let restarts = |pod: &Value| pod["status"]["containerStatuses"][0]["restartCount"].clone();
    pods.iter().map(|pod| json!([pod["metadata"]["uid"], restarts(pod)])).collect()
}

/// What Kafka says to a user who asks for something.
fn refused(said: Result<String, Refused>, word: &str) {
    let Refused(why) = said.expect_err("it is refused");
    assert!(why.contains(word), "{why}");
}

#[test]
fn users_come_up_with_secrets_that_clients_use_as_they_are() {
    let kube = operator();
    let namespace = Namespace::new(kube, "users");
    let at = namespace.name();
    guarded(kube, at);
    let before = pod_uids(kube, at);
    assert_eq!(before.len(), 1);
    let shop = kube.get(at, "kafkauser/shop")["status"].clone();
    assert_eq!((&shop["username"], &shop["secret"]), (&json!("CN=shop"), &json!("shop")));

    // With nothing but the Secret of its user a client does what that may, and nothing else.
    let image = image(kube);
    let client = |user: &'static str| Client::of_user(kube, at, user, image);
    let (shop, billing, root) = (client("shop"), client("billing"), client("root"));
    let written = shop.produce(TOPIC, RECORDS, 100);
    assert_eq!(billing.consume(TOPIC, RECORDS), written);
    refused(shop.run(&["consume", "--topic", TOPIC, "--from-beginning", "--count", "1"]), "uthoriz");
    refused(billing.run(&["produce", "--topic", TOPIC, "--generate", "1"]), "uthoriz");

    as_shown(kube, at, image);
    taken_back(kube, at, &root);
    rotated(kube, at, &billing, written.records);
    gone(kube, at, &root);
    assert_eq!(pod_uids(kube, at), before, "nothing was restarted");
}

/// What the page on users shows works: its manifest is taken, and a pod that mounts the Secret runs its command.
fn as_shown(kube: &Kube, at: &str, image: &str) {
    let page = std::fs::read_to_string(repository().join("docs/users.md")).expect("a page");
    let blocks = markdown::blocks(&page);
    let shown = |word: &str| blocks.iter().find(|block| block.is(word)).expect("a block").text.clone();
    kube.apply(at, &shown("yaml")).expect("a right manifest");
    kube.watch_one(at, "kafkausers", "billing", 30, |change| is_current(&change.object, "Ready"));
    let command = shown("pod");
    let args: Vec<_> = command.split_whitespace().skip(1).collect();
    let said = Client::bare(kube, at, "billing", image).run(&args);
    assert_eq!(said.map(|text| text.lines().count()), Ok(10));
}

/// Others change an ACL, a quota and a Secret: it is as the manifests say again, and then nothing is written.
fn taken_back(kube: &Kube, at: &str, root: &Client<'_>) {
    let change = |verb: &str, who: &str| {
        root.must(&["acl", verb, "--principal", who, "--topic", TOPIC, "write"]);
    };
    change("remove", "User:CN=shop");
    change("add", "User:billing");
    root.must(&["quota", "set", "--user", "CN=shop", "producer_byte_rate=1", "request_percentage=2"]);
    // The operator looks at everything every ten seconds; a touch makes it look now.
    for user in ["shop", "billing"] {
        kube.kubectl(&["annotate", "kafkauser", user, "touched=1", "--namespace", at]);
    }
    let wanted = |acls: &str, quotas: &str| {
        let mut writers = acls.lines().filter(|line| line.to_lowercase().contains("write"));
        writers.next().is_some_and(|line| line.contains("CN=shop"))
            && writers.next().is_none()
            && quotas.contains("10485760")
            && !quotas.contains("request_percentage")
    };
    let mut last = (String::new(), String::new());
    let is_back = (0..20).any(|_| {
        last = (root.must(&["acl", "list"]), root.must(&["quota", "list"]));
        wanted(&last.0, &last.1)
    });
    assert!(is_back, "{last:?}");
    let (user, mark) = (operator_user(kube), kube.audit_mark());
    root.must(&["acl", "list"]);
    let changes = kube.changes_since(mark, &user, at);
    assert!(changes.is_empty(), "all is as it should be: {changes:#?}");
}

/// Whoever edits the password in the Secret rotates it.
fn rotated(kube: &Kube, at: &str, billing: &Client<'_>, records: u64) {
    let old = entry(kube, at, "billing", "password");
    let edit = json!({"stringData": {"password": "a new \"one\" with \\ and \u{e9}"}}).to_string();
    kube.kubectl(&["patch", "secret", "billing", "--namespace", at, "--type=merge", "--patch", &edit]);
    let is_noted = |change: &tests_cluster::watch::Change| {
        let jaas = change.object["data"]["sasl.jaas.config"].clone();
        !jaas.is_null() && entry(kube, at, "billing", "sasl.jaas.config").contains("a new")
    };
    kube.watch_one(at, "secrets", "billing", 60, is_noted);
    let properties = entry(kube, at, "billing", "client.properties");
    assert!(!properties.contains(&old) && properties.contains("a new"), "{properties}");
    assert_eq!(billing.consume(TOPIC, records).records, records, "the new password lets in");
    let logs = kube.kubectl(&[
        "logs",
        "--namespace",
        "klamm-system",
        "--selector=app.kubernetes.io/name=klamm-operator",
        "--tail=-1",
    ]);
    assert!(!logs.contains("a new \\\"one") && !logs.contains(&old), "no password is in the log");
}

/// A user that is deleted is nobody.
fn gone(kube: &Kube, at: &str, root: &Client<'_>) {
    kube.kubectl(&["delete", "kafkauser", "billing", "shop", "--namespace", at, "--timeout=30s"]);
    let acls = root.must(&["acl", "list"]);
    assert!(!acls.contains("billing") && !acls.contains("CN=shop"), "{acls}");
    assert!(!root.must(&["quota", "list"]).contains("shop"));
    assert!(!root.must(&["user", "list"]).contains("billing"));
    kube.kubectl(&["wait", "secret/billing", "--for=delete", "--namespace", at, "--timeout=60s"]);
}

#[test]
fn what_cannot_be_is_refused_by_its_reason() {
    let kube = operator();
    let namespace = Namespace::new(kube, "nobody");
    let at = namespace.name();
    let open = "{apiVersion: klamm.dev/v1alpha1, kind: KafkaCluster, metadata: {name: open}, spec: {storage: {type: ephemeral}}}\n";
    kube.apply(at, open).expect("a right manifest");
    kube.wait(at, "kafkacluster/open", "condition=Ready", 90);
    let user = |name: &str, spec: &str| {
        format!(
            "---\n{{apiVersion: klamm.dev/v1alpha1, kind: KafkaUser, metadata: {{name: {name}, labels: {{klamm.dev/cluster: open}}}}, \
             spec: {spec}}}\n"
        )
    };
    let long = "l".repeat(65);
    kube.kubectl(&["create", "secret", "generic", "taken", "--from-literal=a=b", "--namespace", at]);
    let password = "{type: scram-sha-512, password: {valueFrom: {secretKeyRef: {name: nowhere, key: p}}}}";
    for (name, spec, reason) in [
        (long.as_str(), "{authentication: {type: tls}}", "InvalidUserName"),
        ("taken", "{authentication: {type: scram-sha-512}}", "SecretConflict"),
        ("stated", &format!("{{authentication: {password}}}"), "PasswordMissing"),
    ] {
        kube.apply(at, &user(name, spec)).expect("the API server takes it");
        kube.watch_one(at, "kafkausers", name, 30, |change| {
            condition(&change.object, "Ready").is_some_and(|ready| ready["reason"] == reason)
        });
    }
    kube.apply(at, &user("lonely", "{authentication: {type: tls}}")).expect("right");
    let lonely = kube.watch_one(at, "kafkausers", "lonely", 30, |change| is_current(&change.object, "Ready"));
    assert_eq!(condition(&lonely, "Warning").expect("a warning")["reason"], "NoListener");
    kube.apply(at, &user("ruled", "{authorization: {type: simple}}")).expect("right");
    let ruled = kube.watch_one(at, "kafkausers", "ruled", 30, |change| is_current(&change.object, "Ready"));
    assert_eq!(condition(&ruled, "Warning").expect("a warning")["reason"], "AuthorizationDisabled");
    for spec in [
        "{authentication: {type: scram-sha-512, validityDays: 9, renewalDays: 1}}",
        "{authentication: {type: tls, validityDays: 9}}",
        "{authentication: {type: tls, validityDays: 9, renewalDays: 9}}",
        "{authorization: {type: simple, acls: [{resource: {type: topic}, operations: [Read]}]}}",
        "{authorization: {type: simple, acls: [{resource: {type: cluster, name: c}, operations: [Alter]}]}}",
    ] {
        assert!(kube.apply(at, &user("wrong", spec)).is_err(), "{spec}");
    }
    // A cluster in whose hands users were goes, and so do they.
    kube.kubectl(&["delete", "kafkacluster", "open", "--namespace", at, "--timeout=60s"]);
    kube.kubectl(&["delete", "namespace", at, "--timeout=90s"]);
}
