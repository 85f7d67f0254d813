//! Quotas of users, clients and addresses.

use anyhow::{Result, ensure};
use tests_compat::{Cluster, Kind, Tool};

use super::{SERVER, Said, ends_well, same::Asked};

fn one_node() -> Result<Asked> {
    Asked::new(Cluster::start(&[Kind::under_test()?])?)
}

/// The same lines with the server in front.
fn of(asked: &Asked, lines: &[&str]) -> Result<Vec<Said>> {
    let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
    asked.same(Tool::Configs, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Every entity is given quotas, long and short.
const SET: &[&str] = &[
    "--describe --entity-type users --entity-type clients",
    "--describe --entity-type clients",
    "--describe --entity-type ips",
    "--describe --entity-type users --entity-default",
    "--alter --entity-type users --entity-name ann --add-config producer_byte_rate=1024,consumer_byte_rate=2048",
    "--alter --user ann --add-config request_percentage=12.5,controller_mutation_rate=0.5",
    "--alter --entity-type users --entity-default --add-config producer_byte_rate=1",
    "--alter --user-defaults --add-config consumer_byte_rate=10000000",
    "--alter --entity-type clients --entity-name app --add-config producer_byte_rate=12345678",
    "--alter --client app --add-config-file FILES/quotas.properties",
    "--alter --client-defaults --add-config controller_mutation_rate=0.0005",
    "--alter --entity-type users --entity-name ann --entity-type clients --entity-name app --add-config \
     producer_byte_rate=7",
    "--alter --entity-type users --entity-name ann --entity-type clients --entity-default --add-config \
     producer_byte_rate=8",
    "--alter --entity-type clients --entity-name app --entity-type users --entity-default --add-config \
     producer_byte_rate=9",
    "--alter --entity-type users --entity-default --entity-type clients --entity-name app2 --add-config \
     producer_byte_rate=10",
    "--alter --user-defaults --client-defaults --add-config producer_byte_rate=11",
    "--alter --user eve --client app --add-config producer_byte_rate=1e3",
    "--alter --ip 127.0.0.1 --add-config connection_creation_rate=50",
    "--alter --entity-type ips --entity-name ::1 --add-config connection_creation_rate=51",
    "--alter --ip-defaults --add-config connection_creation_rate=52",
];

/// Alone, together, and all of a kind.
const SHOWN: &[&str] = &[
    "--describe --user ann --client app",
    "--describe --entity-type users --entity-name ann --entity-type clients",
    "--describe --entity-type clients --entity-name app --entity-type users",
    "--describe --entity-type users --entity-type clients",
    "--describe --entity-type users --entity-default --entity-type clients --entity-name app2",
    "--describe --user-defaults --client-defaults",
    "--describe --entity-type clients",
    "--describe --client app",
    "--describe --client-defaults",
    "--describe --client nobody",
    "--describe --user-defaults",
    "--describe --entity-type ips",
    "--describe --ip ::1",
    "--describe --ip 127.0.0.1",
    "--describe --ip 10.0.0.1",
    "--describe --ip-defaults",
];

/// Until there is nothing any more.
const REMOVED: &[&str] = &[
    "--alter --user ann --delete-config producer_byte_rate,consumer_byte_rate",
    "--alter --user ann --add-config producer_byte_rate=3 --delete-config request_percentage",
    "--alter --user ann --delete-config producer_byte_rate --delete-config controller_mutation_rate",
    "--alter --user-defaults --delete-config producer_byte_rate,consumer_byte_rate",
    "--alter --client app --delete-config producer_byte_rate,consumer_byte_rate",
    "--alter --client-defaults --delete-config controller_mutation_rate",
    "--alter --user ann --client app --delete-config producer_byte_rate",
    "--alter --user ann --client-defaults --delete-config producer_byte_rate",
    "--alter --user-defaults --client app --delete-config producer_byte_rate",
    "--alter --user-defaults --client app2 --delete-config producer_byte_rate",
    "--alter --user-defaults --client-defaults --delete-config producer_byte_rate",
    "--alter --user eve --client app --delete-config producer_byte_rate",
    "--alter --entity-type ips --entity-name 127.0.0.1 --delete-config connection_creation_rate",
    "--alter --ip ::1 --delete-config connection_creation_rate",
    "--alter --ip-defaults --delete-config connection_creation_rate",
    "--describe --entity-type users --entity-type clients",
    "--describe --entity-type clients",
    "--describe --entity-type ips",
    "--describe --entity-type users --entity-default",
];

#[test]
fn quotas_of_every_entity_are_set_shown_and_removed() -> Result<()> {
    let asked = one_node()?;
    asked.write("quotas.properties", "producer_byte_rate=5\nconsumer_byte_rate = 6\n")?;
    let said = of(&asked, &[SET, SHOWN, REMOVED].concat())?;
    ends_well(&said);
    for empty in said.iter().rev().take(4) {
        ensure!(empty.out.is_empty(), "{empty:?}");
    }
    Ok(())
}

#[test]
fn what_is_wrong_with_a_quota_is_said_as_apaches_says_it() -> Result<()> {
    let asked = one_node()?;
    of(
        &asked,
        &[
            "--alter --user ann --add-config producer_byte_rate=0",
            "--alter --user ann --add-config producer_byte_rate=-1",
            "--alter --user ann --add-config producer_byte_rate=0.5",
            "--alter --user ann --add-config producer_byte_rate=x",
            "--alter --user ann --add-config producer_byte_rate=",
            "--alter --user ann --add-config producer_byte_rate",
            "--alter --user ann --add-config producer_byte_rate=NaN",
            "--alter --user ann --add-config producer_byte_rate=Infinity",
            "--alter --user ann --add-config request_percentage=-0.1",
            "--alter --user ann --add-config bogus=1",
            "--alter --user ann --add-config bogus=1,producer_byte_rate=1",
            "--alter --user ann --add-config connection_creation_rate=1",
            "--alter --user ann --delete-config bogus",
            "--alter --user ann --delete-config producer_byte_rate",
            "--alter --client app --add-config bogus=1",
            "--alter --client app --add-config SCRAM-SHA-256=[password=x]",
            "--alter --client app --delete-config SCRAM-SHA-256",
            "--alter --client app --delete-config bogus,bogus2",
            "--alter --user ann --client app --add-config connection_creation_rate=1",
            "--alter --client app --user ann --delete-config bogus",
            "--alter --ip 127.0.0.1 --add-config producer_byte_rate=1",
            "--alter --ip 127.0.0.1 --delete-config producer_byte_rate",
            "--alter --ip 127.0.0.1 --delete-config connection_creation_rate",
            "--alter --ip 127.0.0.1 --add-config connection_creation_rate=0",
            "--alter --ip 127.0.0.1 --add-config connection_creation_rate=-1",
            "--alter --ip 127.0.0.1 --add-config connection_creation_rate=0.5",
            "--alter --ip no.such.host.invalid --add-config connection_creation_rate=1",
            "--describe --ip no.such.host.invalid",
            "--alter --user ann",
            "--alter --entity-type users --add-config producer_byte_rate=1",
            "--alter --entity-type clients --add-config producer_byte_rate=1",
            "--alter --entity-type ips --add-config connection_creation_rate=1",
            "--alter --entity-type users --entity-name ann --entity-type clients --add-config producer_byte_rate=1",
            "--alter --user ann --ip 127.0.0.1 --add-config producer_byte_rate=1",
            "--describe --user ann --ip 127.0.0.1",
            "--describe --user ann --user-defaults",
            "--describe --entity-type users --entity-type users",
            "--describe --user ann --entity-type clients",
            "--describe --entity-name ann --user ann",
            "--describe --user ann --topic t",
            "--describe --client app --add-config producer_byte_rate=1",
            "--describe --alter --client app",
            "--client app",
            "--alter --client app --add-config producer_byte_rate=1 --add-config-file FILES/none",
            "--alter --client app --add-config-file FILES/none",
            "--describe --client app --command-config FILES/none",
            "--describe --entity-type clients --entity-name a --entity-name b",
            "--describe --entity-type clients --entity-name a --entity-default",
            "--alter --client app --add-config pro/ducer=1",
        ],
    )?;
    asked.same(Tool::Configs, &["--describe --client app", "--describe"])?;
    Ok(())
}
