//! Certificates of a real cluster: nodes speak TLS with each other, and its authority is renewed and replaced under load,
//! without a restart and without a delivery that fails. At the same time another one has authorities of cert-manager's, whose keys
//! are replaced.

use serde_json::{Value, json};
use std::{path::Path, thread::scope};

use tests_cluster::company::Company;
use tests_cluster::install::operator;
use tests_cluster::kube::{Kube, repository};
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::trio::{mutual, trio, user};
use tests_cluster::trust::Trust;
use tests_cluster::zoned::{CLUSTER, PARTITIONS, TOPIC, bootstrap, uids, wait_ready};

const PUBLIC: &str = "zoned-cluster-ca-cert";
const PRIVATE: &str = "zoned-cluster-ca";
const PRIVATE_OF_CLIENTS: &str = "zoned-clients-ca";
/// A user that shows a certificate, and a topic of its own.
const WRITER: &str = "{apiVersion: klamm.dev/v1alpha1, kind: KafkaUser, metadata: {name: writer, labels: {klamm.dev/cluster: zoned}}, \
                      spec: {authentication: {type: tls}}}\n---\n\
                      {apiVersion: klamm.dev/v1alpha1, kind: KafkaTopic, metadata: {name: written, labels: {klamm.dev/cluster: zoned}}, \
                      spec: {partitions: 6, replicas: 3}}\n";

/// The example's cluster with a listener that encrypts beside the plain one.
fn encrypted(kube: &Kube, at: &str) {
    let text = std::fs::read_to_string(repository().join("examples/cluster.yaml")).expect("an example");
    let listener = |name: &str, port: u16, tls: bool| {
        format!("    - {{name: {name}, port: {port}, type: internal, tls: {tls}}}\n")
    };
    let mutual = "    - {name: mutual, port: 9094, type: internal, tls: true, authentication: {type: tls}}\n";
    let listeners = format!("{}{}{mutual}", listener("plain", 9092, false), listener("tls", 9093, true));
    let clients = "  clientsCa: {overlapSeconds: 120}\n";
    let text = text.replacen("  kafka:\n", &format!("{clients}  kafka:\n    listeners:\n{listeners}"), 1);
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

/// Waits until the replacement of an authority's key is in this phase; the first is that of nodes.
fn wait_for_phase(kube: &Kube, at: &str, authority: usize, phase: &Value) {
    kube.watch_one(at, "kafkaclusters", CLUSTER, 400, |change| {
        change.object["status"]["certificateAuthorities"][authority]["replacement"] == *phase
    });
}

/// The key of the users' authority is replaced while a user writes, which shows its certificate: it gets another one, and
/// when it had time to take that up, the former key is trusted no more.
fn users_change_over(kube: &'static Kube, at: &str) {
    kube.apply(at, WRITER).expect("right manifests");
    for made in ["kafkauser/writer", "kafkatopic/written"] {
        kube.wait(at, made, "condition=Ready", 60);
    }
    let shows = Trust::follow_user(kube, at, PUBLIC, "writer");
    let properties = shows.properties().display().to_string();
    let mutual = bootstrap(at).replace(":9092", ":9094");
    let program = env!("CARGO_BIN_EXE_load");
    let mut load = Load::start_secure(kube, program, &mutual, ("written", PARTITIONS), &properties);
    let (key, certificate) =
        (entry(kube, at, PRIVATE_OF_CLIENTS, "ca.key"), entry(kube, at, "writer", "user.crt"));
    ask(kube, at, PRIVATE_OF_CLIENTS, "klamm.dev/force-replace");
    wait_for_phase(kube, at, 1, &json!("Trusting"));
    wait_for_phase(kube, at, 1, &Value::Null);
    assert_ne!(entry(kube, at, PRIVATE_OF_CLIENTS, "ca.key"), key, "the new key issues");
    kube.watch_one(at, "secrets", "writer", 60, |change| change.object["data"]["user.crt"] != certificate);
    assert!(!entry(kube, at, PRIVATE_OF_CLIENTS, "previous.crt").is_null(), "the former one is trusted on");
    load.more(20);
    kube.watch_one(at, "secrets", PRIVATE_OF_CLIENTS, 400, |change| {
        change.object["data"]["previous.crt"].is_null()
    });
    wait_ready(kube, at);
    load.more(500);
    load.end_without_loss();
}

/// Trust takes its time, and costs nothing meanwhile: both have theirs at once.
#[test]
fn authorities_are_replaced_under_load_without_a_restart() {
    let kube = operator();
    scope(|stories| {
        let given = stories.spawn(|| keys_of_cert_manager_are_changed_over_to(kube));
        an_authority_is_renewed_and_replaced(kube);
        given.join().expect("the other story ends well too");
    });
}

/// Both authorities of the other cluster.
const GIVEN: &str = "  clusterCa: {generateCertificateAuthority: false, secretName: nodes-ca}\n  \
                     clientsCa: {generateCertificateAuthority: false, secretName: users-ca, overlapSeconds: 120}\n";

/// What kcat, which believes only a root (OpenSSL), reads of the topic: one record; an error: what it said.
fn kcat(kube: &Kube, at: &str, port: u16, ca: &Path, shows: &Path) -> Result<String, String> {
    let brokers = bootstrap(at).replace(":9092", &format!(":{port}"));
    let set = |key: &str, path: &Path| format!("{key}={}", path.display());
    let (ca, certificate, key) =
        (set("ssl.ca.location", ca), set("ssl.certificate.location", shows), set("ssl.key.location", shows));
    let mut command = kube.command(&[
        "exec",
        "timeout",
        "30",
        "kcat",
        "-b",
        &brokers,
        "-X",
        "security.protocol=ssl",
        "-X",
        &ca,
        "-X",
        &certificate,
        "-X",
        &key,
        "-m",
        "10",
        "-C",
        "-t",
        TOPIC,
        "-o",
        "beginning",
        "-c",
        "1",
        "-e",
    ]);
    // Cargo's own has the library that our tests are linked with, which is built without OpenSSL.
    let output = command.env_remove("LD_LIBRARY_PATH").output().expect("kcat starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Authorities that are between a company's root and nodes and users: foreign clients believe them by the root, somebody else
/// of the company is nobody, and new keys of both are changed over to under load.
fn keys_of_cert_manager_are_changed_over_to(kube: &'static Kube) {
    let namespace = Namespace::new(kube, "given");
    let at = namespace.name();
    let company = Company::default();
    for secret in ["nodes-ca", "users-ca"] {
        company.write(kube, at, secret);
    }
    trio(kube, at, GIVEN);
    user(kube, at, "writer", "");
    let shows = Trust::follow_user(kube, at, PUBLIC, "writer");
    let properties = shows.properties();
    let files = properties.parent().expect("a folder");
    let (ca, own) = (files.join("ca.crt"), files.join("user.pem"));
    let program = env!("CARGO_BIN_EXE_load");
    let load = (TOPIC, PARTITIONS);
    let mut load = Load::start_secure(kube, program, &mutual(at), load, &properties.display().to_string());
    let before = uids(kube, at);
    kcat(kube, at, 9094, &ca, &own).expect("kcat believes the nodes, and they its user");
    let stranger = files.join("stranger.pem");
    std::fs::write(&stranger, company.stranger("writer")).expect("a file");
    let said =
        kcat(kube, at, 9094, &ca, &stranger).expect_err("who is not of the users' authority is nobody");
    assert!(said.contains("SSL") || said.contains("ssl") || said.contains("isconnect"), "{said}");

    let keys = [PRIVATE, PRIVATE_OF_CLIENTS].map(|secret| entry(kube, at, secret, "ca.key"));
    for secret in ["nodes-ca", "users-ca"] {
        company.write(kube, at, secret);
    }
    wait_for_phase(kube, at, 0, &json!("Trusting"));
    load.more(20);
    wait_for_phase(kube, at, 0, &json!("ChangingOver"));
    load.more(20);
    wait_for_phase(kube, at, 0, &Value::Null);
    kube.watch_one(at, "secrets", PRIVATE_OF_CLIENTS, 400, |change| {
        change.object["data"]["previous.crt"].is_null() && change.object["data"]["next.crt"].is_null()
    });
    wait_ready(kube, at);
    let after = [PRIVATE, PRIVATE_OF_CLIENTS].map(|secret| entry(kube, at, secret, "ca.key"));
    assert!(keys.iter().all(|key| !after.contains(key)), "other keys issue");
    // What was taken over is enough: whoever kept it may be gone.
    kube.kubectl(&["delete", "secret", "nodes-ca", "--namespace", at]);
    kube.watch_one(at, "kafkaclusters", CLUSTER, 60, |change| {
        let conditions = change.object["status"]["conditions"].as_array();
        conditions.is_some_and(|all| all.iter().any(|one| one["reason"] == "CertificateAuthority"))
    });
    kcat(kube, at, 9094, &ca, &own).expect("kcat believes the new keys");
    load.more(500);
    load.end_without_loss();
    assert_eq!(uids(kube, at), before, "nothing was restarted");
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    assert!(told.iter().any(|event| event.starts_with("AuthorityTaken: ")), "{told:?}");
    assert!(told.iter().all(|event| !event.starts_with("PodRestart: ")), "{told:?}");
}

fn an_authority_is_renewed_and_replaced(kube: &'static Kube) {
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
    wait_for_phase(kube, at, 0, &json!("Trusting"));
    load.more(20);
    wait_for_phase(kube, at, 0, &json!("ChangingOver"));
    assert_ne!(entry(kube, at, PRIVATE, "ca.key"), key, "the new key issues");
    load.more(20);
    wait_for_phase(kube, at, 0, &Value::Null);
    wait_ready(kube, at);
    assert!(entry(kube, at, PRIVATE, "previous.crt").is_null());
    // Connections are made anew all the time: those of now believe the new key alone.
    load.more(500);
    load.end_without_loss();
    users_change_over(kube, at);
    assert_eq!(uids(kube, at), before, "nothing was restarted");
    let told = kube.events(at, "KafkaCluster", CLUSTER);
    for step in
        ["AuthorityRenewed: ", "KeyReplacementBegins: ", "KeyReplacementIssues: ", "KeyReplacementEnds: "]
    {
        assert!(told.iter().any(|event| event.starts_with(step)), "{step}{told:?}");
    }
    assert!(told.iter().all(|event| !event.starts_with("PodRestart: ")), "{told:?}");
}
