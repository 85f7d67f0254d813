//! Scripts that are members of groups: alone, with each other, and with Apache's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tests_compat::{Cluster, Deadline, Kind, Tool};

use super::{SERVER, ends_well, same::Asked, three_nodes};

const LIMIT: Duration = Duration::from_secs(60);

/// Writes so many records with keys to a topic.
fn produce(cluster: &Cluster, topic: &str, count: usize) -> Result<()> {
    let input: String = (0..count).map(|number| format!("{number}:{number}\n")).collect();
    let keyed = ["--reader-property", "parse.key=true", "--reader-property", "key.separator=:"];
    let server = ["--bootstrap-server", &cluster.bootstrap(), "--topic", topic];
    Tool::ConsoleProducer.program(&[&server[..], &keyed[..]].concat())?.input(input).stdout()?;
    Ok(())
}

/// Waits until a group is stable with so many members.
fn wait_for_members(cluster: &Cluster, group: &str, count: &str) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    let mut last = String::new();
    while deadline.left().is_some() {
        let shown = Tool::ConsumerGroups
            .shim()?
            .args(["--bootstrap-server", &cluster.bootstrap(), "--describe", "--group", group, "--state"])
            .stdout()?;
        let row = shown.lines().rfind(|line| line.starts_with(group)).unwrap_or_default();
        let words: Vec<_> = row.split_whitespace().collect();
        if words.contains(&"Stable") && words.last() == Some(&count) {
            return Ok(());
        }
        last = shown;
    }
    bail!("{group} has not {count} members but\n{last}")
}

fn printed(log: &Path) -> Result<Vec<String>> {
    let is_record = |line: &&str| line.parse::<usize>().is_ok();
    let text = fs::read_to_string(log).with_context(|| log.display().to_string())?;
    Ok(text.lines().filter(is_record).map(str::to_owned).collect())
}

#[test]
fn the_console_consumer_goes_on_where_its_group_is() -> Result<()> {
    let asked = three_nodes()?;
    asked.create_topic("1,2,3")?;
    for topic in ["topic-of-java", "topic-of-rust"] {
        produce(&asked.cluster, topic, 30)?;
    }
    let read = |rest: &str| format!("{SERVER} --group of-TOPIC {rest}");
    let lines = [
        read("--topic TOPIC --from-beginning --max-messages 30"),
        read("--include .*TOPIC --max-messages 0"),
        format!(
            "{SERVER} --topic TOPIC --from-beginning --max-messages 30 --command-property group.id=other-of-TOPIC"
        ),
    ];
    let said = asked.same(Tool::ConsoleConsumer, &lines.each_ref().map(String::as_str))?;
    ends_well(&said);
    assert_eq!(said[0].out.len(), 30, "{said:?}");
    // What was committed is the same, of a group that read a part too.
    let part = format!("{SERVER} --topic TOPIC --group part-of-TOPIC --from-beginning --max-messages 7");
    for part in asked.each(Tool::ConsoleConsumer, &part)? {
        assert_eq!(part.stdout.lines().count(), 7, "{part:?}");
    }
    for group in ["part-of-topic-of-java", "part-of-topic-of-rust"] {
        let words = ["--describe", "--group", group];
        let shown = asked.cluster.tool(Tool::ConsumerGroups, &words)?;
        let committed = shown.lines().filter(|line| line.starts_with(group)).map(|line| {
            line.split_whitespace().nth(3).and_then(|offset| offset.parse::<usize>().ok()).unwrap_or_default()
        });
        assert_eq!(committed.sum::<usize>(), 7, "{shown}");
    }
    let described = format!("{SERVER} --describe --group of-TOPIC");
    ends_well(&asked.same(Tool::ConsumerGroups, &[&described])?);
    let wrong = [
        format!("{SERVER} --topic TOPIC --group g --partition 0"),
        format!("{SERVER} --topic TOPIC --group g --command-property group.id=h"),
    ];
    for line in wrong {
        for refused in asked.each(Tool::ConsoleConsumer, &line)? {
            assert_eq!(refused.code, Some(1), "{refused:?}");
        }
    }
    Ok(())
}

/// Whose member comes first, and leads the group.
#[derive(Clone, Copy, PartialEq)]
enum First {
    Apache,
    Klamm,
}

/// A member of Apache's and one of ours share a topic: each record is printed by one of them.
fn share(first: First) -> Result<()> {
    let cluster = Cluster::start(&[Kind::under_test()?])?;
    cluster.tool(Tool::Topics, &["--create", "--topic", "shared", "--partitions", "6"])?;
    let folder = tempfile::tempdir()?;
    let [theirs, ours] = ["theirs", "ours"].map(|name| folder.path().join(name));
    let words = ["--bootstrap-server", &cluster.bootstrap(), "--topic", "shared", "--group", "mixed"];
    let java = || Tool::ConsoleConsumer.start(&words, &theirs);
    let rust = || Tool::ConsoleConsumer.start_shim(&words, &ours);
    let mut members = Vec::new();
    members.push(if first == First::Apache { java()? } else { rust()? });
    wait_for_members(&cluster, "mixed", "1")?;
    members.push(if first == First::Apache { rust()? } else { java()? });
    wait_for_members(&cluster, "mixed", "2")?;
    produce(&cluster, "shared", 200)?;
    let deadline = Deadline::after(LIMIT);
    let mut all = Vec::new();
    while all.len() < 200 && deadline.left().is_some() {
        all = [printed(&theirs)?, printed(&ours)?].concat();
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (200, 200));
    assert!(!printed(&theirs)?.is_empty() && !printed(&ours)?.is_empty());
    for member in &mut members {
        member.terminate()?;
        assert!(member.wait(LIMIT)?.is_some());
    }
    let shown = cluster.tool(Tool::ConsumerGroups, &["--describe", "--group", "mixed"])?;
    let lags =
        shown.lines().filter(|line| line.starts_with("mixed")).map(|line| line.split_whitespace().nth(5));
    assert!(lags.clone().count() == 6 && lags.clone().all(|lag| lag == Some("0")), "{shown}");
    Ok(())
}

#[test]
fn a_member_of_ours_follows_apaches() -> Result<()> {
    share(First::Apache)
}

#[test]
fn a_member_of_ours_leads_apaches() -> Result<()> {
    share(First::Klamm)
}

#[test]
fn the_verifiable_tools_tell_the_same() -> Result<()> {
    let asked = Asked::new(Cluster::start(&[Kind::under_test()?])?)?.without_times();
    asked.create_topic("1")?;
    asked.write("client.properties", "client.id=x\n")?;
    let server = "--bootstrap-server BROKERS";
    let produced = asked.same(
        Tool::VerifiableProducer,
        &[
            &format!("{server} --topic TOPIC --max-messages 5"),
            &format!(
                "{server} --topic TOPIC --max-messages 4 --repeating-keys 2 --value-prefix 7 --throughput 100"
            ),
            &format!("{server} --topic TOPIC --max-messages 1 --producer.config FILES/client.properties"),
        ],
    )?;
    ends_well(&produced);
    assert_eq!(produced[0].out.len(), 5 + 3, "{produced:?}");
    let consumed = asked.same(
        Tool::VerifiableConsumer,
        &[
            &format!("{server} --topic TOPIC --group-id of-TOPIC --max-messages 3 --verbose"),
            &format!("{server} --topic TOPIC --group-id of-TOPIC --max-messages 2 --enable-autocommit"),
            &format!("{server} --topic TOPIC --group-id static-of-TOPIC --max-messages 2 --group-instance-id i --session-timeout 10000"),
        ],
    )?;
    ends_well(&consumed);
    let names = |line: &String| serde_json::from_str::<Value>(line).ok()?["name"].as_str().map(str::to_owned);
    assert_eq!(
        consumed[1].out.iter().filter_map(names).collect::<Vec<_>>(),
        [
            "startup_complete",
            "partitions_assigned",
            "records_consumed",
            "partitions_revoked",
            "shutdown_complete",
            "shutdown_requested"
        ]
    );
    for (tool, wrong) in [
        (Tool::VerifiableProducer, "--topic TOPIC"),
        (Tool::VerifiableProducer, "--bootstrap-server BROKERS"),
        (Tool::VerifiableProducer, "--bootstrap-server BROKERS --topic TOPIC --acks 7"),
        (Tool::VerifiableProducer, "--bootstrap-server BROKERS --topic TOPIC --command-config FILES/nope"),
        (Tool::VerifiableConsumer, "--topic TOPIC --group-id x"),
        (Tool::VerifiableConsumer, "--bootstrap-server BROKERS --topic TOPIC"),
        (Tool::VerifiableConsumer, "--bootstrap-server BROKERS --topic TOPIC --group-id x --bogus"),
    ] {
        assert_eq!(asked.same(tool, &[wrong])?[0].code, Some(1), "{wrong}");
    }
    Ok(())
}
