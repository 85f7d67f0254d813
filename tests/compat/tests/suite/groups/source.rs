//! An idempotent producer that writes to all partitions until it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};
use rdkafka::config::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use tests_compat::{pause, wall_ms};

use super::PARTITIONS;

/// Between one round over the partitions and the next: rebalances are what is tested, not speed.
const ROUND: Duration = Duration::from_millis(5);
const LIMIT: Duration = Duration::from_secs(60);

/// A running producer.
#[derive(Debug)]
pub(super) struct Source {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<i64>>>,
}

impl Source {
    /// Starts to write to a topic of [`PARTITIONS`] partitions.
    pub(super) fn start(bootstrap: &str, topic: &str) -> Result<Self> {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("linger.ms", "2")
            .create()?;
        let stop = Arc::new(AtomicBool::new(false));
        let (topic, stopped) = (topic.to_owned(), stop.clone());
        let thread = thread::spawn(move || write(&producer, &topic, &stopped));
        Ok(Self { stop, thread })
    }

    /// Stops it; gives how many records each partition has.
    ///
    /// # Errors
    /// When a record could not be written.
    pub(super) fn finish(self) -> Result<Vec<i64>> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow!("the producer panicked"))?
    }
}

fn write(producer: &BaseProducer, topic: &str, stop: &AtomicBool) -> Result<Vec<i64>> {
    let mut written = vec![0; usize::try_from(PARTITIONS)?];
    while !stop.load(Ordering::Relaxed) {
        for (partition, count) in (0..).zip(&mut written) {
            let value = format!("{partition}:{count}");
            let record = BaseRecord::<(), str>::to(topic).partition(partition).payload(&value);
            producer.send(record.timestamp(wall_ms())).map_err(|(error, _)| error)?;
            *count += 1;
        }
        producer.poll(Duration::ZERO);
        pause(ROUND);
    }
    producer.flush(LIMIT)?;
    Ok(written)
}
