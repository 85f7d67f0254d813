//! Streams with `exactly_once_v2`: words are counted and joined with a table, in state stores, through a repartition
//! topic, while applications and brokers are killed. Every count is seen once, and none is left out.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Cluster, Service, Tool};

use super::{LIMIT, wait_for};

const TOPICS: [&str; 4] = ["lines", "meanings", "counts", "explained"];
const PARTITIONS: i32 = 2;
const WORDS: [&str; 5] = ["alp", "bach", "chilbi", "dorf", "enge"];
/// Lines of one step, each with every word.
const LINES: usize = 40;

fn application(cluster: &Cluster) -> Result<Service> {
    let mut application = Service::new("Words.java", &[])?;
    let state = application.folder().join("state").display().to_string();
    application.configure(&[
        ("application.id", "words"),
        ("bootstrap.servers", &cluster.bootstrap()),
        ("state.dir", &state),
        ("processing.guarantee", "exactly_once_v2"),
        ("replication.factor", "3"),
        ("commit.interval.ms", "100"),
        ("statestore.cache.max.bytes", "0"),
        ("consumer.session.timeout.ms", "6000"),
        ("consumer.heartbeat.interval.ms", "500"),
        ("consumer.auto.offset.reset", "earliest"),
        ("producer.transaction.timeout.ms", "10000"),
        ("num.stream.threads", "2"),
    ])?;
    application.start()?;
    Ok(application)
}

fn produce(broker: &Broker, topic: &str, lines: &[String]) -> Result<()> {
    let words =
        ["--topic", topic, "--reader-property", "parse.key=true", "--reader-property", "key.separator=/"];
    let output = broker.run_tool(Tool::ConsoleProducer, &words, &lines.join("\n"))?;
    ensure!(output.code == Some(0), "{output:?}");
    Ok(())
}

/// What is committed in a topic: the values of each key, in order. It has so many records, and then no more.
fn committed(broker: &Broker, topic: &str, count: usize) -> Result<BTreeMap<String, Vec<String>>> {
    let (more, limit) = ((count + 1).to_string(), "3000");
    let words = ["--topic", topic, "--from-beginning", "--max-messages", &more, "--timeout-ms", limit];
    let properties = ["--isolation-level", "read_committed", "--formatter-property", "print.key=true"];
    // One that waits in vain for the record that must not come says so with its exit code.
    let output = broker.run_tool(Tool::ConsoleConsumer, &[&words[..], &properties].concat(), "")?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in output.stdout.lines() {
        let (key, value) = line.split_once('\t').with_context(|| line.to_owned())?;
        found.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    let there: usize = found.values().map(Vec::len).sum();
    ensure!(there >= count, "{topic} has {there} of {count} records");
    Ok(found)
}

/// Every word was counted once for each line so far, and explained as often.
fn check(broker: &Broker, applications: &[&Service], lines: usize) -> Result<()> {
    let records = lines * WORDS.len();
    let counts: Vec<_> = (1..=lines).map(|count| count.to_string()).collect();
    has(broker, applications, "counts", records, |_| counts.clone())?;
    has(broker, applications, "explained", records, |word| vec![format!("{word} is a word"); lines])
}

/// Waits until a topic has so many records: these, for each word.
fn has(
    broker: &Broker,
    applications: &[&Service],
    topic: &str,
    records: usize,
    values: impl Fn(&str) -> Vec<String>,
) -> Result<()> {
    let found = wait_for(&format!("{records} in {topic}"), applications, || {
        committed(broker, topic, records).map(Some)
    })?;
    let expected: BTreeMap<_, _> = WORDS.iter().map(|word| ((*word).to_owned(), values(word))).collect();
    assert_eq!(found, expected, "{topic}");
    Ok(())
}

#[test]
fn words_are_counted_once_while_applications_and_brokers_are_killed() -> Result<()> {
    let mut cluster = Cluster::resilient()?;
    let topics = TOPICS.map(str::to_owned);
    cluster.nodes()[0].create_replicated(&topics, PARTITIONS, 3, &[])?;
    let meanings: Vec<_> = WORDS.iter().map(|word| format!("{word}/a word")).collect();
    produce(&cluster.nodes()[0], "meanings", &meanings)?;
    let mut applications = [application(&cluster)?, application(&cluster)?];
    let mut lines = 0;
    let step = |broker: &Broker, lines: &mut usize| {
        let line = WORDS.join(" ");
        let new: Vec<_> = (*lines..*lines + LINES).map(|number| format!("{number}/{line}")).collect();
        *lines += LINES;
        produce(broker, "lines", &new)
    };
    step(&cluster.nodes()[0], &mut lines)?;
    check(&cluster.nodes()[0], &[&applications[0], &applications[1]], lines)?;

    for victim in 0..2 {
        step(&cluster.nodes()[0], &mut lines)?;
        applications[victim].kill()?;
        step(&cluster.nodes()[0], &mut lines)?;
        check(&cluster.nodes()[0], &[&applications[1 - victim]], lines)?;
        applications[victim].start()?;
    }
    for victim in 1..=3 {
        let asked = victim % 3;
        step(&cluster.nodes()[asked], &mut lines)?;
        cluster.node(victim).kill()?;
        step(&cluster.nodes()[asked], &mut lines)?;
        check(&cluster.nodes()[asked], &[&applications[0], &applications[1]], lines)?;
        cluster.launch()?;
        cluster.wait_until_in_sync(&topics, LIMIT)?;
    }
    applications.iter_mut().try_for_each(Service::stop)
}
