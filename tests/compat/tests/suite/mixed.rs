//! Klamm and Apache Kafka in one cluster: one quorum, whoever leads it.

use anyhow::Result;
use tests_compat::{Cluster, Kind, Tool};

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
        eprintln!("round {round}: {leader} leads");
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
