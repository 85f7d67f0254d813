//! Groups: listed, described, reset, deleted.

use std::time::Duration;

use anyhow::{Result, bail};
use tests_compat::{Deadline, Process, Tool};

use super::{SERVER, ends_well, same::Asked, three_nodes};

const LIMIT: Duration = Duration::from_secs(60);
/// Longer than what is looked at before it is put in quotes.
const LONG_TOPIC: &str = "a-topic-with-a-long-name-of-its-own";

/// A cluster with records in partitions 0 to 2 of `a` and in the long topic.
fn with_records() -> Result<Asked> {
    let asked = three_nodes()?.without_thrown();
    for topic in ["a", LONG_TOPIC] {
        asked.cluster.tool(
            Tool::Topics,
            &["--create", "--topic", topic, "--partitions", "3", "--replication-factor", "1"],
        )?;
        let input: String = (0..20).map(|number| format!("{number}:{number}\n")).collect();
        let keyed = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"];
        let server = ["--bootstrap-server", &asked.cluster.bootstrap(), "--topic", topic];
        Tool::ConsoleProducer.program(&[&server[..], &keyed[..]].concat())?.input(input).stdout()?;
    }
    Ok(asked)
}

fn of(asked: &Asked, lines: &[&str]) -> Result<Vec<super::Said>> {
    let lines: Vec<_> = lines.iter().map(|line| format!("{SERVER} {line}")).collect();
    asked.same(Tool::ConsumerGroups, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Lets a group without members have read all partitions of `a` up to offset 3.
fn commit(asked: &Asked, group: &str) -> Result<()> {
    let how = ["--reset-offsets", "--execute", "--group", group, "--topic", "a", "--to-offset", "3"];
    asked.cluster.tool(Tool::ConsumerGroups, &how)?;
    Ok(())
}

/// A member that stays, once its group is stable. It commits nothing, so that what is told of it stays the same.
fn stays(asked: &Asked, group: &str, more: &[&str]) -> Result<Process> {
    commit(asked, group)?;
    let words = ["--bootstrap-server", &asked.cluster.bootstrap(), "--topic", "a", "--group", group];
    let log = asked.cluster.nodes()[0].folder().join(format!("{group}.log"));
    let quiet = ["--command-property", "enable.auto.commit=false"];
    let member = Tool::ConsoleConsumer.start(&[&words[..], &quiet, more].concat(), &log)?;
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        let shown = Tool::ConsumerGroups
            .shim()?
            .args(["--bootstrap-server", &asked.cluster.bootstrap(), "--list", "--state", "stable"])
            .stdout()?;
        if shown.lines().any(|line| line.split_whitespace().next() == Some(group)) {
            return Ok(member);
        }
    }
    bail!("{group} is not stable after {LIMIT:?}")
}

#[test]
fn groups_are_listed_and_described() -> Result<()> {
    let asked = with_records()?;
    commit(&asked, "gone")?;
    let _stays = stays(&asked, "there", &[])?;
    let _static = stays(&asked, "static", &["--command-property", "group.instance.id=one"])?;
    let said = of(
        &asked,
        &[
            "--list",
            "--list --type --state",
            "--list --type classic",
            "--list --state empty,dead",
            "--describe --group gone",
            "--describe --group gone --verbose",
            "--describe --group there --offsets",
            "--describe --all-groups",
            "--describe --all-groups --members",
            "--describe --all-groups --members --verbose",
            "--describe --all-groups --state",
            "--describe --group there --group gone --state --verbose",
            "--describe --group nope",
            "--describe --group nope --members",
            "--list extra",
        ],
    )?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 3, "{said:?}");
    assert_eq!(said[4].out.len(), 1 + 1 + 3, "{said:?}");
    of(
        &asked,
        &[
            "--describe --state stable --group gone",
            "--describe --members --state --group gone",
            "--delete --group gone --topic a",
            "--list --group gone",
            "--list --topic a",
            "--describe --group gone --topic a",
            "--describe --group gone --all-groups",
            "--group gone",
            "--list --members",
            "--describe --group gone --type classic",
            "--list --timeout x",
            "--list --bogus",
            "--list --command-config FILES/nope",
        ],
    )?;
    asked.same(Tool::ConsumerGroups, &["--list"])?;
    Ok(())
}

#[test]
fn offsets_are_reset_by_every_scenario() -> Result<()> {
    let asked = with_records()?;
    commit(&asked, "g")?;
    asked.write("one.csv", &format!("a,0,1\na,1,2\n\"{LONG_TOPIC}\",0,100\n"))?;
    asked.write("several.csv", "g,a,0,1\nnew,a,1,2\n\"g\",a,2,3\n")?;
    asked.write("wrong.csv", "a,x,1\n")?;
    asked.write("negative.csv", "a,0,1\na,1,-3\n")?;
    let line = |rest: &&str| format!("--reset-offsets --dry-run {rest}");
    let reset = |lines: &[&str]| {
        let lines: Vec<_> = lines.iter().map(line).collect();
        of(&asked, &lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let said = reset(&[
        "--group g --topic a --to-earliest",
        "--group g --topic a --to-latest",
        "--group g --topic a:0,2 --to-offset 3",
        "--group g --topic a --to-offset 300",
        "--group g --topic a:2 --shift-by -2",
        "--group g --all-topics --to-current",
        &format!("--group g --topic a --topic {LONG_TOPIC}:1 --to-current"),
        "--group g --all-topics --to-datetime 2020-01-01T00:00:00.000",
        "--group g --all-topics --to-datetime 2050-01-01T00:00:00.000+02:00",
        "--group g --all-topics --to-datetime 2020-01-01T00:00:00",
        "--group g --all-topics --to-datetime 2020-01-01",
        "--group g --all-topics --by-duration P1DT1H1M1.5S",
        "--group g --all-topics --by-duration PT0S",
        "--group g --all-topics --by-duration P1W",
        &format!("--group g --topic a --topic {LONG_TOPIC} --to-earliest --export"),
        "--group g --group new --topic a --to-earliest --export",
        "--group g --from-file FILES/one.csv",
        "--group g --from-file FILES/several.csv",
        "--group g --group new --from-file FILES/several.csv",
        "--group other --from-file FILES/several.csv",
        "--group g --from-file FILES/wrong.csv",
        "--group g --from-file FILES/nope.csv",
        "--group g --topic nope --to-latest",
        "--group g --topic a:9 --to-latest",
        "--group g --topic a --to-offset x",
        "--all-groups --topic a --to-latest",
    ])?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 1 + 1 + 3, "{said:?}");
    assert_eq!(said[2].out.len(), 1 + 1 + 2, "{said:?}");
    for refused in reset(&[
        "--group g --topic a:x --to-latest",
        "--group g --topic a:1:2 --to-latest",
        "--group g --to-latest",
        "--group g --topic a --to-latest --execute",
        "--group g --topic a --to-latest --to-offset 3",
        "--group new --topic a --shift-by 1",
        "--group g --from-file FILES/negative.csv",
    ])? {
        assert_eq!(refused.code, Some(1), "{refused:?}");
    }
    Ok(())
}

#[test]
fn what_is_executed_is_done() -> Result<()> {
    let asked = with_records()?;
    let _stays = stays(&asked, "there", &[])?;
    let said = of(
        &asked,
        &[
            "--reset-offsets --group of-TOPIC --topic a --to-earliest --execute",
            "--describe --group of-TOPIC",
            "--reset-offsets --group of-TOPIC --topic a:1 --shift-by 2 --execute",
            "--describe --group of-TOPIC",
            "--delete-offsets --group of-TOPIC --topic a:1",
            "--describe --group of-TOPIC",
            "--reset-offsets --group there --topic a --to-latest --execute",
            "--delete-offsets --group of-TOPIC --topic a --topic nope",
            "--delete-offsets --group there --topic a",
            &format!("--delete-offsets --group there --topic {LONG_TOPIC}"),
            "--delete-offsets --group nope --topic a",
            "--delete --group there",
            "--reset-offsets --group of-TOPIC --group more-of-TOPIC --topic a --to-earliest --execute",
            "--delete --group of-TOPIC --group nope",
            "--delete --group more-of-TOPIC",
            "--describe --group more-of-TOPIC",
        ],
    )?;
    ends_well(&said);
    assert!(said[3].out.iter().any(|line| line.contains(" 1          2  ")), "{said:?}");
    assert_eq!(said[14].out, ["Deletion of requested consumer groups ('more-of-TOPIC') was successful."]);
    of(&asked, &["--delete-offsets --group there --topic a:x"])?;
    Ok(())
}

#[test]
fn patterns_are_checked() -> Result<()> {
    let asked = Asked::new(tests_compat::Cluster::start(&[tests_compat::Kind::under_test()?])?)?;
    let patterns = [
        "a.*b",
        "a(b",
        "a)",
        "*",
        "a|*",
        "a{2}{3}",
        "a*?",
        "a{1001}",
        "a{",
        "[b-a]",
        "[a",
        "[]a]",
        "[[:foo:]]",
        "\\p{Greek}",
        "\\p{Foo}",
        "\\1",
        "\\x{110000}",
        "\\y",
        "a\\",
        "(?P<n>a)(?P<n>b)",
        "(?<n>a)",
        "(?=a)",
        "(?i-:a)",
    ];
    let lines = patterns.map(|pattern| format!("--validate-regex {pattern}"));
    ends_well(&asked.same(Tool::ConsumerGroups, &lines.each_ref().map(String::as_str))?);
    Ok(())
}
