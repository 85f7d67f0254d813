//! librdkafka copies, by the protocol of before KIP-890.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use rdkafka::Offset;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaResult;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::topic_partition_list::TopicPartitionList;
use tests_compat::{Cluster, pause};

use super::{Copier, FROM, SESSION_MS, TO, TRANSACTION_MS, everything_is_copied_once};

/// How long a call may take: longer than the copying may stand still.
const CALL: Duration = Duration::from_secs(30);
const WAIT: Duration = Duration::from_millis(200);
const BATCH: usize = 100;

const RUNS: u8 = 0;
const HELD: u8 = 1;
const ENDS: u8 = 2;

/// What both clients of one that copies are told.
#[derive(Clone)]
struct Clients {
    producer: ClientConfig,
    consumer: ClientConfig,
}

/// A thread that copies. It is held and ended in the middle of a transaction.
struct Thread {
    clients: Clients,
    state: Arc<AtomicU8>,
    thread: Option<JoinHandle<()>>,
}

impl Copier for Thread {
    fn kill(&mut self) -> Result<()> {
        self.state.store(ENDS, Ordering::Relaxed);
        self.thread.take().context("it runs")?.join().expect("no panic");
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        self.state.store(RUNS, Ordering::Relaxed);
        let (clients, state) = (self.clients.clone(), Arc::clone(&self.state));
        self.thread = Some(thread::spawn(move || {
            while state.load(Ordering::Relaxed) != ENDS {
                // It begins anew after any error, from what is committed.
                if let Err(error) = copy(&clients, &state) {
                    eprintln!("begins anew: {error}");
                }
            }
        }));
        Ok(())
    }

    fn suspend(&mut self) -> Result<()> {
        self.state.store(HELD, Ordering::Relaxed);
        Ok(())
    }

    fn resume(&mut self) -> Result<()> {
        self.state.store(RUNS, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.state.store(ENDS, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether it goes on; waits while it is held.
fn goes_on(state: &AtomicU8) -> bool {
    while state.load(Ordering::Relaxed) == HELD {
        pause(Duration::from_millis(10));
    }
    state.load(Ordering::Relaxed) == RUNS
}

fn copy(clients: &Clients, state: &AtomicU8) -> KafkaResult<()> {
    // It is served all the time, as librdkafka asks for: also while a call waits.
    let producer: ThreadedProducer<DefaultProducerContext> = clients.producer.create()?;
    producer.init_transactions(CALL)?;
    let consumer: BaseConsumer = clients.consumer.create()?;
    consumer.subscribe(&[FROM])?;
    while goes_on(state) {
        let Some(first) = consumer.poll(WAIT) else { continue };
        producer.begin_transaction()?;
        let mut next = TopicPartitionList::new();
        let mut message = Some(first?);
        let mut left = BATCH;
        while let Some(copied) = message.take() {
            let record = BaseRecord::<[u8], [u8]>::to(TO).partition(copied.partition());
            let record =
                record.key(copied.key().unwrap_or_default()).payload(copied.payload().unwrap_or_default());
            producer.send(record).map_err(|(error, _)| error)?;
            let offset = Offset::Offset(copied.offset() + 1);
            match next.find_partition(FROM, copied.partition()) {
                Some(mut known) => known.set_offset(offset)?,
                None => next.add_partition_offset(FROM, copied.partition(), offset)?,
            }
            left -= 1;
            if left > 0 {
                message = consumer.poll(Duration::ZERO).transpose()?;
            }
        }
        if !goes_on(state) {
            return Ok(());
        }
        let Some(group) = consumer.group_metadata() else { continue };
        producer.send_offsets_to_transaction(&next, &group, CALL)?;
        producer.commit_transaction(CALL)?;
    }
    Ok(())
}

fn copier(cluster: &Cluster, number: usize) -> Result<Thread> {
    let mut producer = ClientConfig::new();
    producer
        .set("bootstrap.servers", cluster.bootstrap())
        .set("transactional.id", format!("copier-{number}"))
        .set("transaction.timeout.ms", TRANSACTION_MS);
    let mut consumer = ClientConfig::new();
    consumer
        .set("bootstrap.servers", cluster.bootstrap())
        .set("group.id", "copiers")
        .set("session.timeout.ms", SESSION_MS)
        .set("max.poll.interval.ms", SESSION_MS)
        .set("heartbeat.interval.ms", "500")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest");
    Ok(Thread { clients: Clients { producer, consumer }, state: Arc::default(), thread: None })
}

#[test]
fn by_librdkafka() -> Result<()> {
    everything_is_copied_once(copier)
}
