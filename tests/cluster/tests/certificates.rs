//! Certificates of a real cluster: nodes speak TLS with each other, and its authority is renewed and replaced under load,
//! without a restart and without a delivery that fails.

use serde_json::{Value, json};
use tests_cluster::install::operator;
use tests_cluster::kube::{Kube, repository};
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::trust::Trust;
use tests_cluster::zoned::{CLUSTER, PARTITIONS, TOPIC, bootstrap, uids, wait_ready};

const PUBLIC: &str = "zoned-cluster-ca-cert";
const PRIVATE: &str = "zoned-cluster-ca";

/// The example's cluster with a listener that encrypts beside the plain one.
fn encrypted(kube: &Kube, at: &str) {
    let text = std::fs::read_to_string(repository().join("examples/cluster.yaml")).expect("an example");
    let listener = |name: &str, port: u16, tls: bool| {
        format!("    - {{name: {name}, port: {port}, type: internal, tls: {tls}}}\n")
    };
    let listeners = format!("{}{}", listener("plain", 9092, false), listener("tls", 9093, true));
    let text = text.replacen("  kafka:\n", &format!("  kafka:\n    listeners:\n{listeners}"), 1);
    kube.apply(at, &text).expect("a right manifest");
    wait_ready(kube, at);
}

fn ask(kube: &Kube, at: &str, secret: &str, annotation: &str) {
    let annotation = format!("{annotation}=true");
    kube.kubectl(&["annotate", "secret", secret, &annotation, "--namespace", at]);
}

fn entry(kube: &Kube, at: &str, secret: &str, entry: &str) -> Value {
    kube.get(at, &format!("secret/{secret}"))["data"][entry].clone()
}

/// Waits until the replacement of the cluster's key is in this phase.
fn wait_for_phase(kube: &Kube, at: &str, phase: &Value) {
    kube.watch_one(at, "kafkaclusters", CLUSTER, 400, |change| {
        change.object["status"]["certificateAuthorities"][0]["replacement"] == *phase
    });
}

#[test]
fn an_authority_is_renewed_and_replaced_under_load_without_a_restart() {
    let kube = operator();
    let namespace = Namespace::new(kube, "certificates");
    let at = namespace.name();
    encrypted(kube, at);
    let listeners = kube.get(at, &format!("kafkacluster/{CLUSTER}"))["status"]["listeners"].clone();
    assert!(listeners[0]["certificates"].is_null(), "{listeners:#}");
    let shown = listeners[1]["certificates"][0].as_str().expect("a certificate");
    assert!(shown.starts_with("-----BEGIN CERTIFICATE-----"), "{shown}");

    let trust = Trust::follow(kube, at, PUBLIC);
    let properties = trust.properties().display().to_string();
    let secure = bootstrap(at).replace(":9092", ":9093");
    let program = env!("CARGO_BIN_EXE_load");
    let mut load = Load::start_secure(kube, program, &secure, (TOPIC, PARTITIONS), &properties);
    let before = uids(kube, at);

    let (key, certificate) = (entry(kube, at, PRIVATE, "ca.key"), entry(kube, at, PUBLIC, "ca.crt"));
    ask(kube, at, PUBLIC, "klamm.dev/force-renew");
    kube.watch_one(at, "secrets", PUBLIC, 60, |change| {
        change.object["data"]["ca.crt"] != certificate
            && change.object["metadata"]["annotations"]["klamm.dev/force-renew"].is_null()
    });
    assert_eq!(entry(kube, at, PRIVATE, "ca.key"), key, "renewed with its key");
    load.more(500);

    ask(kube, at, PRIVATE, "klamm.dev/force-replace");
    wait_for_phase(kube, at, &json!("Trusting"));
    load.more(20);
    wait_for_phase(kube, at, &json!("ChangingOver"));
    assert_ne!(entry(kube, at, PRIVATE, "ca.key"), key, "the new key issues");
    load.more(20);
    wait_for_phase(kube, at, &Value::Null);
    wait_ready(kube, at);
    assert!(entry(kube, at, PRIVATE, "previous.crt").is_null());
    // Connections are made anew all the time: those of now believe the new key alone.
    load.more(500);
    load.end_without_loss();
    assert_eq!(uids(kube, at), before, "nothing was restarted");
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    for step in
        ["AuthorityRenewed: ", "KeyReplacementBegins: ", "KeyReplacementIssues: ", "KeyReplacementEnds: "]
    {
        assert!(told.iter().any(|event| event.starts_with(step)), "{step}{told:?}");
    }
    assert!(told.iter().all(|event| !event.starts_with("PodRestart: ")), "{told:?}");
}
