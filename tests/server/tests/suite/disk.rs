//! A disk that runs full while records come in: what was acknowledged stays and can be read, what lies on other disks is
//! served, and the log goes on when there is room again. Apache Kafka would take the directory offline for good.
//!
//! The disk is a small file system in memory, mounted where only the broker and a process that holds the place see it.
//! Where that cannot be done the tests fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionList;
use tests_compat::{Broker, Connection, Deadline, Kind, Spec};

use crate::batch;
use crate::namespace::Namespace;
use crate::oracle::{Acknowledged, Deliveries};

const TOPIC: &str = "filling";
const SMALL: &str = "12m";
const LARGE: &str = "128m";
const VALUE_BYTES: usize = 20_000;
/// More than the small disk holds.
const RECORDS: u64 = 1_000;
const LIMIT: Duration = Duration::from_secs(60);
const KAFKA_STORAGE_ERROR: i16 = 56;

/// A small file system, mounted in a namespace of its own.
struct SmallDisk {
    folder: tempfile::TempDir,
    namespace: Namespace,
}

impl SmallDisk {
    fn mount() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("klamm-disk-").tempdir()?;
        let disk = folder.path().join("disk");
        fs::create_dir(&disk)?;
        let script = format!("mount -t tmpfs -o size={SMALL} small {}", disk.display());
        let namespace = Namespace::open(&["mount"], &script)?;
        Ok(Self { folder, namespace })
    }

    /// Where the broker sees it.
    fn path(&self) -> PathBuf {
        self.folder.path().join("disk")
    }

    /// Where everybody sees it.
    fn outside(&self) -> PathBuf {
        self.namespace.outside(&self.path())
    }

    /// A broker that sees it.
    fn spec(&self) -> Result<Spec> {
        let spec = Spec::new(Kind::under_test()?).launcher(&self.namespace.enter());
        Ok(spec.set("log.segment.bytes", "1048576"))
    }

    fn grow(&self) -> Result<()> {
        let (size, path) = (format!("remount,size={LARGE}"), self.path().display().to_string());
        // The options that it has name a user whom only the outside knows.
        let words = ["mount", "--options-mode", "ignore", "-o", &size, "small", &path];
        self.namespace.run(&words).map(drop)
    }
}

fn value(number: u64) -> String {
    format!("{number:010} {}", "v".repeat(VALUE_BYTES))
}

/// Sends records to one partition until one is refused, and gives what was acknowledged.
fn fill(broker: &Broker, partition: i32) -> Result<Arc<Acknowledged>> {
    let acknowledged = Arc::new(Acknowledged::default());
    let producer: ThreadedProducer<Deliveries> = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("acks", "all")
        .set("linger.ms", "0")
        .set("message.timeout.ms", "2000")
        .create_with_context(Deliveries(Arc::clone(&acknowledged)))?;
    for number in 0..RECORDS {
        let value = value(number);
        let record =
            BaseRecord::<(), [u8], Box<u64>>::with_opaque_to(TOPIC, Box::new(number)).partition(partition);
        producer.send(record.payload(value.as_bytes())).map_err(|(error, _)| error)?;
    }
    producer.flush(LIMIT)?;
    let refused = acknowledged.failure();
    ensure!(refused.is_some(), "{RECORDS} records of {VALUE_BYTES} bytes were all taken");
    Ok(acknowledged)
}

/// Where the machine is slow the producer gave up before the disk was full, and what was cut off leaves room for a small
/// record: these are large, and the last one is refused for want of room.
fn fill_up(broker: &Broker, partition: i32) -> Result<()> {
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    for _ in 0..RECORDS {
        connection.send(&batch::produce(TOPIC, partition, &vec![b'x'; 900_000]))?;
        match batch::produced(&mut connection, TOPIC)? {
            (0, _) => {}
            (KAFKA_STORAGE_ERROR, _) => return Ok(()),
            (code, _) => bail!("error {code} instead of {KAFKA_STORAGE_ERROR}"),
        }
    }
    bail!("the disk does not fill")
}

/// Every acknowledged record is at its offset.
fn check(broker: &Broker, partition: i32, acknowledged: &[&Arc<Acknowledged>]) -> Result<()> {
    let offsets: BTreeMap<_, _> =
        acknowledged.iter().flat_map(|acknowledged| acknowledged.numbers_by_offset()).collect();
    ensure!(!offsets.is_empty(), "nothing was acknowledged");
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "not joined")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(TOPIC, partition, rdkafka::Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let mut left = offsets.clone();
    let deadline = Deadline::after(LIMIT);
    while let Some(time) = deadline.left() {
        match consumer.poll(time).context("no answer")? {
            Ok(message) => {
                if let Some(number) = left.remove(&message.offset()) {
                    let right = message.payload() == Some(value(number).as_bytes());
                    ensure!(right, "offset {} holds something else", message.offset());
                }
            }
            Err(KafkaError::PartitionEOF(_)) => {
                ensure!(left.is_empty(), "{} of {} acknowledged are lost", left.len(), offsets.len());
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
    bail!("the partition does not end")
}

#[test]
fn a_full_disk_refuses_records_until_there_is_room_and_loses_nothing() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It does otherwise.
        return Ok(());
    }
    let disk = SmallDisk::mount()?;
    let healthy = tempfile::Builder::new().prefix("klamm-disk-").tempdir()?;
    let dirs = format!("{},{}", healthy.path().display(), disk.path().join("data").display());
    let mut broker = disk.spec()?.set("log.dirs", &dirs).start()?;
    broker.create_topic(TOPIC, 2, &[])?;
    let is_healthy =
        |topic: &str, partition: i32| healthy.path().join(format!("{topic}-{partition}")).exists();
    let (good, bad) = if is_healthy(TOPIC, 0) { (0, 1) } else { (1, 0) };
    ensure!(is_healthy(TOPIC, good) && !is_healthy(TOPIC, bad), "the partitions are not spread");

    let acknowledged = fill(&broker, bad)?;
    fill_up(&broker, bad)?;
    assert_eq!(broker.wait(Duration::ZERO)?, None, "{}", broker.last_lines());
    check(&broker, bad, &[&acknowledged])?;
    // The other disk takes records as before.
    let others = send_some(&broker, good)?;
    check(&broker, good, &[&others])?;

    // A start on the full disk serves what is there.
    broker.kill()?;
    broker.launch()?;
    check(&broker, bad, &[&acknowledged])?;

    disk.grow()?;
    let more = send_some(&broker, bad)?;
    check(&broker, bad, &[&acknowledged, &more])?;
    broker.stop()?;
    assert!(disk.outside().join("data/.kafka_cleanshutdown").exists(), "a clean end");
    broker.launch()?;
    check(&broker, bad, &[&acknowledged, &more])?;
    check(&broker, good, &[&others])
}

#[test]
fn a_full_disk_with_the_metadata_ends_the_broker_and_loses_nothing() -> Result<()> {
    if Kind::under_test()? == Kind::Apache {
        // It does otherwise.
        return Ok(());
    }
    let disk = SmallDisk::mount()?;
    let data = disk.path().join("data").display().to_string();
    let mut broker = disk.spec()?.set("log.dirs", &data).start()?;
    broker.create_topic(TOPIC, 1, &[])?;
    let acknowledged = fill(&broker, 0)?;
    if let Err(error) = fill_up(&broker, 0) {
        // Metadata is written without anybody asking: it may have ended already.
        ensure!(broker.wait(LIMIT)?.is_some(), "{error:?}");
    }
    // In the end metadata has no room either.
    let deadline = Deadline::after(LIMIT);
    let mut topics = (0..).map(|number| format!("t-{number}"));
    let ended = loop {
        ensure!(deadline.left().is_some(), "it goes on without metadata:\n{}", broker.last_lines());
        let _refused = broker.create_topic(&topics.next().unwrap_or_default(), 10, &[]);
        if let Some(ended) = broker.wait(Duration::from_millis(50))? {
            break ended;
        }
    };
    assert_eq!(ended.code(), Some(1), "{}", broker.last_lines());
    assert!(!disk.outside().join("data/.kafka_cleanshutdown").exists(), "it is marked as clean");
    broker.kill()?;
    disk.grow()?;
    broker.launch()?;
    check(&broker, 0, &[&acknowledged])?;
    let more = send_some(&broker, 0)?;
    check(&broker, 0, &[&acknowledged, &more])?;
    broker.stop()
}

/// A few records that must be taken.
fn send_some(broker: &Broker, partition: i32) -> Result<Arc<Acknowledged>> {
    let acknowledged = Arc::new(Acknowledged::default());
    let producer: ThreadedProducer<Deliveries> = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("acks", "all")
        .set("message.timeout.ms", "30000")
        .create_with_context(Deliveries(Arc::clone(&acknowledged)))?;
    for number in 0..50 {
        let value = value(number);
        let record =
            BaseRecord::<(), [u8], Box<u64>>::with_opaque_to(TOPIC, Box::new(number)).partition(partition);
        producer.send(record.payload(value.as_bytes())).map_err(|(error, _)| error)?;
    }
    producer.flush(LIMIT)?;
    ensure!(acknowledged.failure().is_none(), "{:?}", acknowledged.failure());
    Ok(acknowledged)
}
