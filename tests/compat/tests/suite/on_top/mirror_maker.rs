//! MirrorMaker between Apache Kafka and Klamm, in both directions: records, topics' settings, and where groups are.

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Kind, Service, Spec, Tool};

use super::{LIMIT, wait_for};

const RECORDS: usize = 200;

fn start(kind: Kind) -> Result<Broker> {
    let one = ["offsets.topic.replication.factor", "transaction.state.log.replication.factor"];
    one.iter().fold(Spec::new(kind), |spec, key| spec.set(key, "1")).start()
}

fn produce(broker: &mut Broker, topic: &str, records: std::ops::Range<usize>) -> Result<()> {
    let input: String = records.map(|number| format!("{number}\n")).collect();
    let output = broker.run_tool(Tool::ConsoleProducer, &["--topic", topic], &input)?;
    ensure!(output.code == Some(0), "{output:?}");
    Ok(())
}

/// The values of a topic, which has so many records, read as a group or not.
fn consume(broker: &mut Broker, topic: &str, count: usize, more: &[&str]) -> Result<Vec<String>> {
    let (count, limit) = (count.to_string(), LIMIT.as_millis().to_string());
    let words = ["--topic", topic, "--from-beginning", "--max-messages", &count, "--timeout-ms", &limit];
    Ok(broker.tool(Tool::ConsoleConsumer, &[&words, more].concat())?.lines().map(str::to_owned).collect())
}

/// The committed offset of a group, when it has one.
fn committed(broker: &mut Broker, group: &str, topic: &str) -> Result<Option<usize>> {
    let told = broker.run_tool(Tool::ConsumerGroups, &["--describe", "--group", group], "")?;
    let line = told.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut line = line.filter(|words| words.get(1) == Some(&topic));
    Ok(line.next().and_then(|words| words.get(3)?.parse().ok()))
}

#[test]
fn each_is_mirrored_to_the_other_with_its_groups() -> Result<()> {
    let mut brokers = [start(Kind::Apache)?, start(Kind::under_test()?)?];
    let names = ["east", "west"];
    for (broker, name) in brokers.iter_mut().zip(names) {
        broker.create_topic(name, 1, &[("retention.ms", "123456789")])?;
        produce(broker, name, 0..RECORDS)?;
        let group = format!("{name}-group");
        consume(broker, name, RECORDS, &["--group", &group])?;
    }
    let [east, west] = [brokers[0].bootstrap(), brokers[1].bootstrap()];
    let mut maker = Service::new(
        "org.apache.kafka.connect.mirror.MirrorMaker",
        &[
            ("clusters", "east, west"),
            ("east.bootstrap.servers", &east),
            ("west.bootstrap.servers", &west),
            ("east->west.enabled", "true"),
            ("west->east.enabled", "true"),
            ("topics", "east, west"),
            ("groups", ".*-group"),
            ("replication.factor", "1"),
            ("checkpoints.topic.replication.factor", "1"),
            ("heartbeats.topic.replication.factor", "1"),
            ("offset-syncs.topic.replication.factor", "1"),
            ("offset.storage.replication.factor", "1"),
            ("status.storage.replication.factor", "1"),
            ("config.storage.replication.factor", "1"),
            ("sync.group.offsets.enabled", "true"),
            ("sync.group.offsets.interval.seconds", "1"),
            ("emit.checkpoints.interval.seconds", "1"),
            ("refresh.topics.interval.seconds", "1"),
            ("refresh.groups.interval.seconds", "1"),
            ("sync.topic.configs.interval.seconds", "1"),
            ("offset.lag.max", "0"),
            ("offset.flush.interval.ms", "500"),
            ("plugin.discovery", "only_scan"),
        ],
    )?;
    maker.start()?;
    let values: Vec<_> = (0..RECORDS).map(|number| number.to_string()).collect();
    for (at, name) in [(1, "east"), (0, "west")] {
        let topic = &format!("{name}.{name}");
        wait_for(&format!("{topic} is there"), &[&maker], || {
            let topics = brokers[at].tool(Tool::Topics, &["--list"])?;
            Ok(topics.lines().any(|line| line == topic.as_str()).then_some(()))
        })?;
        assert_eq!(consume(&mut brokers[at], topic, RECORDS, &[])?, values, "{topic}");
        let described = brokers[at].tool(Tool::Topics, &["--describe", "--topic", topic])?;
        ensure!(described.contains("retention.ms=123456789"), "{described}");
    }
    // What comes later comes as well, and the groups' places follow it.
    for (broker, name) in brokers.iter_mut().zip(names) {
        produce(broker, name, RECORDS..2 * RECORDS)?;
        let group = format!("{name}-group");
        consume(broker, name, RECORDS, &["--group", &group])?;
    }
    for (at, name) in [(1, "east"), (0, "west")] {
        let (group, topic) = (format!("{name}-group"), format!("{name}.{name}"));
        wait_for(&format!("{group} is there"), &[&maker], || {
            let found = committed(&mut brokers[at], &group, &topic)?;
            found.filter(|offset| *offset == 2 * RECORDS).map(Some).context("not yet")
        })?;
    }
    maker.stop()
}
