//! Clusters, topics and users in numbers: what the operator costs. Few in the suite, so that it works; with `KLAMM_SCALE=1`
//! (`tests/run scale`) as many as a large team has.

use serde_json::Value;
use tests_cluster::beside::Beside;
use tests_cluster::install::{operator, operator_user};
use tests_cluster::namespace::Namespace;

/// What the operator is held to.
const MEMORY_MB: f64 = 64.0;
const REST_PERCENT: f64 = 1.0;
const CPU_MS: f64 = 2.0;
const CHANGE_MS: f64 = 1000.0;

/// How many there are of each.
struct Size {
    clusters: usize,
    topics: usize,
    users: usize,
    /// Seconds of changes, and of rest.
    seconds: u32,
}

const SMALL: Size = Size { clusters: 2, topics: 60, users: 30, seconds: 12 };
const LARGE: Size = Size { clusters: 10, topics: 5000, users: 2000, seconds: 60 };

/// A cluster of one node that asks for little.
fn cluster(number: usize) -> String {
    format!(
        "---\n\
         {{apiVersion: klamm.dev/v1alpha1, kind: KafkaCluster, metadata: {{name: c{number}}}, spec: {{\
         storage: {{type: ephemeral}}, \
         kafka: {{authorization: {{type: simple, superUsers: [ANONYMOUS]}}, listeners: [\
         {{name: scram, port: 9094, type: internal, tls: false, authentication: {{type: scram-sha-512}}}}]}}}}}}\n"
    )
}

#[test]
fn many_topics_and_users_are_kept_for_little() {
    let size = if std::env::var_os("KLAMM_SCALE").is_some() { LARGE } else { SMALL };
    let kube = operator();
    let namespace = Namespace::new(kube, "scale");
    let at = namespace.name();
    kube.apply(at, &(0..size.clusters).map(cluster).collect::<String>()).expect("right manifests");
    kube.kubectl(&[
        "wait",
        "kafkaclusters",
        "--all",
        "--for=condition=Ready",
        "--namespace",
        at,
        "--timeout=300s",
    ]);
    let numbers = [size.clusters, size.topics, size.users].map(|number| number.to_string());
    let program = [env!("CARGO_BIN_EXE_scale"), at, &numbers[0], &numbers[1], &numbers[2]];
    let mut scale = Beside::start(kube, &program);
    let mut tell = |line: &str| -> Value {
        let told = scale.ask(line);
        eprintln!("scale, {line}: {told}");
        told
    };
    let made = tell("topics");
    tell("users");
    // Half of what it bears.
    let rate = (made["ready_per_second"].as_f64().expect("a rate") / 2.0).clamp(1.0, 150.0);
    let changed = tell(&format!("change {} {rate:.0}", size.seconds));
    let (user, mark) = (operator_user(kube), kube.audit_mark());
    let rested = tell(&format!("rest {}", size.seconds));
    let changes = kube.changes_since(mark, &user, at);
    assert!(changes.is_empty(), "all is as it should be: {changes:#?}");
    judge("MB of memory", &rested["rss_mb"], MEMORY_MB);
    judge("% of a core at rest", &rested["cpu_percent"], REST_PERCENT);
    judge("ms of CPU for a topic", &made["cpu_ms_each"], CPU_MS);
    judge("ms until a change is told, p99", &changed["p99_ms"], CHANGE_MS);
}

/// Says whether a goal is met. It is one for the many alone, on a machine that does nothing else.
fn judge(what: &str, figure: &Value, goal: f64) {
    let figure = figure.as_f64().expect("a figure");
    let verdict = if figure <= goal { "met" } else { "MISSED" };
    eprintln!("scale: {figure:.1} {what}, goal {goal}: {verdict}");
}
