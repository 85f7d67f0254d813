//! Klamm and Apache Kafka in one cluster: one quorum, whoever leads it, and partitions that each replicates from
//! the other.

mod coordinators;

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Cluster, Deadline, Kind, Program, Spec, Tool};

fn create(cluster: &mut Cluster, node: usize, name: &str) -> Result<()> {
    let words = ["--create", "--topic", name, "--partitions", "3", "--replication-factor", "1"];
    cluster.node(node).tool(Tool::Topics, &words).map(drop)
}

fn topics(cluster: &mut Cluster, node: usize) -> Result<Vec<String>> {
    let told = cluster.node(node).tool(Tool::Topics, &["--list"])?;
    Ok(told.lines().map(str::to_owned).collect())
}

#[test]
fn one_quorum_of_both() -> Result<()> {
    let mut cluster = Cluster::start(&[Kind::Klamm, Kind::Klamm, Kind::Apache])?;
    let mut expected = Vec::new();
    for round in 0..4 {
        for node in 1..=3 {
            let name = format!("r{round}-n{node}");
            create(&mut cluster, node, &name)?;
            expected.push(name);
        }
        for node in 1..=3 {
            assert_eq!(topics(&mut cluster, node)?, expected, "node {node} in round {round}");
        }
        let leader = cluster.leader()?;
        cluster.node(leader).kill()?;
        let next = cluster.leader()?;
        let name = format!("r{round}-without");
        create(&mut cluster, next, &name)?;
        expected.push(name);
        expected.sort();
        cluster.launch()?;
    }
    Ok(())
}

#[test]
fn each_joins_the_quorum_of_the_other() -> Result<()> {
    for kind in [Kind::Klamm, Kind::Apache] {
        let mut cluster = Cluster::start(&[kind])?;
        for newcomer in [kind.other(), kind] {
            cluster.join(Spec::new(newcomer).set("controller.quorum.auto.join.enable", "true"))?;
        }
        cluster.wait_for_voters(&[1, 2, 3])?;
        create(&mut cluster, 2, "grown")?;
        cluster.node(1).kill()?;
        create(&mut cluster, 2, "without-the-first")?;
        for node in 2..=3 {
            assert_eq!(
                topics(&mut cluster, node)?,
                ["grown", "without-the-first"],
                "node {node} of {kind:?}'s"
            );
        }
    }
    Ok(())
}

#[test]
fn each_replicates_from_the_other() -> Result<()> {
    let kinds = [Kind::Klamm, Kind::Klamm, Kind::Apache];
    let mut cluster = Cluster::start_with(&kinds, |spec| {
        spec.set("broker.session.timeout.ms", "3000").set("broker.heartbeat.interval.ms", "500")
    })?;
    let words = ["--create", "--topic", "both", "--partitions", "3", "--replication-factor", "3"];
    cluster.tool(Tool::Topics, &[&words[..], &["--config", "min.insync.replicas=2"]].concat())?;
    let mut written = 0;
    for victim in [3, 1, 2, 3] {
        written = produce(&cluster, written, 1_000)?;
        cluster.node(victim).kill()?;
        written = produce(&cluster, written, 1_000)?;
        cluster.launch()?;
        wait_until_in_sync(&cluster)?;
    }
    let words = ["-C", "-q", "-e", "-o", "beginning", "-b", &cluster.bootstrap(), "-t", "both"];
    let text = Program::new("kcat").args(words).stdout()?;
    let mut read = text.lines().map(str::parse).collect::<Result<Vec<u32>, _>>()?;
    read.sort_unstable();
    assert_eq!(read, (0..written).collect::<Vec<_>>());
    for partition in 0..3 {
        let logs: Vec<_> = cluster
            .nodes()
            .iter()
            .map(|node| std::fs::read(node.partition("both", partition).join("00000000000000000000.log")))
            .collect::<Result<_, _>>()?;
        // Apache preallocates nothing and neither do we: the files are the same bytes.
        assert!(logs.iter().all(|log| *log == logs[0]), "the replicas of partition {partition} differ");
    }
    Ok(())
}

/// Produces lines with numbers from `from` on; they are all acknowledged when it returns.
fn produce(cluster: &Cluster, from: u32, count: u32) -> Result<u32> {
    let lines: String = (from..from + count).map(|line| format!("{line}\n")).collect();
    let words = [
        "-P",
        "-b",
        &cluster.bootstrap(),
        "-t",
        "both",
        "-X",
        "enable.idempotence=true",
        "-X",
        "log_level=0",
    ];
    Program::new("kcat").args(words).input(lines).stdout()?;
    Ok(from + count)
}

fn wait_until_in_sync(cluster: &Cluster) -> Result<()> {
    let deadline = Deadline::after(Duration::from_secs(90));
    let mut told = String::new();
    while deadline.left().is_some() {
        told = cluster
            .tool(Tool::Topics, &["--describe", "--topic", "both", "--under-replicated-partitions"])?;
        if told.trim().is_empty() {
            return Ok(());
        }
    }
    anyhow::bail!("not in sync:\n{told}")
}
