//! What a cluster of three refuses: Kafka's errors, and what is to be done about them.

use std::time::Duration;

use anyhow::{Result, bail};
use tests_compat::{Cluster, Deadline, Kind, Tool, pause};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn more_replicas_than_brokers_and_a_quorum_that_is_lost() -> Result<()> {
    let mut cluster = Cluster::start(&[Kind::under_test()?; 3])?;
    let create = |name, replicas| {
        ["--create", "--topic", name, "--partitions", "1", "--replication-factor", replicas]
            .map(str::to_owned)
    };
    let words = create("wide", "4");
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let refused = cluster.node(1).run_tool(Tool::Topics, &words, "")?;
    let told = format!("{}{}", refused.stdout, refused.stderr);
    assert_eq!(refused.code, Some(1), "{told}");
    assert!(told.contains("Unable to replicate the partition 4 time(s)"), "{told}");
    assert!(told.contains("only 3 broker(s) are registered"), "{told}");

    let words = create("kept", "3");
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    cluster.tool(Tool::Topics, &words)?;
    if Kind::under_test()? == Kind::Apache {
        return Ok(());
    }
    cluster.node(1).kill()?;
    cluster.node(2).kill()?;
    wait_for(&mut cluster, "a majority of its voters must run")?;
    cluster.node(1).spawn()?;
    wait_for(&mut cluster, "the metadata quorum has a leader again")?;
    cluster.launch()?;
    let topics = cluster.node(3).tool(Tool::Topics, &["--list"])?;
    assert_eq!(topics.trim(), "kept");
    Ok(())
}

/// Until the last node's log has this.
fn wait_for(cluster: &mut Cluster, text: &str) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        if cluster.node(3).last_lines().contains(text) {
            return Ok(());
        }
        pause(Duration::from_millis(20));
    }
    bail!("the last node does not say {text:?}:\n{}", cluster.node(3).last_lines())
}
