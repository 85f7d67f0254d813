//! Reassignment under a throttle (KIP-73), with Apache's own tool.

use std::time::Duration;

use anyhow::{Result, ensure};
use tests_compat::{Cluster, Kind, Program, Stopwatch, Tool};

use crate::text::lines;

const LIMIT: Duration = Duration::from_secs(60);
const RECORD_BYTES: usize = 1_000;
/// Bytes a second.
const RATE: usize = 1_000_000;
/// How long what is moved takes at that rate.
const SECONDS: usize = 6;

fn fill(cluster: &Cluster, topic: &str, bytes: usize) -> Result<()> {
    let line = |number: usize| format!("{number:0width$}\n", width = RECORD_BYTES);
    let words = ["-P", "-b", &cluster.bootstrap(), "-t", topic, "-X", "acks=all", "-X", "batch.size=100000"];
    let input: String = (0..bytes / RECORD_BYTES).map(line).collect();
    Program::new("kcat").args(words).input(input).stdout().map(drop)
}

/// Runs `kafka-reassign-partitions` for a plan that gives `topic` these replicas.
fn reassign(cluster: &Cluster, topic: &str, replicas: &[i32], words: &[&str]) -> Result<String> {
    let plan = serde_json::json!({
        "version": 1,
        "partitions": [{"topic": topic, "partition": 0, "replicas": replicas}],
    });
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), plan.to_string())?;
    let path = file.path().display().to_string();
    cluster.tool(Tool::ReassignPartitions, &[&["--reassignment-json-file", &path], words].concat())
}

/// What is set dynamically for all brokers one by one, and for a topic.
fn dynamic_values(cluster: &Cluster, topic: &str) -> Result<String> {
    let mut told = String::new();
    for (kind, names) in [("brokers", &["1", "2", "3"][..]), ("topics", &[topic])] {
        for name in names {
            let words = ["--describe", "--entity-type", kind, "--entity-name", name];
            told.push_str(&cluster.tool(Tool::Configs, &words)?);
        }
    }
    Ok(told)
}

#[test]
fn a_replica_is_moved_as_fast_as_it_may_and_verify_takes_the_throttle_away() -> Result<()> {
    let cluster = Cluster::start(&[Kind::under_test()?; 3])?;
    for (topic, assignment) in [("moved", "1"), ("steady", "1:2:3")] {
        cluster.tool(Tool::Topics, &["--create", "--topic", topic, "--replica-assignment", assignment])?;
    }
    fill(&cluster, "moved", RATE * SECONDS)?;
    let rate = RATE.to_string();
    let began = Stopwatch::start();
    let told = reassign(&cluster, "moved", &[2], &["--execute", "--throttle", &rate])?;
    ensure!(told.contains(&format!("The inter-broker throttle limit was set to {rate} B/s")), "{told}");
    let set = dynamic_values(&cluster, "moved")?;
    ensure!(set.contains("leader.replication.throttled.rate") && set.contains("moved"), "{set}");
    // Everything of this topic is throttled, and in sync all the time.
    let alter = ["--alter", "--entity-type", "topics", "--entity-name", "steady", "--add-config"];
    let lists = "leader.replication.throttled.replicas=*,follower.replication.throttled.replicas=*";
    cluster.tool(Tool::Configs, &[&alter[..], &[lists]].concat())?;
    fill(&cluster, "steady", RATE * SECONDS)?;
    let steady = cluster.partitions("steady")?;
    ensure!(steady[0].in_sync.len() == 3, "{steady:?}");

    let done = loop {
        let moved = cluster.partitions("moved")?;
        if moved[0].replicas == [2] && moved[0].leader == Some(2) {
            break began.elapsed();
        }
        ensure!(began.elapsed() < LIMIT, "{moved:?}");
        tests_compat::pause(Duration::from_millis(20));
    };
    let at_least = Duration::from_secs(SECONDS as u64 - 2);
    ensure!(done >= at_least, "{} bytes were moved in {done:?}", RATE * SECONDS);
    let told = reassign(&cluster, "moved", &[2], &["--verify"])?;
    let expected = [
        "Status of partition reassignment:",
        "Reassignment of partition moved-0 is completed.",
        "Clearing broker-level throttles on brokers 1,2,3",
        "Clearing topic-level throttles on topic moved",
    ];
    assert_eq!(lines(&told).iter().filter(|line| !line.is_empty()).collect::<Vec<_>>(), expected);
    let left = dynamic_values(&cluster, "moved")?;
    ensure!(!left.contains("throttled"), "{left}");

    let began = Stopwatch::start();
    reassign(&cluster, "moved", &[3], &["--execute"])?;
    while cluster.partitions("moved")?[0].replicas != [3] {
        ensure!(began.elapsed() < at_least, "without a throttle it takes long");
        tests_compat::pause(Duration::from_millis(20));
    }
    let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &cluster.bootstrap(), "-t", "moved"];
    let read = Program::new("kcat").args(words).stdout()?;
    assert_eq!(read.lines().count(), RATE * SECONDS / RECORD_BYTES);
    Ok(())
}
