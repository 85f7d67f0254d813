//! What producers were told, and whether the partitions hold it: every acknowledged record is there, at the offset that
//! was acknowledged, in order, once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::Offset;
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionList;
use tests_compat::{Deadline, pause};

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

    /// How many were acknowledged so far.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    pub(crate) fn numbers_by_offset(&self) -> BTreeMap<i64, u64> {
        let offsets = self.offsets.lock().expect("no panic");
        offsets.iter().map(|(number, offset)| (*offset, *number)).collect()
    }
}

pub(crate) struct Deliveries(pub(crate) Arc<Acknowledged>);

impl ClientContext for Deliveries {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, said: &str) {
        // In a new epoch records that were written already are written again (librdkafka issue 4953): no broker's answer
        // may be a reason to begin one.
        if facility == "DRAIN" && said.contains("epoch bump") {
            self.0.failed.lock().expect("no panic").get_or_insert_with(|| said.to_owned());
        }
    }

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

/// Sends the numbers from 0 on to one partition, in order, until told to stop, and waits until all are acknowledged.
/// `pace` is called after each record that was taken up.
pub(crate) fn produce(
    config: &ClientConfig,
    topic: &str,
    partition: i32,
    acknowledged: &Arc<Acknowledged>,
    mut is_over: impl FnMut() -> bool,
    pace: impl Fn(),
) -> Result<()> {
    let producer: ThreadedProducer<Deliveries> =
        config.create_with_context(Deliveries(Arc::clone(acknowledged)))?;
    let mut number = 0_u64;
    while !is_over() {
        let value = format!("{number} {}", "some text that compresses ".repeat(5));
        let record = BaseRecord::<(), [u8], Box<u64>>::with_opaque_to(topic, Box::new(number))
            .partition(partition)
            .payload(value.as_bytes());
        match producer.send(record) {
            Ok(()) => {
                number += 1;
                pace();
            }
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                pause(Duration::from_millis(1));
            }
            Err((error, _)) => bail!("{error}; before it: {:?}", acknowledged.failure()),
        }
    }
    producer.flush(LIMIT)?;
    let failed = acknowledged.failure();
    ensure!(failed.is_none(), "{failed:?}");
    ensure!(acknowledged.count() == number, "not all {number} acknowledged");
    Ok(())
}

/// An idempotent producer with acks=all that comes back quickly to a broker that was away.
pub(crate) fn producer_config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set_log_level(RDKafkaLogLevel::Debug)
        .set("debug", "eos")
        .set("bootstrap.servers", bootstrap)
        .set("enable.idempotence", "true")
        .set("linger.ms", "1")
        .set("batch.num.messages", "200")
        .set("queue.buffering.max.messages", "5000")
        .set("message.timeout.ms", "300000")
        .set("reconnect.backoff.ms", "5")
        .set("reconnect.backoff.max.ms", "50")
        .set("retry.backoff.ms", "5");
    config
}

/// Reads the whole partition: each number in order, once, at the offset that was acknowledged, where one was told.
pub(crate) fn check(bootstrap: &str, topic: &str, partition: i32, acknowledged: &Acknowledged) -> Result<()> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "not joined")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
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
        let told = offsets.get(&number);
        // Below zero: the client was told by the acknowledgement of a later batch, which names no offset for this one.
        ensure!(
            told.is_some_and(|told| *told < 0 || *told == message.offset()),
            "{number} is at {}, acknowledged at {told:?}",
            message.offset()
        );
        next += 1;
    }
    ensure!(next == u64::try_from(offsets.len())?, "{next} records, {} acknowledged", offsets.len());
    Ok(())
}
