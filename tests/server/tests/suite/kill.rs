//! kill -9 at many moments while idempotent producers send: every acknowledged record is there, in order, once.
//!
//! `KLAMM_KILLS` sets the number of kills (20, or 200 with `KLAMM_SOAK`), `KLAMM_SEED` the moments.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::Offset;
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionList;
use tests_compat::{Broker, Deadline, Kind, Spec, pause};

const TOPIC: &str = "killed";
const CODECS: [&str; 3] = ["none", "lz4", "zstd"];
const LIMIT: Duration = Duration::from_secs(120);

/// What one producer was told: the offset of each acknowledged number.
#[derive(Default)]
pub(crate) struct Acknowledged {
    offsets: Mutex<BTreeMap<u64, i64>>,
    failed: Mutex<Option<String>>,
    count: AtomicU64,
}

impl Acknowledged {
    /// What was said of the first record that was not taken.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failed.lock().expect("no panic").clone()
    }

    pub(crate) fn numbers_by_offset(&self) -> BTreeMap<i64, u64> {
        let offsets = self.offsets.lock().expect("no panic");
        offsets.iter().map(|(number, offset)| (*offset, *number)).collect()
    }
}

pub(crate) struct Deliveries(pub(crate) std::sync::Arc<Acknowledged>);

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        // Lost connections are what this test is about; anything fatal is not.
        if error.rdkafka_error_code() == Some(RDKafkaErrorCode::Fatal) {
            self.0.failed.lock().expect("no panic").get_or_insert_with(|| reason.to_owned());
        }
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<u64>;

    fn delivery(&self, result: &DeliveryResult<'_>, number: Box<u64>) {
        match result {
            Ok(message) => {
                self.0.offsets.lock().expect("no panic").insert(*number, message.offset());
                self.0.count.fetch_add(1, Ordering::Relaxed);
            }
            Err((error, _)) => {
                let said = format!("record {number}: {error}");
                self.0.failed.lock().expect("no panic").get_or_insert(said);
            }
        }
    }
}

/// A small generator of moments; the same seed gives the same ones.
struct Moments(u64);

impl Moments {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn setting(name: &str, default: u64) -> Result<u64> {
    std::env::var(name).map_or(Ok(default), |text| text.parse().with_context(|| name.to_owned()))
}

#[test]
fn every_acknowledged_record_survives_kills_in_order_and_once() -> Result<()> {
    let kills = setting("KLAMM_KILLS", if std::env::var_os("KLAMM_SOAK").is_some() { 200 } else { 20 })?;
    let mut moments = Moments(setting("KLAMM_SEED", 0x9e37_79b9_7f4a_7c15)?.max(1));
    let mut broker = Spec::new(Kind::under_test()?).start()?;
    broker.create_topic(TOPIC, i32::try_from(CODECS.len())?, &[("segment.bytes", "1048576")])?;
    let bootstrap = broker.bootstrap();
    let acknowledged: Vec<_> = CODECS.iter().map(|_| std::sync::Arc::new(Acknowledged::default())).collect();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| -> Result<()> {
        let mut producers = Vec::new();
        for ((partition, codec), own) in (0..).zip(CODECS).zip(&acknowledged) {
            let (bootstrap, stop) = (&bootstrap, &stop);
            producers.push(scope.spawn(move || produce(bootstrap, partition, codec, own.clone(), stop)));
        }
        let killed = (0..kills).try_for_each(|kill| {
            kill_once(&mut broker, &mut moments, &acknowledged).with_context(|| format!("kill {kill}"))
        });
        stop.store(true, Ordering::Relaxed);
        let produced = producers
            .into_iter()
            .try_for_each(|producer| producer.join().expect("a producer does not panic"));
        killed.and(produced)
    })?;
    for (partition, own) in (0..).zip(&acknowledged) {
        check(&broker, partition, own)
            .with_context(|| format!("partition {partition} of {:?}", broker.data()))?;
    }
    broker.stop()
}

/// Waits for some progress, kills the broker, sometimes kills it again while it recovers, and starts it.
fn kill_once(
    broker: &mut Broker,
    moments: &mut Moments,
    acknowledged: &[std::sync::Arc<Acknowledged>],
) -> Result<()> {
    let total = || acknowledged.iter().map(|own| own.count.load(Ordering::Relaxed)).sum::<u64>();
    // Between nothing and some ten thousand records, small numbers as often as large ones.
    let size = moments.below(14);
    let until = total() + moments.below(1 << (size + 1));
    let deadline = Deadline::after(LIMIT);
    while total() < until {
        if let Some(said) = acknowledged.iter().find_map(|own| own.failed.lock().expect("no panic").clone()) {
            bail!("a producer gave up: {said}");
        }
        ensure!(deadline.left().is_some(), "no progress: {} of {until}", total());
        pause(Duration::from_micros(200));
    }
    broker.kill()?;
    for _ in 0..moments.below(3) {
        broker.spawn()?;
        let ended = broker.wait(Duration::from_micros(moments.below(60_000)))?;
        ensure!(ended.is_none(), "it ended while recovering: {ended:?}\n{}", broker.last_lines());
        broker.kill()?;
    }
    broker.launch()
}

/// Sends numbers to one partition, in order, until told to stop, and waits until all are acknowledged.
fn produce(
    bootstrap: &str,
    partition: i32,
    codec: &str,
    acknowledged: std::sync::Arc<Acknowledged>,
    stop: &AtomicBool,
) -> Result<()> {
    let producer: ThreadedProducer<Deliveries> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("compression.codec", codec)
        .set("linger.ms", "1")
        .set("batch.num.messages", "200")
        .set("queue.buffering.max.messages", "5000")
        .set("message.timeout.ms", "300000")
        .set("reconnect.backoff.ms", "5")
        .set("reconnect.backoff.max.ms", "50")
        .set("retry.backoff.ms", "5")
        .create_with_context(Deliveries(acknowledged.clone()))?;
    let mut number = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        let value = format!("{number} {}", "some text that compresses ".repeat(5));
        let record = BaseRecord::<(), [u8], Box<u64>>::with_opaque_to(TOPIC, Box::new(number))
            .partition(partition)
            .payload(value.as_bytes());
        match producer.send(record) {
            Ok(()) => number += 1,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                pause(Duration::from_millis(1));
            }
            Err((error, _)) => return Err(error.into()),
        }
    }
    producer.flush(LIMIT)?;
    let failed = acknowledged.failed.lock().expect("no panic").take();
    ensure!(failed.is_none(), "{failed:?}");
    ensure!(acknowledged.count.load(Ordering::Relaxed) == number, "not all {number} acknowledged");
    Ok(())
}

/// Reads the whole partition: each number in order, once, at the offset that was acknowledged.
fn check(broker: &Broker, partition: i32, acknowledged: &Acknowledged) -> Result<()> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "not joined")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(TOPIC, partition, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let offsets = acknowledged.offsets.lock().expect("no panic");
    let mut next = 0_u64;
    let deadline = Deadline::after(LIMIT);
    loop {
        let left = deadline.left().context("the partition does not end")?;
        let message = match consumer.poll(left).context("no answer")? {
            Ok(message) => message,
            Err(KafkaError::PartitionEOF(_)) => break,
            Err(error) => return Err(error.into()),
        };
        let value = std::str::from_utf8(message.payload().context("a value")?)?;
        let number: u64 = value.split(' ').next().context("a number")?.parse()?;
        ensure!(number == next, "{number} instead of {next} at offset {}", message.offset());
        ensure!(
            offsets.get(&number) == Some(&message.offset()),
            "{number} is at {}, acknowledged at {:?}",
            message.offset(),
            offsets.get(&number)
        );
        next += 1;
    }
    ensure!(next == u64::try_from(offsets.len())?, "{next} records, {} acknowledged", offsets.len());
    Ok(())
}
