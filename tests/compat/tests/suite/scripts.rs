//! Kafka's scripts by name beside Apache's own tools, on a cluster of three nodes.

mod acls;
mod cluster;
mod configs;
mod controllers;
mod directories;
mod elections;
mod features;
mod groups;
mod members;
mod offsets;
mod perf;
mod quotas;
mod reassignments;
mod same;
mod storage;
mod transactions;

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Cluster, Deadline, Kind, Tool};

use self::same::{Asked, Said};

const SERVER: &str = "--bootstrap-server BROKERS";

fn three_nodes() -> Result<Asked> {
    Asked::new(Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        // What is moved or elected is moved and elected by the tools alone.
        spec.set("auto.leader.rebalance.enable", "false")
    })?)
}

fn ends_well(said: &[Said]) {
    for one in said {
        assert_eq!(one.code, Some(0), "{one:?}");
    }
}

/// Waits until nothing moves.
fn moved(asked: &Asked) -> Result<()> {
    let deadline = Deadline::after(Duration::from_secs(60));
    while deadline.left().is_some() {
        let said = Tool::ReassignPartitions
            .shim()?
            .args(["--bootstrap-server", &asked.cluster.bootstrap(), "--list"])
            .stdout()?;
        if said == "No partition reassignments found.\n" {
            return Ok(());
        }
    }
    anyhow::bail!("partitions still move")
}
