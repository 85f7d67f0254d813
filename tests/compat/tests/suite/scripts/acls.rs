//! Access control entries.

use anyhow::{Result, ensure};
use tests_compat::{Cluster, Kind, Tool};

use super::{SERVER, ends_well, same::Asked};

const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

fn guarded() -> Result<Asked> {
    Asked::new(Cluster::start_with(&[Kind::under_test()?], |spec| {
        spec.set("authorizer.class.name", AUTHORIZER).set("super.users", "User:ANONYMOUS")
    })?)
}

/// The same lines with the server in front.
fn of(asked: &Asked, lines: &[&str]) -> Result<Vec<super::Said>> {
    let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
    asked.same(Tool::Acls, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn entries_of_every_resource_are_added_listed_and_removed() -> Result<()> {
    let asked = guarded()?;
    let said = of(
        &asked,
        &[
            "--list",
            "--add --allow-principal User:ann --operation Read --topic orders",
            "--add --allow-principal User:ann --allow-principal User:bob --operation Read --operation write --topic orders \
             --topic bills",
            "--add --deny-principal User:eve --deny-host 10.0.0.1 --deny-host 10.0.0.2 --topic or --resource-pattern-type \
             prefixed",
            "--add --allow-principal User:* --allow-host * --operation All --group *",
            "--add --allow-principal User:ann --operation IdempotentWrite --operation DescribeConfigs --cluster",
            "--add --allow-principal User:ann --operation Describe --transactional-id t",
            "--add --allow-principal User:ann --operation Describe --delegation-token d",
            "--add --allow-principal User:ann --operation CreateTokens --operation describetokens --user-principal User:bob",
            "--add --allow-principal User:ann --producer --topic p",
            "--add --allow-principal User:ann --producer --idempotent --topic p --transactional-id t",
            "--add --allow-principal User:ann --consumer --topic c --group g",
            "--add --allow-principal User:ann --producer --consumer --topic pc --group pc --transactional-id pc",
            "--add --allow-principal :a --allow-principal User: --topic odd extra",
            "--add --allow-principal User:CN=ann,O=x --deny-principal User:ann:b --operation Read --topic orders",
            "--list",
            "--list --topic orders",
            "--list --topic orders --resource-pattern-type match",
            "--list --topic orders --resource-pattern-type any",
            "--list --topic or --resource-pattern-type prefixed",
            "--list --topic orders --topic bills --group g",
            "--list --cluster",
            "--list --transactional-id t",
            "--list --delegation-token d",
            "--list --user-principal User:bob",
            "--list --principal User:bob",
            "--list --principal User:nobody --principal User:bob --topic orders",
            "--list --topic none",
            "--remove --force --allow-principal User:bob --operation Read --topic orders",
            "--remove --force --allow-principal User:ann --producer --topic p --idempotent --transactional-id t",
            "--remove --force --allow-principal User:ann --consumer --topic c --group g",
            "--remove --force --topic none",
            "--list --topic orders --topic p --cluster",
            "--remove --force --topic orders --resource-pattern-type match",
            "--list",
            "--remove --force --topic odd --topic bills --topic pc --group pc --group * --transactional-id pc",
            "--remove --force --cluster --delegation-token d --user-principal User:bob",
            "--list",
        ],
    )?;
    ends_well(&said);
    let left = said.last().map(|last| last.out.join("\n"));
    ensure!(left.as_deref() == Some(""), "{left:?}");
    Ok(())
}

#[test]
fn what_is_wrong_with_a_command_is_said_as_apaches_says_it() -> Result<()> {
    let asked = guarded()?;
    of(
        &asked,
        &[
            "",
            "--add",
            "--remove",
            "--add --remove --topic t",
            "--list --add",
            "--add --topic t",
            "--add --allow-principal User:a",
            "--add --allow-principal a --topic t",
            "--add --allow-host 1.1.1.1 --topic t",
            "--add --allow-principal User:a --operation Bogus --topic t",
            "--add --allow-principal User:a --operation Any --topic t",
            "--add --allow-principal User:a --operation Unknown --topic t",
            "--add --allow-principal User:a --operation IdempotentWrite --topic t",
            "--add --allow-principal User:a --operation Create --group t",
            "--add --allow-principal User:a --operation Read --cluster",
            "--add --allow-principal User:a --operation Read --transactional-id t",
            "--add --allow-principal User:a --operation Read --delegation-token t",
            "--add --allow-principal User:a --operation Read --user-principal User:t",
            "--add --allow-principal User:a --operation Read --topic t --group t --cluster",
            "--add --allow-principal User:a --topic t --resource-pattern-type any",
            "--add --allow-principal User:a --topic t --resource-pattern-type match",
            "--add --allow-principal User:a --topic t --resource-pattern-type bogus",
            "--add --allow-principal User:a --cluster --resource-pattern-type prefixed",
            "--add --allow-principal User:a --topic t --resource-pattern-type unknown",
            "--list --topic t --resource-pattern-type bogus",
            "--list --producer --topic t",
            "--list --allow-principal User:a",
            "--list --consumer",
            "--add --producer --topic t --operation Read --allow-principal User:a",
            "--add --producer --topic t --deny-principal User:a",
            "--add --producer --topic t --deny-host a",
            "--add --consumer --topic t --group g --operation Read --allow-principal User:a",
            "--add --producer --allow-principal User:a",
            "--add --producer --topic t",
            "--add --consumer --topic t --allow-principal User:a",
            "--add --consumer --group t --allow-principal User:a",
            "--add --consumer --topic t --group g --cluster --allow-principal User:a",
            "--add --consumer --topic t --group g --transactional-id g --allow-principal User:a",
            "--add --idempotent --topic t --allow-principal User:a",
            "--add --principal User:a --topic t --allow-principal User:a",
            "--remove --force --allow-principal User:a",
            "--remove --force --allow-principal User:a --operation Create --group g",
            "--list --principal a",
            "--add --topic",
            "--bogus",
            "--add --allow-principal User:a --topic",
        ],
    )?;
    asked.same(
        Tool::Acls,
        &[
            "",
            "--list",
            "--list --topic t",
            "--bootstrap-server BROKERS --command-config FILES/none --list",
            "--bootstrap-server BROKERS --bootstrap-controller CONTROLLERS --list",
            "--bootstrap-controller CONTROLLERS --list",
        ],
    )?;
    Ok(())
}

/// What removes asks first, and takes a yes in either case. (Apache's reads the answer from a terminal alone.)
#[test]
fn entries_go_only_with_a_yes() -> Result<()> {
    let asked = guarded()?;
    let bootstrap = asked.cluster.bootstrap();
    let acls = |line: &str, answer: &str| -> Result<String> {
        let words = ["--bootstrap-server", &bootstrap].into_iter().chain(line.split(' '));
        Tool::Acls.shim()?.args(words).input(answer).stdout()
    };
    acls("--add --allow-principal User:ann --operation Read --topic orders", "")?;
    let lines =
        ["--remove --topic orders", "--remove --topic orders --allow-principal User:ann --operation Read"];
    for line in lines {
        for answer in ["n\n", "\n", "yes\n", ""] {
            let shown = acls(line, answer)?;
            ensure!(shown.starts_with("Are you sure") && shown.contains("? (y/n)"), "{shown}");
        }
    }
    let shown = acls("--list", "")?;
    ensure!(shown.contains("User:ann"), "{shown}");
    acls("--remove --topic orders", "Y\n")?;
    let shown = acls("--list", "")?;
    ensure!(shown.is_empty(), "{shown}");
    Ok(())
}

/// Where nothing guards the cluster, it says so.
#[test]
fn a_cluster_without_an_authorizer_has_no_entries() -> Result<()> {
    let asked = Asked::new(Cluster::start(&[Kind::under_test()?])?)?;
    of(
        &asked,
        &[
            "--list",
            "--add --allow-principal User:ann --operation Read --topic orders",
            "--remove --force --topic orders",
        ],
    )?;
    Ok(())
}
