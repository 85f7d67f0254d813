//! librdkafka copies, by the protocol of before KIP-890.
//!
//! Its `send_offsets_to_transaction` keeps no limit (confluentinc/librdkafka#5456) and may wait for ever for a coordinator
//! that left the metadata for a moment (#5511). A copier whose call is long over its limit is given up, and another takes
//! its place, as a supervisor of such clients does; everything else has to come to an end by itself.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
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
use tests_compat::copied::{COPIERS, FROM, SESSION_MS, TO, TRANSACTION_MS};
use tests_compat::{Cluster, Deadline, pause};

use super::{Copier, everything_is_copied_once};

/// How long a call may take.
const CALL: Duration = Duration::from_secs(10);
/// A call that takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_secs(12);
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

/// One run of what copies, until an error or a call that hangs.
#[derive(Default)]
struct Attempt {
    hangs_at: Mutex<Option<Deadline>>,
    is_given_up: AtomicBool,
}

impl Attempt {
    /// Makes a call that may hang.
    fn watch<T>(&self, call: impl FnOnce() -> T) -> T {
        let set = |deadline| *self.hangs_at.lock().expect("no panic") = deadline;
        set(Some(Deadline::after(HANGS_AFTER)));
        let done = call();
        set(None);
        done
    }

    fn hangs(&self) -> bool {
        let hangs_at = self.hangs_at.lock().expect("no panic");
        hangs_at.as_ref().is_some_and(|deadline| deadline.left().is_none())
    }

    /// Whether it goes on; waits while it is held.
    fn goes_on(&self, state: &AtomicU8) -> bool {
        while state.load(Ordering::Relaxed) == HELD {
            pause(Duration::from_millis(10));
        }
        state.load(Ordering::Relaxed) == RUNS && !self.is_given_up.load(Ordering::Relaxed)
    }
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
        self.thread = Some(thread::spawn(move || supervise(&clients, &state)));
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

/// It begins anew after any error, from what is committed.
fn supervise(clients: &Clients, state: &Arc<AtomicU8>) {
    while state.load(Ordering::Relaxed) != ENDS {
        let attempt = Arc::new(Attempt::default());
        let (clients, state, own) = (clients.clone(), Arc::clone(state), Arc::clone(&attempt));
        let running = thread::spawn(move || copy(&clients, &state, &own));
        while !running.is_finished() && !attempt.hangs() {
            pause(Duration::from_millis(10));
        }
        if !running.is_finished() {
            attempt.is_given_up.store(true, Ordering::Relaxed);
            eprintln!("a call hangs: another takes its place");
        } else if let Err(error) = running.join().expect("no panic") {
            eprintln!("begins anew: {error}");
        }
    }
}

fn copy(clients: &Clients, state: &AtomicU8, attempt: &Attempt) -> KafkaResult<()> {
    // It is served all the time, as librdkafka asks for: also while a call waits.
    let producer: ThreadedProducer<DefaultProducerContext> = clients.producer.create()?;
    producer.init_transactions(CALL)?;
    let consumer: BaseConsumer = clients.consumer.create()?;
    consumer.subscribe(&[FROM])?;
    while attempt.goes_on(state) {
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
        if !attempt.goes_on(state) {
            return Ok(());
        }
        let Some(group) = consumer.group_metadata() else { continue };
        attempt.watch(|| producer.send_offsets_to_transaction(&next, &group, CALL))?;
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
        .set("group.id", COPIERS)
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
