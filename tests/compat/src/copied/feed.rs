//! Numbers into every partition of the topic that is copied.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, ensure};
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};

use super::{FROM, LIMIT, PARTITIONS};
use crate::pause;

/// What is written is ahead of what is copied by no more: a client that copies one partition after the other would leave
/// the others waiting.
const AHEAD_MAX: u64 = 500;
/// Looks again so soon for room.
const ROOM: Duration = Duration::from_millis(5);

/// Counts what could not be delivered.
#[derive(Clone, Debug, Default)]
struct Failed(Arc<AtomicU64>);

impl ClientContext for Failed {}

impl ProducerContext for Failed {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            eprintln!("not delivered: {error}");
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// An idempotent producer under way.
#[derive(Debug)]
pub struct Feed {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Vec<u64>>>>,
}

impl Feed {
    /// Writes a record to each partition about every `pace`. `copied`: how many records every partition of the other
    /// topic has.
    ///
    /// # Errors
    /// The client's.
    pub fn start(bootstrap: &str, pace: Duration, copied: Arc<AtomicU64>) -> Result<Self> {
        let failed = Failed::default();
        let producer: ThreadedProducer<Failed> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .create_with_context(failed.clone())?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut next = 0_u64;
            while !stopped.load(Ordering::Relaxed) {
                if next >= copied.load(Ordering::Relaxed) + AHEAD_MAX {
                    pause(ROOM);
                    continue;
                }
                let value = next.to_string();
                for partition in 0..PARTITIONS {
                    send(&producer, partition, &value)?;
                }
                next += 1;
                pause(pace);
            }
            producer.flush(LIMIT)?;
            ensure!(failed.0.load(Ordering::Relaxed) == 0, "{failed:?} were not delivered");
            Ok((0..PARTITIONS).map(|_| next).collect())
        });
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Ends it; gives how many numbers each partition has.
    ///
    /// # Errors
    /// When one was not delivered.
    pub fn finish(mut self) -> Result<Vec<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it runs").join().expect("no panic")
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn send(producer: &ThreadedProducer<Failed>, partition: i32, value: &str) -> Result<()> {
    loop {
        let record = BaseRecord::<str, str>::to(FROM).partition(partition).key(value).payload(value);
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => pause(ROOM),
            Err((error, _)) => return Err(error.into()),
        }
    }
}
