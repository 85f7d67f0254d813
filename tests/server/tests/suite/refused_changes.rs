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
    // The one that is left follows a leader that is gone: it asks for votes, and follows it again, for ever.
    let leader = cluster.leader()?;
    let left = leader % 3 + 1;
    let other = 6 - leader - left;
    cluster.node(leader).kill()?;
    cluster.node(other).kill()?;
    wait_for(&mut cluster, left, "a majority of its voters must run")?;
    cluster.node(other).spawn()?;
    wait_for(&mut cluster, left, "the metadata quorum has a leader again")?;
    cluster.launch()?;
    let topics = cluster.node(left).tool(Tool::Topics, &["--list"])?;
    assert_eq!(topics.trim(), "kept");
    Ok(())
}

/// Until the log of a node has this.
fn wait_for(cluster: &mut Cluster, node: usize, text: &str) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        if cluster.node(node).last_lines().contains(text) {
            return Ok(());
        }
        pause(Duration::from_millis(20));
    }
    bail!("node {node} does not say {text:?}:\n{}", cluster.node(node).last_lines())
}
