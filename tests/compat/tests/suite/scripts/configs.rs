//! Settings of groups, and what controllers are asked for themselves.

use anyhow::Result;
use tests_compat::{Cluster, Kind, Tool};

use super::same::Asked;

fn one_node() -> Result<Asked> {
    Asked::new(Cluster::start(&[Kind::under_test()?])?)
}

#[test]
fn groups_have_settings_whether_they_are_there_or_not() -> Result<()> {
    let asked = one_node()?;
    let lines = [
        "--describe --entity-type groups",
        "--alter --group g --add-config consumer.session.timeout.ms=50000,share.auto.offset.reset=earliest",
        "--alter --entity-type groups --entity-name h --add-config consumer.heartbeat.interval.ms=6000",
        "--describe --entity-type groups",
        "--describe --group g",
        "--describe --entity-type groups --entity-name g --all",
        "--describe --group nobody",
        "--alter --group g --add-config no.such=5",
        "--alter --group g --add-config consumer.session.timeout.ms=x",
        "--alter --entity-type groups --add-config consumer.session.timeout.ms=50000",
        "--alter --entity-type groups --entity-default --add-config consumer.session.timeout.ms=50000",
        "--describe --entity-type groups --entity-default",
        "--alter --group g --delete-config consumer.session.timeout.ms,share.auto.offset.reset",
        "--describe --group g",
        "--alter --group h --delete-config consumer.heartbeat.interval.ms",
        "--describe --entity-type groups",
    ];
    let lines = lines.map(|line| format!("--bootstrap-server BROKERS {line}"));
    asked.same(Tool::Configs, &lines.each_ref().map(String::as_str)).map(drop)
}

#[test]
fn controllers_are_asked_for_what_they_know() -> Result<()> {
    let asked = one_node()?;
    let lines = [
        "--describe --entity-type brokers",
        "--alter --entity-type brokers --entity-name 1 --add-config log.cleaner.threads=2",
        "--alter --broker-defaults --add-config log.retention.ms=1000000",
        "--describe --broker 1",
        "--describe --broker-defaults",
        "--alter --broker-defaults --delete-config log.retention.ms",
        "--alter --entity-type brokers --entity-name 1 --add-config no.such.key=1",
        "--describe --broker 1",
        "--alter --broker 1 --delete-config log.cleaner.threads,no.such.key",
        "--alter --topic nothing --add-config retention.ms=5",
        "--describe --entity-type topics",
        "--describe --topic nothing",
        "--describe --group g",
        "--describe --entity-type groups",
        "--describe --entity-type users",
        "--describe --user ann",
        "--alter --user ann --add-config producer_byte_rate=5",
        "--alter --ip-defaults --add-config connection_creation_rate=5",
        "--bootstrap-server BROKERS --describe --topic nothing",
    ];
    let lines = lines.map(|line| format!("--bootstrap-controller CONTROLLERS {line}"));
    asked.same(Tool::Configs, &lines.each_ref().map(String::as_str)).map(drop)
}
