//! How things stand where the copying does not go on: what somebody who looks for the reason would ask first.

use std::fmt::Write as _;

use anyhow::Result;
use tests_compat::copied::{COPIERS, FROM, TO};
use tests_compat::{Cluster, Tool};

/// Transactions, the group, and how far both topics are, as Kafka's scripts tell, and what the nodes logged last.
pub(super) fn standing(cluster: &Cluster) -> String {
    let mut told = String::new();
    let asked: &[(Tool, &[&str])] = &[
        (Tool::Transactions, &["list"]),
        (Tool::Transactions, &["describe", "--transactional-id", "copier-0"]),
        (Tool::Transactions, &["describe", "--transactional-id", "copier-1"]),
        (Tool::ConsumerGroups, &["--describe", "--group", COPIERS]),
        (Tool::ConsumerGroups, &["--describe", "--group", COPIERS, "--members", "--verbose"]),
        (Tool::ConsumerGroups, &["--describe", "--group", COPIERS, "--state"]),
        (Tool::GetOffsets, &["--topic-partitions", FROM]),
        (Tool::GetOffsets, &["--topic-partitions", TO]),
        (Tool::Topics, &["--describe", "--topic", TO]),
    ];
    for (tool, arguments) in asked {
        let answer = ask(cluster, *tool, arguments).unwrap_or_else(|error| format!("{error:#}"));
        let _ = writeln!(told, "-- {} {}\n{answer}", tool.script(), arguments.join(" "));
    }
    for partition in ["0", "1", "2"] {
        let arguments = ["describe-producers", "--topic", TO, "--partition", partition];
        let answer =
            ask(cluster, Tool::Transactions, &arguments).unwrap_or_else(|error| format!("{error:#}"));
        let _ = writeln!(told, "-- producers of {TO}-{partition}\n{answer}");
    }
    for node in cluster.nodes() {
        let _ = writeln!(told, "-- node {}\n{}", node.id(), node.last_lines());
    }
    told
}

fn ask(cluster: &Cluster, tool: Tool, arguments: &[&str]) -> Result<String> {
    let bootstrap = cluster.bootstrap();
    let answer = tool.shim()?.args(["--bootstrap-server", &bootstrap]).args(arguments.iter()).run()?;
    Ok(answer.stdout + &answer.stderr)
}
