//! Three controllers, one quorum: who leads, what they know after kills, how an emptied one comes back.

use std::fs;

use anyhow::{Context, Result};
use tests_compat::{Cluster, Kind, Tool};

fn three() -> Result<Cluster> {
    Cluster::start(&[Kind::under_test()?; 3])
}

fn create(cluster: &Cluster, name: &str) -> Result<()> {
    let words = ["--create", "--topic", name, "--partitions", "3", "--replication-factor", "1"];
    cluster.tool(Tool::Topics, &words).map(drop)
}

fn topics(cluster: &mut Cluster, node: usize) -> Result<Vec<String>> {
    let told = cluster.node(node).tool(Tool::Topics, &["--list"])?;
    Ok(told.lines().map(str::to_owned).collect())
}

#[test]
fn every_node_takes_changes_and_knows_those_of_the_others() -> Result<()> {
    let mut cluster = three()?;
    for id in 1..=3 {
        let name = format!("through-{id}");
        let words = ["--create", "--topic", &name, "--partitions", "3", "--replication-factor", "1"];
        cluster.node(id).tool(Tool::Topics, &words)?;
    }
    let leader = cluster.leader()?;
    let told = cluster.tool(Tool::MetadataQuorum, &["describe", "--replication"])?;
    let count = |role: &str| told.lines().skip(1).filter(|line| line.contains(role)).count();
    assert_eq!((count("Leader"), count("Follower"), count("Observer")), (1, 2, 0), "{told}");
    let leads = |line: &str| line.starts_with(&leader.to_string()) && line.contains("Leader");
    assert!(told.lines().any(leads), "{told}");
    for id in 1..=3 {
        assert_eq!(topics(&mut cluster, id)?, ["through-1", "through-2", "through-3"], "node {id}");
    }
    Ok(())
}

#[test]
fn another_leads_when_the_active_controller_is_killed() -> Result<()> {
    let mut cluster = three()?;
    create(&cluster, "before")?;
    let first = cluster.leader()?;
    cluster.node(first).kill()?;
    create(&cluster, "between")?;
    let second = cluster.leader()?;
    assert_ne!(second, first);
    cluster.launch()?;
    assert_eq!(topics(&mut cluster, first)?, ["before", "between"]);
    create(&cluster, "after")?;
    for id in 1..=3 {
        assert_eq!(topics(&mut cluster, id)?, ["after", "before", "between"], "node {id}");
    }
    Ok(())
}

#[test]
fn what_was_answered_is_there_when_all_are_killed_at_once() -> Result<()> {
    let mut cluster = three()?;
    for round in 0..3 {
        create(&cluster, &format!("round-{round}"))?;
        for id in 1..=3 {
            cluster.node(id).kill()?;
        }
        cluster.launch()?;
        let expected: Vec<_> = (0..=round).map(|round| format!("round-{round}")).collect();
        for id in 1..=3 {
            assert_eq!(topics(&mut cluster, id)?, expected, "node {id} in round {round}");
        }
    }
    Ok(())
}

#[test]
fn an_emptied_node_comes_back_without_a_vote_and_learns_everything() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It does not start on a directory that was not formatted.
        return Ok(());
    }
    let mut cluster = three()?;
    create(&cluster, "kept")?;
    let leader = cluster.leader()?;
    let emptied = leader % 3 + 1;
    cluster.node(emptied).kill()?;
    fs::remove_dir_all(cluster.node(emptied).data()).context("empty it")?;
    cluster.launch()?;
    assert_eq!(topics(&mut cluster, emptied)?, ["kept"]);
    let told = cluster.tool(Tool::MetadataQuorum, &["describe", "--replication"])?;
    let line = told.lines().find(|line| line.starts_with(&emptied.to_string()) && line.contains("Observer"));
    assert!(line.is_some(), "{told}");
    assert_eq!(cluster.leader()?, leader, "nobody voted for it");
    Ok(())
}

#[test]
fn who_lacks_the_start_of_the_log_takes_a_snapshot() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        return Ok(());
    }
    let mut cluster = Cluster::start_with(&[Kind::Klamm; 3], |spec| {
        spec.set("metadata.log.max.record.bytes.between.snapshots", "2000")
    })?;
    let leader = cluster.leader()?;
    let away = leader % 3 + 1;
    cluster.node(away).kill()?;
    for round in 0..12 {
        create(&cluster, &format!("t-{round:02}"))?;
    }
    fs::remove_dir_all(cluster.node(away).data()).context("empty it")?;
    cluster.launch()?;
    let expected: Vec<_> = (0..12).map(|round| format!("t-{round:02}")).collect();
    assert_eq!(topics(&mut cluster, away)?, expected);
    let folder = cluster.node(away).partition("__cluster_metadata", 0);
    let names: Vec<_> =
        fs::read_dir(&folder)?.flatten().map(|entry| entry.file_name().display().to_string()).collect();
    assert!(names.iter().any(|name| name.ends_with(".checkpoint")), "{names:?}");
    Ok(())
}
