//! librdkafka's transactions: the protocol of before KIP-890, in which the client takes partitions and groups in.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use tests_compat::{Broker, Deadline};

use super::{LIMIT, producer, read, send, spec, wait_for};

/// Whether an error says that the producer was replaced.
fn is_fenced(outcome: Result<(), KafkaError>) -> bool {
    match outcome {
        Err(KafkaError::Transaction(error)) => error.is_fatal(),
        _ => false,
    }
}

#[test]
fn consumers_see_exactly_what_was_committed() -> Result<()> {
    ends(&Broker::under_test()?)
}

pub(super) fn ends(broker: &Broker) -> Result<()> {
    broker.create_topic("ends", 2, &[])?;
    let producer = producer(broker, "ends", 60_000)?;
    for round in 0..6 {
        producer.begin_transaction()?;
        for partition in 0..2 {
            send(&producer, "ends", partition, &format!("round {round}"))?;
        }
        match round % 2 {
            0 => producer.commit_transaction(LIMIT)?,
            _ => producer.abort_transaction(LIMIT)?,
        }
    }
    let rounds = |partition: i32, rounds: &[u32]| -> Vec<String> {
        rounds.iter().map(|round| format!("{partition}/round {round}")).collect()
    };
    let committed = [rounds(0, &[0, 2, 4]), rounds(1, &[0, 2, 4])].concat();
    assert_eq!(read(broker, "ends", "read_committed")?, committed);
    let all = [rounds(0, &[0, 1, 2, 3, 4, 5]), rounds(1, &[0, 1, 2, 3, 4, 5])].concat();
    assert_eq!(read(broker, "ends", "read_uncommitted")?, all);
    // What is open holds readers of committed data back, also from what was committed after it began.
    producer.begin_transaction()?;
    send(&producer, "ends", 0, "open")?;
    let other = super::producer(broker, "other", 60_000)?;
    other.begin_transaction()?;
    send(&other, "ends", 0, "behind it")?;
    other.commit_transaction(LIMIT)?;
    assert_eq!(read(broker, "ends", "read_committed")?, committed);
    producer.commit_transaction(LIMIT)?;
    let then: Vec<_> =
        [rounds(0, &[0, 2, 4]), vec!["0/open".into(), "0/behind it".into()], rounds(1, &[0, 2, 4])].concat();
    wait_for(broker, "ends", &then.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_producer_that_was_replaced_writes_nothing_more() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("fenced", 2, &[])?;
    let zombie = producer(&broker, "fenced", 60_000)?;
    zombie.begin_transaction()?;
    send(&zombie, "fenced", 0, "of a zombie")?;
    let successor = producer(&broker, "fenced", 60_000)?;
    // Its delivery fails; the end says why.
    let _ = send(&zombie, "fenced", 1, "too late");
    ensure!(is_fenced(zombie.commit_transaction(LIMIT)), "it is told that it was replaced");
    successor.begin_transaction()?;
    send(&successor, "fenced", 0, "of the successor")?;
    successor.commit_transaction(LIMIT)?;
    wait_for(&broker, "fenced", &["0/of the successor"])
}

#[test]
fn a_transaction_that_took_too_long_is_aborted() -> Result<()> {
    let broker = spec()?.start()?;
    broker.create_topic("late", 2, &[])?;
    let late = producer(&broker, "late", 1_000)?;
    late.begin_transaction()?;
    send(&late, "late", 0, "late")?;
    // A record of somebody else is readable once nothing before it is open.
    let other = producer(&broker, "other", 60_000)?;
    other.begin_transaction()?;
    send(&other, "late", 0, "other")?;
    other.commit_transaction(LIMIT)?;
    wait_for(&broker, "late", &["0/other"])?;
    ensure!(late.commit_transaction(LIMIT).is_err(), "the late one is too late");
    let again = producer(&broker, "late", 60_000)?;
    again.begin_transaction()?;
    send(&again, "late", 1, "in time")?;
    again.commit_transaction(LIMIT)?;
    wait_for(&broker, "late", &["0/other", "1/in time"])
}

fn copier(broker: &Broker) -> Result<BaseConsumer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "copiers")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("isolation.level", "read_committed")
        .create()?)
}

/// Copies records until `count` were copied in all, in transactions of at most ten, every third of them aborted.
fn copy(consumer: &BaseConsumer, producer: &BaseProducer, count: usize) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    let (mut copied, mut round) = (0, 0);
    while copied < count {
        ensure!(deadline.left().is_some(), "{copied} of {count} are copied");
        let mut taken = Vec::new();
        while taken.len() < 10
            && let Some(message) = consumer.poll(Duration::from_millis(200))
        {
            taken.push(message?.detach());
        }
        if taken.is_empty() {
            continue;
        }
        round += 1;
        producer.begin_transaction()?;
        for message in &taken {
            let record = BaseRecord::<(), [u8]>::to("out").partition(message.partition());
            let record = record.payload(message.payload().context("a value")?);
            producer.send(record).map_err(|(error, _)| error)?;
        }
        let group = consumer.group_metadata().context("it is in a group")?;
        producer.send_offsets_to_transaction(&consumer.position()?, &group, LIMIT)?;
        // Deliveries are only heard of here.
        producer.flush(LIMIT)?;
        if round % 3 != 0 {
            producer.commit_transaction(LIMIT)?;
            copied += taken.len();
            continue;
        }
        producer.abort_transaction(LIMIT)?;
        let mut first = std::collections::BTreeMap::new();
        for message in &taken {
            first.entry(message.partition()).or_insert(message.offset());
        }
        for (partition, offset) in first {
            consumer.seek("in", partition, Offset::Offset(offset), LIMIT)?;
        }
    }
    Ok(())
}

#[test]
fn a_copy_in_transactions_is_exact() -> Result<()> {
    copies(&Broker::under_test()?)
}

pub(super) fn copies(broker: &Broker) -> Result<()> {
    broker.create_topic("in", 2, &[])?;
    broker.create_topic("out", 2, &[])?;
    let source = producer(broker, "source", 60_000)?;
    source.begin_transaction()?;
    for number in 0..60 {
        let value = format!("number {number}");
        let record = BaseRecord::<(), str>::to("in").partition(number % 2).payload(&value);
        source.send(record).map_err(|(error, _)| error)?;
    }
    source.commit_transaction(LIMIT)?;
    let consumer = copier(broker)?;
    consumer.subscribe(&["in"])?;
    copy(&consumer, &producer(broker, "copier", 60_000)?, 60)?;
    assert_eq!(read(broker, "out", "read_committed")?, read(broker, "in", "read_committed")?);
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range("in", 0, 1);
    let committed = consumer.committed_offsets(asked, LIMIT)?;
    // Thirty records, and the marker behind them.
    let offsets: Vec<_> = committed.elements().iter().map(|element| element.offset()).collect();
    ensure!(
        offsets.iter().all(|offset| matches!(offset, Offset::Offset(30 | 31))),
        "all is read: {offsets:?}"
    );
    consumer.commit_consumer_state(CommitMode::Sync).ok();
    Ok(())
}

#[test]
fn a_timeout_beyond_the_maximum_is_refused() -> Result<()> {
    let broker = spec()?.set("transaction.max.timeout.ms", "5000").start()?;
    match producer(&broker, "too long", 60_000) {
        Err(error) => ensure!(error.to_string().contains("Transaction"), "{error:#}"),
        Ok(_) => bail!("it was taken"),
    }
    producer(&broker, "in time", 5_000).map(|_| ())
}
