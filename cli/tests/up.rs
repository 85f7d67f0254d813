//! `klamm up`: a manifest becomes a broker with topics, a change of the file is followed, the end is clean.
#![allow(clippy::unwrap_used, reason = "a test ends where it finds something else")]

#[path = "support/process.rs"]
mod process;

use std::{collections::BTreeSet, path::Path};

use process::{Up, klamm};
use rustix::process::Signal;

const MANIFEST: &str = include_str!("../../examples/quickstart.yaml");

/// Runs what `cluster.yaml` of `folder` says.
fn start(folder: &Path) -> Up {
    let (file, data) = (folder.join("cluster.yaml"), folder.join("data"));
    Up::spawn(klamm().arg("up").arg("--file").arg(file).arg("--data").arg(data))
}

fn partitions(bootstrap: &str, topic: &str) -> usize {
    let output =
        klamm().args(["topic", "describe", topic, "-o", "json", "--bootstrap", bootstrap]).output().unwrap();
    let described: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    described[0]["partitions"].as_array().unwrap().len()
}

#[test]
fn a_manifest_is_run_and_followed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cluster.yaml");
    std::fs::write(&file, MANIFEST).unwrap();
    let mut up = start(folder.path());
    let bootstrap = up.until("bootstrap:");
    up.until("topic my-topic: created with 3 partitions");
    assert_eq!(partitions(&bootstrap, "my-topic"), 3);

    std::fs::write(&file, MANIFEST.replace("partitions: 3", "partitions: 10")).unwrap();
    up.until("topic my-topic: grown to 10 partitions");
    assert_eq!(partitions(&bootstrap, "my-topic"), 10);
    // What cannot be is said, and what makes no sense changes nothing.
    std::fs::write(&file, MANIFEST.replace("partitions: 3", "partitions: 2")).unwrap();
    up.until("topic my-topic: refused: NotSupported: spec.partitions is 2");
    assert_eq!(partitions(&bootstrap, "my-topic"), 10);

    up.signal(Signal::TERM);
    up.until("stopped; the data stays in");
    let end = up.end();
    assert_eq!(end, (Some(0), String::new()));

    // The same cluster is there at the next start.
    std::fs::write(&file, MANIFEST.replace("partitions: 3", "partitions: 10")).unwrap();
    let mut up = start(folder.path());
    let bootstrap = up.until("bootstrap:");
    up.until("topic my-topic: is as it should be");
    assert_eq!(partitions(&bootstrap, "my-topic"), 10);
    up.signal(Signal::INT);
    assert_eq!(up.end().0, Some(0));
}

#[test]
fn those_who_start_at_once_take_different_ports() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let start = |folder: &tempfile::TempDir| {
        std::fs::write(folder.path().join("cluster.yaml"), MANIFEST).unwrap();
        start(folder.path())
    };
    let mut all: Vec<_> = folders.iter().map(start).collect();
    let addresses: Vec<_> = all.iter_mut().map(|up| up.until("bootstrap:")).collect();
    assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), all.len());
    for (up, address) in all.iter_mut().zip(&addresses) {
        up.until("topic my-topic: created");
        assert_eq!(partitions(address, "my-topic"), 3);
        up.signal(Signal::TERM);
    }
    assert!(all.into_iter().all(|up| up.end().0 == Some(0)));
}

#[test]
fn what_one_node_cannot_be_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let pool = "---\napiVersion: klamm.dev/v1alpha1\nkind: KafkaNodePool\nmetadata:\n  name: p\n  labels:\n    \
                klamm.dev/cluster: my-cluster\nspec:\n  replicas: 3\n  roles: [controller, broker]\n  storage:\n    \
                type: persistent-claim\n    size: 1Gi\n";
    std::fs::write(folder.path().join("cluster.yaml"), format!("{MANIFEST}{pool}")).unwrap();
    let (code, said) = start(folder.path()).end();
    assert_eq!(code, Some(1));
    assert!(said.contains("spec.replicas") && said.contains("3 nodes"), "{said}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn a_broker_that_dies_is_reported_with_its_last_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cluster.yaml"), MANIFEST).unwrap();
    let directory = folder.path().join("data/my-cluster/data");
    std::fs::create_dir_all(&directory).unwrap();
    let identity = "version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAQ\nnode.id=7\n";
    std::fs::write(directory.join("meta.properties"), identity).unwrap();
    let (code, said) = start(folder.path()).end();
    assert_eq!(code, Some(1));
    assert!(said.contains("the broker ended") && said.contains("belongs to the node 7"), "{said}");
    assert_eq!(std::fs::read_to_string(directory.join("meta.properties")).unwrap(), identity);
}

#[test]
fn the_broker_drains_when_its_parent_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("cluster.yaml"), MANIFEST).unwrap();
    let mut up = start(folder.path());
    up.until("Ctrl-C stops it");
    drop(up);
    let mark = folder.path().join("data/my-cluster/data/.kafka_cleanshutdown");
    for _ in 0..1500 {
        if mark.exists() {
            return;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    panic!("it did not stop cleanly");
}
