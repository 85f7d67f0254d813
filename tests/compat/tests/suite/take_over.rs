//! One implementation on a copy of the other's data folder, after a clean stop and after a kill, there and back; and
//! Apache Kafka's own reader on every file.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Codec, Kind, Record, Spec, Tool};

use crate::exchange::{Client, sample};
use crate::librdkafka::Librdkafka;
use crate::text::{lines, sorted_lines};

/// What a client can see of a broker: topics with their ids and settings, offsets, and every record.
#[derive(Debug, Eq, PartialEq)]
struct Portrait {
    topics: Vec<String>,
    configs: Vec<String>,
    earliest: Vec<String>,
    latest: Vec<String>,
    records: Vec<Record>,
}

const PARTITIONS: i32 = 5;

impl Portrait {
    /// Fails with what differs only: a portrait is long.
    fn assert_same(&self, other: &Self) {
        assert_eq!(self.topics, other.topics);
        assert_eq!(self.configs, other.configs);
        assert_eq!((&self.earliest, &self.latest), (&other.earliest, &other.latest));
        assert_eq!(self.records.len(), other.records.len());
        let differs = self.records.iter().zip(&other.records).find(|(one, two)| one != two);
        assert_eq!(differs, None);
    }

    fn of(broker: &Broker) -> Result<Self> {
        let offsets = |time: &str| -> Result<Vec<String>> {
            Ok(sorted_lines(&broker.tool(Tool::GetOffsets, &["--exclude-internal-topics", "--time", time])?))
        };
        let (earliest, latest) = (offsets("earliest")?, offsets("latest")?);
        let mut records = Vec::new();
        for partition in 0..PARTITIONS {
            let end = offset(&latest, partition)? - offset(&earliest, partition)?;
            let consumed = Librdkafka.consume(broker, "kept", partition, end)?;
            records.extend(consumed.into_iter().map(|consumed| consumed.record));
        }
        let topics = broker.tool(Tool::Topics, &["--describe", "--exclude-internal"])?;
        let configs = broker.tool(Tool::Configs, &["--describe", "--entity-type", "topics"])?;
        Ok(Self {
            topics: lines(&topics).into_iter().map(settings_in_order).collect(),
            configs: of_own_topics(&configs),
            earliest,
            latest,
            records,
        })
    }
}

/// Without the settings of internal topics, which a broker makes when a client asks for a coordinator.
fn of_own_topics(configs: &str) -> Vec<String> {
    let starts_topic = |line: &str| line.starts_with("Dynamic configs for topic ");
    let mut kept = Vec::new();
    let mut internal = false;
    for line in lines(configs) {
        if starts_topic(&line) {
            internal = line.contains(" __");
        }
        if !internal {
            kept.push(line);
        }
    }
    kept.sort();
    kept
}

fn settings_in_order(line: String) -> String {
    let Some((start, settings)) = line.split_once("Configs: ") else { return line };
    let mut settings: Vec<_> = settings.split(',').collect();
    settings.sort_unstable();
    format!("{start}Configs: {}", settings.join(","))
}

fn offset(offsets: &[String], partition: i32) -> Result<usize> {
    let start = format!("kept:{partition}:");
    let offset = offsets.iter().find_map(|line| line.strip_prefix(&start)).context("a partition's offset")?;
    Ok(offset.parse()?)
}

/// A broker with several segments in each codec, a moved log start, a grown topic, a deleted one, changed settings.
fn with_history(kind: Kind) -> Result<Broker> {
    let broker = Spec::new(kind).start()?;
    broker.create_topic("kept", 2, &[("segment.bytes", "1048576"), ("index.interval.bytes", "1024")])?;
    broker.create_topic("dropped", 3, &[])?;
    broker.create_topic("empty", 1, &[("retention.ms", "-1"), ("cleanup.policy", "compact,delete")])?;
    broker.tool(Tool::Topics, &["--alter", "--topic", "kept", "--partitions", &PARTITIONS.to_string()])?;
    let kept = ["--entity-type", "topics", "--entity-name", "kept", "--alter"];
    broker.tool(Tool::Configs, &[&kept[..], &["--add-config", "max.message.bytes=1500000"]].concat())?;
    for (partition, codec) in (0..).zip(Codec::ALL) {
        for _ in 0..2 {
            // Small batches fill the indexes.
            Librdkafka.produce_with(&broker, "kept", codec, &sample(partition), "100")?;
        }
    }
    broker.tool(Tool::Topics, &["--delete", "--topic", "dropped"])?;
    Ok(broker)
}

/// Moves the start of a partition. Apache Kafka keeps that in memory for up to a minute, so a kill may undo it.
fn trim(broker: &Broker) -> Result<()> {
    let file = broker.folder().join("delete.json");
    fs::write(&file, r#"{"version":1,"partitions":[{"topic":"kept","partition":2,"offset":1000}]}"#)?;
    broker.tool(Tool::DeleteRecords, &["--offset-json-file", &file.display().to_string()])?;
    Ok(())
}

/// How a broker ends.
enum End {
    Stop,
    Kill,
}

impl End {
    fn bring(&self, broker: &mut Broker) -> Result<()> {
        match self {
            Self::Stop => broker.stop(),
            Self::Kill => broker.kill(),
        }
    }
}

/// `first` stops or dies, `second` serves the same from a copy and takes new records, `first` serves all of that.
fn there_and_back(first: Kind, second: Kind, end: End) -> Result<()> {
    let mut original = with_history(first)?;
    if let End::Stop = end {
        trim(&original)?;
    }
    let before = Portrait::of(&original)?;
    end.bring(&mut original)?;

    let mut other = original.taken_over_by(second).context("the take-over")?;
    before.assert_same(&Portrait::of(&other)?);
    let added = sample(3);
    Librdkafka.produce(&other, "kept", Codec::Zstd, &added)?;
    other.create_topic("later", 2, &[])?;
    let after = Portrait::of(&other)?;
    assert_eq!(offset(&after.latest, 3)?, offset(&before.latest, 3)? + added.len());
    end.bring(&mut other)?;

    let back = other.taken_over_by(first).context("the way back")?;
    after.assert_same(&Portrait::of(&back)?);
    Ok(())
}

#[test]
fn apache_kafka_takes_over_after_a_clean_stop() -> Result<()> {
    there_and_back(Kind::under_test()?, Kind::Apache, End::Stop)
}

#[test]
fn apache_kafka_takes_over_after_a_kill() -> Result<()> {
    there_and_back(Kind::under_test()?, Kind::Apache, End::Kill)
}

#[test]
fn apache_kafka_is_taken_over_after_a_clean_stop() -> Result<()> {
    there_and_back(Kind::Apache, Kind::under_test()?, End::Stop)
}

#[test]
fn apache_kafka_is_taken_over_after_a_kill() -> Result<()> {
    there_and_back(Kind::Apache, Kind::under_test()?, End::Kill)
}

/// The files below `folder` with one of these endings, comma-separated, in order.
fn files(folder: &Path, endings: &[&str]) -> Result<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if endings.iter().any(|ending| path.display().to_string().ends_with(ending)) {
            found.push(path.display().to_string());
        }
    }
    ensure!(!found.is_empty(), "no {endings:?} in {}", folder.display());
    found.sort();
    Ok(found.join(","))
}

#[test]
fn dump_log_is_content_with_every_file() -> Result<()> {
    let mut broker = with_history(Kind::under_test()?)?;
    broker.stop()?;
    for partition in 0..PARTITIONS {
        let folder = broker.partition("kept", partition);
        let dump = Tool::DumpLog.stdout(&["--deep-iteration", "--files", &files(&folder, &[".log"])?])?;
        assert!(!dump.contains("isvalid: false"), "{dump}");
        let records = dump.lines().filter(|line| line.starts_with("| offset: ")).count();
        assert_eq!(records, 2 * sample(partition).len(), "partition {partition}");

        let indexes = files(&folder, &[".index", ".timeindex"])?;
        let sanity = Tool::DumpLog.stdout(&["--index-sanity-check", "--files", &indexes])?;
        let passed = sanity
            .lines()
            .filter(|line| line.ends_with("passed sanity check.") || line.ends_with(".index is empty."))
            .count();
        assert_eq!(passed, indexes.split(',').count(), "{sanity}");
        let verified = Tool::DumpLog.program(&["--verify-index-only", "--files", &indexes])?.run()?;
        let said = format!("{}{}", verified.stdout, verified.stderr);
        assert!(verified.code == Some(0) && !said.to_lowercase().contains("mismatch"), "{said}");
        assert!(!said.contains("Found timestamp") && !said.contains("out of order"), "{said}");

        let snapshots = Tool::DumpLog.stdout(&["--files", &files(&folder, &[".snapshot"])?])?;
        assert!(snapshots.contains("producerId: "), "{snapshots}");
    }
    Ok(())
}

#[test]
fn dump_log_decodes_the_cluster_metadata() -> Result<()> {
    let mut broker = with_history(Kind::under_test()?)?;
    broker.stop()?;
    let folder = broker.data().join("__cluster_metadata-0");
    let logs = files(&folder, &[".log", ".checkpoint"])?;
    let dump = Tool::DumpLog.stdout(&["--cluster-metadata-decoder", "--files", &logs])?;
    for expected in [
        r#""type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":30}"#,
        r#""type":"REGISTER_BROKER_RECORD""#,
        r#""type":"TOPIC_RECORD","version":0,"data":{"name":"kept""#,
        r#""type":"PARTITION_RECORD""#,
        r#""type":"CONFIG_RECORD","version":0,"data":{"resourceType":2,"resourceName":"kept","name":"max.message.bytes","value":"1500000"}"#,
        r#""type":"REMOVE_TOPIC_RECORD""#,
        r#""type":"PRODUCER_IDS_RECORD""#,
        r#"KRaftVersion"#,
        r#"KRaftVoters"#,
        "LeaderChange",
    ] {
        assert!(dump.contains(expected), "{expected} is missing:\n{dump}");
    }
    assert!(!dump.contains("isvalid: false") && !dump.contains("Error"), "{dump}");
    Ok(())
}
