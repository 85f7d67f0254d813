//! librdkafka, through its Rust binding.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::{Offset, message::BorrowedMessage};
use tests_compat::{Broker, Codec, Consumed, Deadline, Record};

use crate::exchange::{Client, round_trip};

const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Librdkafka;

/// Keeps the first failed delivery.
#[derive(Default)]
struct Deliveries(Mutex<Option<KafkaError>>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            self.0.lock().expect("no panic in a callback").get_or_insert_with(|| error.clone());
        }
    }
}

impl Librdkafka {
    /// Sends with at most `batch` records in a batch.
    pub(crate) fn produce_with(
        &self,
        broker: &Broker,
        topic: &str,
        codec: Codec,
        records: &[Record],
        batch: &str,
    ) -> Result<()> {
        let producer: BaseProducer<Deliveries> = ClientConfig::new()
            .set("bootstrap.servers", broker.bootstrap())
            .set("enable.idempotence", "true")
            .set("compression.codec", codec.name())
            .set("batch.num.messages", batch)
            .set("linger.ms", "20")
            .create_with_context(Deliveries::default())?;
        for record in records {
            send(&producer, topic, record)?;
        }
        producer.flush(LIMIT)?;
        match producer.context().0.lock().expect("no panic in a callback").take() {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

impl Client for Librdkafka {
    fn produce(&self, broker: &Broker, topic: &str, codec: Codec, records: &[Record]) -> Result<()> {
        self.produce_with(broker, topic, codec, records, "10000")
    }

    fn consume(&self, broker: &Broker, topic: &str, partition: i32, count: usize) -> Result<Vec<Consumed>> {
        let consumer = consumer(broker)?;
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(topic, partition, Offset::Beginning)?;
        consumer.assign(&assignment)?;
        let deadline = Deadline::after(LIMIT);
        let mut consumed = Vec::new();
        while consumed.len() < count {
            let Some(left) = deadline.left() else { bail!("only {} of {count} records", consumed.len()) };
            if let Some(message) = consumer.poll(left) {
                consumed.push(detach(&message?)?);
            }
        }
        Ok(consumed)
    }
}

fn consumer(broker: &Broker) -> Result<BaseConsumer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("group.id", "not joined")
        .set("enable.auto.commit", "false")
        .set("check.crcs", "true")
        .create()?)
}

fn send(producer: &BaseProducer<Deliveries>, topic: &str, record: &Record) -> Result<()> {
    let mut headers = OwnedHeaders::new();
    for (key, value) in &record.headers {
        headers = headers.insert(Header { key, value: value.as_ref() });
    }
    let mut message =
        BaseRecord::<[u8], [u8]>::to(topic).partition(record.partition).timestamp(record.timestamp);
    message.key = record.key.as_deref();
    message.payload = record.value.as_deref();
    if !record.headers.is_empty() {
        message = message.headers(headers);
    }
    producer.send(message).map_err(|(error, _)| error)?;
    producer.poll(Duration::ZERO);
    Ok(())
}

fn detach(message: &BorrowedMessage<'_>) -> Result<Consumed> {
    let headers = message.headers().map(|headers| {
        headers.iter().map(|header| (header.key.to_owned(), header.value.map(<[u8]>::to_vec))).collect()
    });
    Ok(Consumed {
        offset: message.offset(),
        record: Record {
            partition: message.partition(),
            timestamp: message.timestamp().to_millis().context("a timestamp")?,
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers: headers.unwrap_or_default(),
        },
    })
}

#[test]
fn every_codec_round_trips() -> Result<()> {
    round_trip(&Librdkafka)
}

#[test]
fn offsets_are_found_by_timestamp() -> Result<()> {
    let broker = Broker::under_test()?;
    broker.create_topic("times", 1, &[])?;
    let records = crate::exchange::sample(0);
    Librdkafka.produce(&broker, "times", Codec::Lz4, &records)?;
    let consumer = consumer(&broker)?;
    let find = |timestamp: i64| -> Result<Offset> {
        let mut asked = TopicPartitionList::new();
        asked.add_partition_offset("times", 0, Offset::Offset(timestamp))?;
        Ok(consumer.offsets_for_times(asked, LIMIT)?.elements()[0].offset())
    };
    assert_eq!(find(0)?, Offset::Offset(0));
    assert_eq!(find(records[5].timestamp)?, Offset::Offset(5));
    assert_eq!(find(records[2500].timestamp)?, Offset::Offset(2500));
    assert_eq!(find(records[2500].timestamp + 600_000)?, Offset::End);
    let (low, high) = consumer.fetch_watermarks("times", 0, LIMIT)?;
    assert_eq!((low, high), (0, i64::try_from(records.len())?));
    Ok(())
}
