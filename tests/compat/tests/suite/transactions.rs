//! Transactions of foreign clients, of Kafka's protocol of old (librdkafka) and of today (Java, KIP-890), and what tools
//! see of them.

mod crashes;
mod franz_go;
mod java;
mod levels;
mod librdkafka;
mod tools;

use std::time::Duration;

use anyhow::{Result, bail};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use tests_compat::{Broker, Cluster, Deadline, Kind, Spec};

const LIMIT: Duration = Duration::from_secs(60);

/// A broker that looks for transactions that took too long often.
fn spec() -> Result<Spec> {
    Ok(Spec::new(Kind::under_test()?)
        .set("transaction.abort.timed.out.transaction.cleanup.interval.ms", "100"))
}

/// A cluster that looks for transactions that took too long often, and keeps them on all nodes.
fn cluster(kinds: &[Kind]) -> Result<Cluster> {
    Cluster::start_with(kinds, |spec| {
        spec.set("transaction.abort.timed.out.transaction.cleanup.interval.ms", "100")
            .set("transaction.state.log.replication.factor", "3")
            .set("transaction.state.log.min.isr", "2")
            .set("offsets.topic.replication.factor", "3")
    })
}

/// librdkafka's transactional producer, which has begun nothing yet.
fn producer(broker: &Broker, id: &str, timeout_ms: u32) -> Result<BaseProducer> {
    producer_at(&broker.bootstrap(), id, timeout_ms)
}

fn producer_at(bootstrap: &str, id: &str, timeout_ms: u32) -> Result<BaseProducer> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("transactional.id", id)
        .set("transaction.timeout.ms", timeout_ms.to_string())
        .set("linger.ms", "0")
        .create()?;
    producer.init_transactions(LIMIT)?;
    Ok(producer)
}

/// Sends a value and waits until it is written, or was refused for good.
fn send(producer: &BaseProducer, topic: &str, partition: i32, value: &str) -> Result<()> {
    let record = BaseRecord::<(), str>::to(topic).partition(partition).payload(value);
    producer.send(record).map_err(|(error, _)| error)?;
    Ok(producer.flush(LIMIT)?)
}

/// Everything in partitions 0 and 1 that such a consumer may read, in order of partitions.
fn read(broker: &Broker, topic: &str, isolation: &str) -> Result<Vec<String>> {
    read_at(&broker.bootstrap(), topic, 2, isolation)
}

fn read_at(bootstrap: &str, topic: &str, partitions: i32, isolation: &str) -> Result<Vec<String>> {
    let mut values = Vec::new();
    for partition in 0..partitions {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "not joined")
            .set("enable.auto.commit", "false")
            .set("enable.partition.eof", "true")
            .set("isolation.level", isolation)
            .create()?;
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
        consumer.assign(&assignment)?;
        let deadline = Deadline::after(LIMIT);
        loop {
            let Some(left) = deadline.left() else { bail!("{topic}-{partition} has no end: {values:?}") };
            match consumer.poll(left) {
                Some(Ok(message)) => {
                    let value = message.payload().map(String::from_utf8_lossy).unwrap_or_default();
                    values.push(format!("{partition}/{value}"));
                }
                Some(Err(rdkafka::error::KafkaError::PartitionEOF(_))) => break,
                Some(Err(error)) => return Err(error.into()),
                None => {}
            }
        }
    }
    Ok(values)
}

/// Waits until committed readers see exactly this.
fn wait_for(broker: &Broker, topic: &str, expected: &[&str]) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    loop {
        let values = read(broker, topic, "read_committed")?;
        if values == expected {
            return Ok(());
        }
        if deadline.left().is_none() {
            bail!("{topic} has {values:?}, not {expected:?}");
        }
        tests_compat::pause(Duration::from_millis(50));
    }
}
