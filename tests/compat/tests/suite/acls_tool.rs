//! `kafka-acls` of Apache's against a guarded cluster.

use anyhow::{Result, ensure};
use tests_compat::{Broker, Cluster, Kind, Spec, Tool};

const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

fn guarded(spec: Spec) -> Spec {
    spec.set("authorizer.class.name", AUTHORIZER).set("super.users", "User:ANONYMOUS")
}

/// The entries that a tool lists, in order.
fn entries(broker: &Broker, more: &[&str]) -> Result<Vec<String>> {
    let shown = broker.tool(Tool::Acls, &[&["--list"], more].concat())?;
    let mut lines: Vec<_> = shown.lines().map(|line| line.trim().to_owned()).collect();
    lines.retain(|line| !line.is_empty());
    lines.sort();
    Ok(lines)
}

fn entry(principal: &str, host: &str, operation: &str, permission: &str) -> String {
    format!("(principal={principal}, host={host}, operation={operation}, permissionType={permission})")
}

fn of(kind: &str, name: &str, pattern: &str) -> String {
    format!(
        "Current ACLs for resource `ResourcePattern(resourceType={kind}, name={name}, patternType={pattern})`:"
    )
}

#[test]
fn entries_are_added_listed_and_removed() -> Result<()> {
    let broker = guarded(Spec::new(Kind::under_test()?)).start()?;
    ensure!(entries(&broker, &[])?.is_empty());
    broker.tool(
        Tool::Acls,
        &["--add", "--allow-principal", "User:ann", "--consumer", "--topic", "orders", "--group", "g"],
    )?;
    broker.tool(
        Tool::Acls,
        &[
            "--add",
            "--deny-principal",
            "User:bob",
            "--deny-host",
            "10.0.0.1",
            "--operation",
            "Write",
            "--topic",
            "or",
            "--resource-pattern-type",
            "prefixed",
        ],
    )?;
    let mut expected = vec![
        of("GROUP", "g", "LITERAL"),
        of("TOPIC", "or", "PREFIXED"),
        of("TOPIC", "orders", "LITERAL"),
        entry("User:ann", "*", "READ", "ALLOW"),
        entry("User:ann", "*", "READ", "ALLOW"),
        entry("User:ann", "*", "DESCRIBE", "ALLOW"),
        entry("User:bob", "10.0.0.1", "WRITE", "DENY"),
    ];
    expected.sort();
    assert_eq!(entries(&broker, &[])?, expected);
    let matching = ["--topic", "orders", "--resource-pattern-type", "match", "--principal", "User:bob"];
    let of_bob = [of("TOPIC", "or", "PREFIXED"), entry("User:bob", "10.0.0.1", "WRITE", "DENY")];
    let mut found = entries(&broker, &matching)?;
    found.retain(|line| line.starts_with('(') || line.starts_with("Current"));
    assert_eq!(found.iter().filter(|line| of_bob.contains(*line)).count(), 2, "{found:?}");
    broker.tool(Tool::Acls, &["--remove", "--force", "--topic", "*", "--resource-pattern-type", "any"])?;
    broker.tool(Tool::Acls, &["--remove", "--force", "--topic", "orders", "--group", "g"])?;
    let left = ["--topic", "or", "--resource-pattern-type", "prefixed"];
    broker.tool(Tool::Acls, &[&["--remove", "--force"], &left[..]].concat())?;
    ensure!(entries(&broker, &[])?.is_empty(), "{:?}", entries(&broker, &[])?);
    Ok(())
}

/// Brokers and controllers are principals like any other: as super users they keep a cluster of several going, and an
/// entry that one of them was told of holds on all.
#[test]
fn a_guarded_cluster_of_several_nodes() -> Result<()> {
    let kind = Kind::under_test()?;
    let cluster = Cluster::start_with(&[kind; 3], guarded)?;
    let brokers: Vec<_> = cluster.brokers().collect();
    brokers[0].create_topic("orders", 3, &[])?;
    brokers[1].tool(
        Tool::Acls,
        &["--add", "--allow-principal", "User:ann", "--operation", "Read", "--topic", "orders"],
    )?;
    let expected = vec![entry("User:ann", "*", "READ", "ALLOW"), of("TOPIC", "orders", "LITERAL")];
    for broker in brokers {
        let mut found = entries(broker, &[])?;
        // It is told where it was asked; the others follow the metadata.
        let deadline = tests_compat::Deadline::after(std::time::Duration::from_secs(30));
        while found != expected && deadline.left().is_some() {
            found = entries(broker, &[])?;
        }
        assert_eq!(found, expected);
    }
    Ok(())
}
