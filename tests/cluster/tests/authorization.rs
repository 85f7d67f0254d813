//! Authorization is turned on under load: the ACLs are there before anybody decides by them, the nodes restart one after the
//! other, and whoever may write notices nothing.

use serde_json::json;
use tests_cluster::client::Client;
use tests_cluster::install::{image, operator};
use tests_cluster::load::Load;
use tests_cluster::namespace::Namespace;
use tests_cluster::trio::{mutual, topic, trio, user};
use tests_cluster::trust::Trust;
use tests_cluster::watch::{Change, condition, is_current};
use tests_cluster::zoned::{CLUSTER, PARTITIONS, TOPIC, uids, wait_until_done};

/// What the writer may do: it reads back what it wrote.
const MAY_WRITE: &str = "  authorization:\n    type: simple\n    acls:\n    \
                         - {resource: {type: topic, name: orders}, operations: [Write, Read, Describe]}\n";

#[test]
fn authorization_is_turned_on_and_whoever_may_write_notices_nothing() {
    let kube = operator();
    let namespace = Namespace::new(kube, "authorization");
    let at = namespace.name();
    trio(kube, at, "");
    user(kube, at, "writer", MAY_WRITE);
    user(kube, at, "stranger", "");
    topic(kube, at, "payments");
    let writer = kube.get(at, "kafkauser/writer");
    assert_eq!(condition(&writer, "Warning").expect("a warning")["reason"], "AuthorizationDisabled");
    let stranger = Client::of_user(kube, at, "stranger", image(kube));
    stranger.must(&["produce", "--topic", "payments", "--generate", "1"]);

    let shows = Trust::follow_user(kube, at, "zoned-cluster-ca-cert", "writer");
    let properties = shows.properties().display().to_string();
    let program = env!("CARGO_BIN_EXE_load");
    let mut load = Load::start_secure(kube, program, &mutual(at), (TOPIC, PARTITIONS), &properties);
    let before = uids(kube, at);
    let change = json!({"spec": {"kafka": {"authorization": {"type": "simple"}}}}).to_string();
    let cluster = format!("kafkacluster/{CLUSTER}");
    kube.kubectl(&["patch", &cluster, "--namespace", at, "--type=merge", "--patch", &change]);
    wait_until_done(kube, at);
    load.more(100);
    let after = uids(kube, at);
    assert!(before.len() == 3 && before.iter().all(|uid| !after.contains(uid)), "all nodes were restarted");
    let denied = stranger.run(&["produce", "--topic", "payments", "--generate", "1"]);
    let why = denied.expect_err("it has no ACL").0;
    assert!(why.contains("AUTHORIZATION_FAILED"), "{why}");
    let is_quiet = |change: &Change| {
        is_current(&change.object, "Ready") && condition(&change.object, "Warning").is_none()
    };
    kube.watch_one(at, "kafkausers", "writer", 130, is_quiet);

    // And off again: everybody may, and the ACLs stay for the next time.
    let change = json!({"spec": {"kafka": {"authorization": null}}}).to_string();
    kube.kubectl(&["patch", &cluster, "--namespace", at, "--type=merge", "--patch", &change]);
    wait_until_done(kube, at);
    stranger.must(&["produce", "--topic", "payments", "--generate", "1"]);
    load.more(100);
    load.end_without_loss();
}
