//! Brokers and controllers that log in to each other.

use anyhow::{Result, ensure};
use tests_compat::{Cluster, Encrypted, Kind, SaslProtocol, Spec, Tool};

use super::{module, tokens};

/// Controllers log in by PLAIN: users of SCRAM are in the metadata, which they cannot agree on before.
fn guarded(spec: Spec, mechanism: &str) -> Spec {
    let plain = format!(
        "{} required username=\"node\" password=\"node-secret\" user_node=\"node-secret\";",
        module("PLAIN")
    );
    let spec = spec
        .sasl(Encrypted::Nodes, SaslProtocol::Plaintext)
        .set("listener.name.sasl.sasl.enabled.mechanisms", mechanism)
        .set("listener.name.controller.sasl.enabled.mechanisms", "PLAIN")
        .set("sasl.enabled.mechanisms", mechanism)
        .set("sasl.mechanism.inter.broker.protocol", mechanism.split(',').next().unwrap_or_default())
        .set("sasl.mechanism.controller.protocol", "PLAIN")
        .set("listener.name.controller.plain.sasl.jaas.config", &plain)
        // Short enough for every connection to be renewed, or made again, before the end.
        .set("connections.max.reauth.ms", "1500")
        .set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
        .set("super.users", "User:node;User:ANONYMOUS");
    if mechanism.starts_with("PLAIN") {
        let scram = format!("{} required;", module("SCRAM-SHA-256"));
        return spec
            .set("listener.name.sasl.plain.sasl.jaas.config", &plain)
            .set("listener.name.sasl.scram-sha-256.sasl.jaas.config", &scram);
    }
    let line = format!("{} required username=\"node\" password=\"node-secret\";", module(mechanism));
    spec.set(&format!("listener.name.sasl.{}.sasl.jaas.config", mechanism.to_lowercase()), &line)
        .format(&["--add-scram", &format!("{mechanism}=[name=node,password=node-secret]")])
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

#[test]
fn brokers_log_in_by_scram() -> Result<()> {
    works("SCRAM-SHA-512")
}

/// Whichever broker is asked for a token, its controller makes it; it holds everywhere.
#[test]
fn every_broker_has_tokens_made() -> Result<()> {
    let kind = Kind::under_test()?;
    let cluster = Cluster::start_with(&[kind; 3], |spec| {
        guarded(spec, "PLAIN,SCRAM-SHA-256").set("delegation.token.secret.key", "cluster's key")
    })?;
    for broker in cluster.brokers() {
        tokens::made_and_used(broker, &cluster)?;
    }
    Ok(())
}
