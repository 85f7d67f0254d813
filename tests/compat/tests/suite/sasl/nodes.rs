//! Brokers and controllers that log in to each other.

use anyhow::{Result, ensure};
use tests_compat::{Cluster, Encrypted, Kind, Spec, Tool};

use super::module;

fn guarded(spec: Spec, mechanism: &str) -> Spec {
    let users = if mechanism == "PLAIN" { "user_node=\"node-secret\"" } else { "" };
    let line = format!("{} required username=\"node\" password=\"node-secret\" {users};", module(mechanism));
    let lower = mechanism.to_lowercase();
    let spec = spec
        .sasl(Encrypted::Nodes)
        .set("sasl.enabled.mechanisms", mechanism)
        .set("sasl.mechanism.inter.broker.protocol", mechanism)
        .set("sasl.mechanism.controller.protocol", mechanism)
        .set(&format!("listener.name.sasl.{lower}.sasl.jaas.config"), &line)
        .set(&format!("listener.name.controller.{lower}.sasl.jaas.config"), &line)
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:node;User:ANONYMOUS");
    if mechanism == "PLAIN" {
        return spec;
    }
    spec.format(&["--add-scram", &format!("{mechanism}=[name=node,password=node-secret]")])
}

fn works(mechanism: &str) -> Result<()> {
    let kind = Kind::under_test()?;
    let cluster = Cluster::start_with(&[kind; 3], |spec| guarded(spec, mechanism))?;
    let brokers: Vec<_> = cluster.brokers().collect();
    let words = ["--create", "--topic", "shared", "--partitions", "3", "--replication-factor", "3"];
    brokers[1].tool(Tool::Topics, &words)?;
    let sent = brokers[0].run_tool(Tool::ConsoleProducer, &["--topic", "shared"], "a\nb\nc\n")?;
    ensure!(sent.code == Some(0) && !sent.stderr.contains("ERROR"), "{}", sent.stderr);
    let words = ["--topic", "shared", "--from-beginning", "--max-messages", "3"];
    let read = brokers[2].run_tool(Tool::ConsoleConsumer, &words, "")?;
    let mut lines: Vec<_> = read.stdout.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["a", "b", "c"], "{}", read.stderr);
    Ok(())
}

#[test]
fn nodes_log_in_by_plain() -> Result<()> {
    works("PLAIN")
}
