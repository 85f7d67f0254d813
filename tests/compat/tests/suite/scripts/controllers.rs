//! Scripts that start from a controller which is not the active one: they find that one, and what they ask is done once.

use anyhow::Result;
use tests_compat::{Cluster, Kind, Tool};

use super::{ends_well, same::Asked};

#[test]
fn the_active_controller_is_found_from_any_other() -> Result<()> {
    let cluster = Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        spec.set("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
            .set("super.users", "User:ANONYMOUS")
    })?;
    let asked = Asked::new(cluster)?.without_numbers();
    asked.create_topic("1:2,2:3")?;
    let of = |tool, lines: &[&str]| {
        let lines: Vec<_> =
            lines.iter().map(|line| format!("--bootstrap-controller ELSEWHERE {line}")).collect();
        let said = asked.same(tool, &lines.iter().map(String::as_str).collect::<Vec<_>>())?;
        ends_well(&said);
        Ok::<_, anyhow::Error>(())
    };
    of(
        Tool::Configs,
        &[
            "--alter --entity-type topics --entity-name TOPIC --add-config retention.ms=1000",
            "--alter --entity-type brokers --entity-default --add-config log.cleaner.threads=2",
            "--describe --entity-type brokers --entity-default",
        ],
    )?;
    of(
        Tool::Acls,
        &[
            "--add --allow-principal User:a --operation Read --topic TOPIC",
            "--list --topic TOPIC",
            "--remove --force --allow-principal User:a --operation Read --topic TOPIC",
        ],
    )?;
    of(Tool::Features, &["describe", "upgrade --feature group.version=1"])?;
    of(Tool::MetadataQuorum, &["describe --status", "describe --replication"])?;
    of(Tool::ReassignPartitions, &["--list"])?;
    ends_well(&asked.same(
        Tool::Cluster,
        &["cluster-id --bootstrap-controller ELSEWHERE", "list-endpoints --bootstrap-controller ELSEWHERE"],
    )?);
    Ok(())
}
