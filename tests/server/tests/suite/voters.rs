//! Voters of the metadata quorum that come, go and come back (KIP-853, KIP-1186).

use std::fs;

use anyhow::{Context, Result};
use tests_compat::{Cluster, Kind, Roles, Spec, Tool};

const AUTO_JOIN: &str = "controller.quorum.auto.join.enable";

fn create(cluster: &Cluster, name: &str) -> Result<()> {
    let words = ["--create", "--topic", name, "--partitions", "3", "--replication-factor", "1"];
    cluster.tool(Tool::Topics, &words).map(drop)
}

fn topics(cluster: &mut Cluster, node: usize) -> Result<Vec<String>> {
    let told = cluster.node(node).tool(Tool::Topics, &["--list"])?;
    Ok(told.lines().map(str::to_owned).collect())
}

/// The directory id of a node's metadata, as its file tells it.
fn directory(cluster: &mut Cluster, node: usize) -> Result<String> {
    let text = fs::read_to_string(cluster.node(node).data().join("meta.properties"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("directory.id="));
    Ok(line.context("a directory id")?.to_owned())
}

#[test]
fn a_quorum_of_one_grows_by_itself_and_outlives_its_first_member() -> Result<()> {
    let kind = Kind::under_test()?;
    let mut cluster = Cluster::start(&[kind])?;
    create(&cluster, "alone")?;
    for _ in 0..2 {
        cluster.join(Spec::new(kind).set(AUTO_JOIN, "true"))?;
    }
    cluster.wait_for_voters(&[1, 2, 3])?;
    create(&cluster, "grown")?;
    cluster.node(1).kill()?;
    create(&cluster, "without-the-first")?;
    assert_ne!(cluster.leader()?, 1);
    cluster.launch()?;
    for id in 1..=3 {
        assert_eq!(topics(&mut cluster, id)?, ["alone", "grown", "without-the-first"], "node {id}");
    }
    Ok(())
}

#[test]
fn tools_add_and_remove_voters_even_the_one_that_leads() -> Result<()> {
    let kind = Kind::under_test()?;
    let mut cluster = Cluster::start(&[kind; 2])?;
    let third = cluster.join(Spec::new(kind))?;
    cluster.wait_for_voters(&[1, 2])?;
    let file = cluster.node(third).properties_file().display().to_string();
    cluster.tool(Tool::MetadataQuorum, &["--command-config", &file, "add-controller"])?;
    cluster.wait_for_voters(&[1, 2, third])?;
    let leader = cluster.leader()?;
    let remove = |id: usize, directory: &str| {
        ["remove-controller", "--controller-id", &id.to_string(), "--controller-directory-id", directory]
            .map(str::to_owned)
    };
    let unknown = remove(third, "AAAAAAAAAAAAAAAAAAAAAQ");
    let refused = cluster.tool(Tool::MetadataQuorum, &unknown.each_ref().map(String::as_str));
    let told = format!("{:#}", refused.expect_err("no such voter"));
    assert!(
        told.contains("Cannot remove voter ReplicaKey(id=3, directoryId=AAAAAAAAAAAAAAAAAAAAAQ)"),
        "{told}"
    );
    let gone = remove(leader, &directory(&mut cluster, leader)?);
    cluster.tool(Tool::MetadataQuorum, &gone.each_ref().map(String::as_str))?;
    let left: Vec<_> = (1..=3).filter(|id| *id != leader).collect();
    cluster.wait_for_voters(&left)?;
    assert_ne!(cluster.leader()?, leader);
    create(&cluster, "led-by-another")?;
    assert_eq!(topics(&mut cluster, leader)?, ["led-by-another"], "it observes on");
    Ok(())
}

#[test]
fn a_voter_that_lost_its_volume_votes_again_with_the_new_one() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It does not start on a directory that was not formatted.
        return Ok(());
    }
    let mut cluster = Cluster::start_with(&[Kind::Klamm; 3], |spec| spec.set(AUTO_JOIN, "true"))?;
    create(&cluster, "kept")?;
    let emptied = cluster.leader()? % 3 + 1;
    cluster.node(emptied).kill()?;
    let before = directory(&mut cluster, emptied)?;
    fs::remove_dir_all(cluster.node(emptied).data()).context("empty it")?;
    cluster.launch()?;
    let after = directory(&mut cluster, emptied)?;
    assert_ne!(after, before);
    cluster.wait_for_voting_directory(&after)?;
    cluster.wait_for_voters(&[1, 2, 3])?;
    // Its vote counts: with it, another one may go.
    let other = cluster.leader()?;
    cluster.node(other).kill()?;
    create(&cluster, "after")?;
    assert_eq!(topics(&mut cluster, emptied)?, ["after", "kept"]);
    Ok(())
}

#[test]
fn a_voter_that_moved_to_another_port_is_found_there() -> Result<()> {
    let mut cluster = Cluster::start(&[Kind::under_test()?; 3])?;
    let moved = cluster.leader()? % 3 + 1;
    cluster.node(moved).stop()?;
    let port = cluster.node(moved).move_controller()?;
    cluster.launch()?;
    cluster.wait_for_endpoint(moved, port)?;
    // The two that are left find it.
    let leader = cluster.leader()?;
    cluster.node(leader).kill()?;
    create(&cluster, "found")?;
    assert_eq!(topics(&mut cluster, moved)?, ["found"]);
    Ok(())
}

#[test]
fn those_that_voted_find_the_controllers_that_took_over() -> Result<()> {
    let kind = Kind::under_test()?;
    let mut cluster = Cluster::start(&[kind; 3])?;
    for _ in 0..3 {
        let new = cluster.join(Spec::new(kind).roles(Roles::Controller))?;
        let file = cluster.node(new).properties_file().display().to_string();
        cluster.tool(Tool::MetadataQuorum, &["--command-config", &file, "add-controller"])?;
    }
    cluster.wait_for_voters(&[1, 2, 3, 4, 5, 6])?;
    let leader = cluster.leader()?;
    let mut old: Vec<_> = (1..=3).filter(|id| *id != leader).collect();
    old.push(leader);
    for id in old {
        let (controller, directory) = (id.to_string(), directory(&mut cluster, id)?);
        let words =
            ["remove-controller", "--controller-id", &controller, "--controller-directory-id", &directory];
        cluster.tool(Tool::MetadataQuorum, &words)?;
    }
    // Nobody hears of the next leader from the one that led.
    cluster.node(leader).kill()?;
    cluster.wait_for_voters(&[4, 5, 6])?;
    create(&cluster, "led-by-others")?;
    for id in (1..=3).filter(|id| *id != leader) {
        assert_eq!(topics(&mut cluster, id)?, ["led-by-others"], "node {id}");
    }
    Ok(())
}
