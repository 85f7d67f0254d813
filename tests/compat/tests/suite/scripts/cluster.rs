//! The cluster, its directories and its quorum.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::Tool;

use super::{ends_well, three_nodes};

#[test]
fn log_dirs_are_described() -> Result<()> {
    let asked = three_nodes()?;
    asked.cluster.tool(Tool::Topics, &["--create", "--topic", "a", "--replica-assignment", "1:2,2:3"])?;
    asked.cluster.wait_until_in_sync(&["a".to_owned()], Duration::from_secs(60))?;
    let said = asked.same(
        Tool::LogDirs,
        &[
            "--bootstrap-server BROKERS --describe",
            "--bootstrap-server BROKERS --describe --topic-list a --broker-list 2,1",
            "--bootstrap-server BROKERS --describe --topic-list nope",
        ],
    )?;
    ends_well(&said);
    assert!(said[1].out[1].ends_with("from brokers 1,2"), "{said:?}");
    asked.same(
        Tool::LogDirs,
        &[
            "--bootstrap-server BROKERS --describe --broker-list 1,9,8",
            "--bootstrap-server BROKERS --describe --broker-list x",
            "--bootstrap-server BROKERS",
            "--describe",
            "--bootstrap-server BROKERS --describe --bogus",
        ],
    )?;
    Ok(())
}

#[test]
fn the_cluster_is_shown_and_brokers_are_unregistered() -> Result<()> {
    let asked = three_nodes()?;
    ends_well(&asked.same(
        Tool::Cluster,
        &[
            "cluster-id --bootstrap-server BROKERS",
            "cluster-id -C CONTROLLERS",
            "list-endpoints -b BROKERS --include-fenced-brokers",
            "list-endpoints --bootstrap-controller CONTROLLERS",
        ],
    )?);
    asked.write("client.properties", "client.id=x\n")?;
    ends_well(&asked.same(Tool::Cluster, &["cluster-id -b BROKERS --config FILES/client.properties"])?);
    asked.same(
        Tool::Cluster,
        &[
            "list-endpoints -C CONTROLLERS --include-fenced-brokers",
            "cluster-id -b BROKERS --config FILES/client.properties -c FILES/client.properties",
            "cluster-id -b BROKERS -c FILES/nope",
            "unregister -b BROKERS --id 9",
            "unregister -C CONTROLLERS -i 9",
            "unregister -b BROKERS -i x",
            "unregister -b BROKERS",
            "cluster-id",
            "cluster-id -b BROKERS -C CONTROLLERS",
            "cluster-id --bogus",
            "bogus",
        ],
    )?;
    Ok(())
}

#[test]
fn the_quorum_is_described() -> Result<()> {
    let asked = three_nodes()?.without_numbers();
    let said = asked.same(
        Tool::MetadataQuorum,
        &[
            "--bootstrap-server BROKERS describe --status",
            "--bootstrap-controller CONTROLLERS describe --stat",
            "--bootstrap-server BROKERS describe --replication",
            "--bootstrap-server BROKERS describe --replication --human-readable",
        ],
    )?;
    ends_well(&said);
    assert!(said[0].out.iter().any(|line| line.starts_with("CurrentVoters: [{\"id\":")), "{said:?}");
    assert_eq!(said[2].out.len(), 1 + 3, "{said:?}");
    asked.same(
        Tool::MetadataQuorum,
        &[
            "--bootstrap-server BROKERS describe",
            "--bootstrap-server BROKERS describe --status --replication",
            "--bootstrap-server BROKERS describe --status --human-readable",
            "--bootstrap-server BROKERS --command-config FILES/nope describe --status",
            "--bootstrap-server BROKERS --bootstrap-controller CONTROLLERS describe --status",
            "--bootstrap-server BROKERS",
            "--bootstrap BROKERS describe --status",
            "describe --status",
            "describe --status --bootstrap-server BROKERS",
            "--bootstrap-server BROKERS describe --status extra",
            "--bootstrap-server BROKERS bogus",
        ],
    )?;
    Ok(())
}

#[test]
fn voters_are_added_and_removed() -> Result<()> {
    let asked = three_nodes()?;
    let node = &asked.cluster.nodes()[2];
    asked.write("no.properties", "x=y\n")?;
    asked.write("broker.properties", "node.id=3\nprocess.roles=broker\n")?;
    asked.write("controller.properties", &std::fs::read_to_string(node.properties_file())?)?;
    let directory = std::fs::read_to_string(node.data().join("meta.properties"))?;
    let directory = directory.lines().find_map(|line| line.strip_prefix("directory.id=")).context("an id")?;
    let dry = format!("--bootstrap-server BROKERS remove-controller -i 3 -d {directory} --dry-run");
    ends_well(&asked.same(
        Tool::MetadataQuorum,
        &["--bootstrap-server BROKERS --command-config FILES/controller.properties add-controller --dry-run", &dry],
    )?);
    let unknown = "remove-controller --controller-id 9 --controller-directory-id BAAAAAAAAAAAAAAAAAAAAQ";
    asked.same(
        Tool::MetadataQuorum,
        &[
            "--bootstrap-server BROKERS add-controller",
            "--bootstrap-server BROKERS --command-config FILES/no.properties add-controller",
            "--bootstrap-server BROKERS --command-config FILES/broker.properties add-controller",
            "--bootstrap-server BROKERS --command-config FILES/controller.properties add-controller",
            &format!("--bootstrap-server BROKERS {unknown}"),
            &format!("--bootstrap-controller CONTROLLERS {unknown}"),
            "--bootstrap-server BROKERS remove-controller -i=-1 -d AAAAAAAAAAAAAAAAAAAAAQ",
            "--bootstrap-server BROKERS remove-controller -i x -d y",
            "--bootstrap-server BROKERS remove-controller -i 1",
            "--bootstrap-server BROKERS remove-controller",
        ],
    )?;
    // Each takes the third one's vote and gives it back to it.
    for by_klamm in [true, false] {
        let ask = |words: &[&str]| -> Result<String> {
            let program = match by_klamm {
                true => Tool::MetadataQuorum.shim()?,
                false => Tool::MetadataQuorum.program(&[])?,
            };
            program.args(["--bootstrap-server", &asked.cluster.bootstrap()]).args(words).stdout()
        };
        let said = ask(&["remove-controller", "-i", "3", "-d", directory])?;
        assert_eq!(said, format!("Removed  KRaft controller 3 with directory id {directory}\n"));
        asked.cluster.wait_for_voters(&[1, 2])?;
        let file = node.properties_file().display().to_string();
        let said = ask(&["--command-config", &file, "add-controller"])?;
        assert!(
            said.starts_with(&format!("Added controller 3 with directory id {directory} and ")),
            "{said}"
        );
        asked.cluster.wait_for_voters(&[1, 2, 3])?;
    }
    Ok(())
}
