//! What Klamm's compaction leaves is what Apache's leaves of the same files, batch by batch and record by record; and
//! each goes on with what the other left.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use tests_compat::{Broker, Cache, Codec, Deadline, Kind, Program, Record, Spec, Tool, pause, wall_ms};

use crate::exchange::Client;
use crate::librdkafka::Librdkafka;

const TOPIC: &str = "kept";
const PARTITIONS: i32 = 6;
const CLEANED_LIMIT: Duration = Duration::from_secs(60);
/// A file is looked at again after so long: it tells nobody that it changed.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const SEGMENT_AGE_MS: i64 = 600_000;
/// The first records lie so far back; markers have the time of the clock, and later records lie ahead of it.
const BACK_MS: i64 = 60_000;

/// A stopped Apache broker with a topic that nobody has compacted; and when its records begin.
fn written() -> Result<(Broker, i64)> {
    let mut broker = Spec::new(Kind::Apache).set("log.cleaner.enable", "false").start()?;
    let configs = [
        ("cleanup.policy", "compact"),
        ("internal.segment.bytes", "8192"),
        ("segment.ms", &SEGMENT_AGE_MS.to_string()),
        ("min.cleanable.dirty.ratio", "0.0"),
        ("delete.retention.ms", "1"),
    ];
    broker.create_topic(TOPIC, PARTITIONS, &configs)?;
    let start = wall_ms() - BACK_MS;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("java/Keyed.java");
    Program::new("java")
        .args(["-Xmx256m", "-cp", &Cache::open()?.kafka_class_path()?])
        .args([source.display().to_string(), broker.bootstrap(), TOPIC.to_owned(), start.to_string()])
        .stdout()?;
    broker.stop()?;
    for (key, value) in
        [("log.cleaner.enable", "true"), ("log.cleaner.backoff.ms", "50"), ("log.cleaner.threads", "2")]
    {
        broker.set(key, value)?;
    }
    Ok((broker, start))
}

/// The `.log` files of a partition, in order.
fn logs(broker: &Broker, partition: i32) -> Result<Vec<String>> {
    let mut logs = Vec::new();
    for entry in fs::read_dir(broker.partition(TOPIC, partition))? {
        let path = entry?.path().display().to_string();
        if path.ends_with(".log") {
            logs.push(path);
        }
    }
    logs.sort();
    Ok(logs)
}

/// Where the active segment begins: everything before it is to be cleaned.
fn active_base(broker: &Broker, partition: i32) -> Result<i64> {
    let logs = logs(broker, partition)?;
    let name = Path::new(logs.last().context("a segment")?).file_stem().context("a name")?;
    Ok(name.to_string_lossy().parse()?)
}

/// Waits until everything but the active segments is cleaned, and stops the broker.
fn cleaned(mut broker: Broker) -> Result<Broker> {
    let mut wanted = Vec::new();
    for partition in 0..PARTITIONS {
        wanted.push(format!("{TOPIC} {partition} {}", active_base(&broker, partition)?));
    }
    let checkpoint = broker.data().join("cleaner-offset-checkpoint");
    let deadline = Deadline::after(CLEANED_LIMIT);
    loop {
        let text = fs::read_to_string(&checkpoint).unwrap_or_default();
        if wanted.iter().all(|line| text.lines().any(|told| told == line)) {
            broker.stop()?;
            return Ok(broker);
        }
        if deadline.left().is_none() {
            bail!("not cleaned within {CLEANED_LIMIT:?}: {wanted:?} of\n{text}");
        }
        pause(LOOK_EVERY);
    }
}

/// What Apache's reader tells of a partition's batches and records, without what depends on the moment or on the
/// encoder: positions, sizes and checksums of compressed bytes, the time of a delete horizon.
fn portrait(broker: &Broker, partition: i32) -> Result<Vec<String>> {
    let files = logs(broker, partition)?.join(",");
    let dump = Tool::DumpLog.stdout(&["--print-data-log", "--deep-iteration", "--files", &files])?;
    let mut told = Vec::new();
    for line in dump.lines().filter(|line| line.starts_with("baseOffset: ") || line.starts_with("| offset: "))
    {
        assert!(!line.contains("isvalid: false"), "{line}");
        let mut words = Vec::new();
        let mut all = line.split(' ');
        while let Some(word) = all.next() {
            match word {
                "position:" | "size:" | "crc:" => drop(all.next()),
                horizon if horizon.starts_with("OptionalLong[") => words.push("(set)"),
                word => words.push(word),
            }
        }
        told.push(words.join(" "));
    }
    Ok(told)
}

/// Fails with the first difference only: a portrait is long.
fn assert_same(one: &Broker, two: &Broker) -> Result<Vec<Vec<String>>> {
    let mut all = Vec::new();
    for partition in 0..PARTITIONS {
        let (first, second) = (portrait(one, partition)?, portrait(two, partition)?);
        let differs = first.iter().zip(&second).find(|(one, two)| one != two);
        assert_eq!(differs, None, "partition {partition}");
        assert_eq!(first.len(), second.len(), "partition {partition}");
        all.push(first);
    }
    Ok(all)
}

fn count(portraits: &[Vec<String>], what: impl Fn(&str) -> bool) -> usize {
    portraits.iter().flatten().filter(|line| what(line)).count()
}

/// One record for each partition, so much later that the segment before it is ended.
fn write_on(broker: &Broker, timestamp: i64) -> Result<()> {
    let records = (0..PARTITIONS).map(|partition| Record {
        partition,
        timestamp,
        key: Some(b"later".to_vec()),
        value: Some(timestamp.to_string().into_bytes()),
        headers: vec![],
    });
    Librdkafka.produce(broker, TOPIC, Codec::None, &records.collect::<Vec<_>>())
}

#[test]
fn the_same_files_are_compacted_to_the_same_content() -> Result<()> {
    let (original, start) = written()?;
    let ours = cleaned(original.taken_over_by(Kind::Klamm)?)?;
    let theirs = cleaned(original.taken_over_by(Kind::Apache)?)?;
    let first = assert_same(&theirs, &ours).context("after the first round")?;
    let is_tombstone = |line: &str| line.contains("valueSize: -1") || line.contains("valuesize: -1");
    let is_marker = |line: &str| line.contains("isControl: true");
    let is_empty = |line: &str| line.contains(" count: 0 ");
    assert!(count(&first, is_tombstone) > 0 && count(&first, is_marker) > 0 && count(&first, is_empty) > 0);

    // Each goes on with what the other left; tombstones and markers have had their time.
    let mut pair = [ours, theirs];
    for round in 1..=3 {
        for broker in &mut pair {
            // At the same addresses: one after the other.
            let next =
                broker.taken_over_by(if round == 1 { broker.kind().other() } else { broker.kind() })?;
            write_on(&next, start + 2 * BACK_MS + round * (SEGMENT_AGE_MS + BACK_MS))?;
            *broker = cleaned(next)?;
        }
        let [ours, theirs] = &pair;
        let after = assert_same(ours, theirs).with_context(|| format!("after round {}", round + 1))?;
        assert!(round < 2 || count(&after, is_tombstone) < count(&first, is_tombstone));
        assert!(round < 3 || count(&after, is_marker) < count(&first, is_marker));
    }
    Ok(())
}
