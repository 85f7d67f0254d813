//! Numbers into every partition of the topic that is copied.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Result;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use tests_compat::pause;

use super::{AHEAD_MAX, FROM, LIMIT, PARTITIONS};

/// A record of each partition about so often.
const PACE: Duration = Duration::from_millis(5);

/// An idempotent producer under way.
pub(super) struct Feed {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Result<Vec<u64>>>>,
}

impl Feed {
    /// `copied`: how many records every partition of the other topic has.
    pub(super) fn start(bootstrap: &str, copied: Arc<AtomicU64>) -> Result<Self> {
        let producer: ThreadedProducer<DefaultProducerContext> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .create()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut next = 0_u64;
            while !stopped.load(Ordering::Relaxed) {
                if next >= copied.load(Ordering::Relaxed) + AHEAD_MAX {
                    pause(PACE);
                    continue;
                }
                let value = next.to_string();
                for partition in 0..PARTITIONS {
                    send(&producer, partition, &value)?;
                }
                next += 1;
                pause(PACE);
            }
            producer.flush(LIMIT)?;
            Ok((0..PARTITIONS).map(|_| next).collect())
        });
        Ok(Self { stop, thread: Some(thread) })
    }

    /// Ends it; gives how many numbers each partition has.
    pub(super) fn finish(mut self) -> Result<Vec<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().expect("it runs").join().expect("no panic")
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn send(producer: &ThreadedProducer<DefaultProducerContext>, partition: i32, value: &str) -> Result<()> {
    loop {
        let record = BaseRecord::<str, str>::to(FROM).partition(partition).key(value).payload(value);
        match producer.send(record) {
            Ok(()) => return Ok(()),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => pause(PACE),
            Err((error, _)) => return Err(error.into()),
        }
    }
}
