//! Who reads what is committed, and judges it as it comes: the numbers of each partition, from 0 on, none left out, none
//! twice.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{PARTITIONS, TO};
use crate::Deadline;
use anyhow::{Context, Result, ensure};
use rdkafka::Offset;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::topic_partition_list::TopicPartitionList;

/// Nothing more may come within this time at the end.
const QUIET: Duration = Duration::from_secs(1);

/// A reader of [`TO`] beside all groups.
pub struct Output {
    consumer: BaseConsumer,
    /// The number that comes next in each partition.
    next: Vec<u64>,
    /// The offset after the last record that came of each partition.
    ends: Vec<i64>,
    fewest: Arc<AtomicU64>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Output {
    /// Begins at the start of every partition.
    ///
    /// # Errors
    /// The client's.
    pub fn open(bootstrap: &str) -> Result<Self> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "not joined")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "error")
            .create()?;
        let mut all = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            all.add_partition_offset(TO, partition, Offset::Beginning)?;
        }
        consumer.assign(&all)?;
        let (next, ends) = (0..PARTITIONS).map(|_| (0, 0)).unzip();
        Ok(Self { consumer, next, ends, fewest: Arc::default() })
    }

    /// How many records every partition has, as they come.
    #[must_use]
    pub fn fewest(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.fewest)
    }

    /// The offset after the last record that came of each partition.
    #[must_use]
    pub fn ends(&self) -> &[i64] {
        &self.ends
    }

    /// Waits until every partition has so many more.
    ///
    /// # Errors
    /// When a wrong one came, or they did not come in time.
    pub fn progress(&mut self, more: u64, limit: Duration) -> Result<()> {
        let goals: Vec<_> = self.next.iter().map(|next| next + more).collect();
        self.read_until(&goals, limit)
    }

    /// Waits until each partition has exactly this many.
    ///
    /// # Errors
    /// As [`Self::progress`], and when there are more.
    pub fn finish(&mut self, written: &[u64], limit: Duration) -> Result<()> {
        self.read_until(written, limit).context("at the end")?;
        let deadline = Deadline::after(QUIET);
        while let Some(left) = deadline.left() {
            self.read(left)?;
        }
        ensure!(self.next == written, "{:?} came, {written:?} were written", self.next);
        Ok(())
    }

    fn read_until(&mut self, goals: &[u64], limit: Duration) -> Result<()> {
        let deadline = Deadline::after(limit);
        while self.next.iter().zip(goals).any(|(next, goal)| next < goal) {
            let left = deadline.left();
            let left = left.with_context(|| format!("{:?} of {goals:?} after {limit:?}", self.next))?;
            self.read(left)?;
        }
        Ok(())
    }

    /// Waits for one record.
    ///
    /// # Errors
    /// When a wrong one came.
    pub fn read(&mut self, limit: Duration) -> Result<()> {
        let Some(message) = self.consumer.poll(limit) else { return Ok(()) };
        // A broker that is away is what this is about: the client tries again by itself.
        let Ok(message) = message else { return Ok(()) };
        let at = usize::try_from(message.partition())?;
        comes_next(&mut self.next[at], &message)?;
        self.ends[at] = message.offset() + 1;
        self.fewest.store(self.next.iter().copied().min().unwrap_or_default(), Ordering::Relaxed);
        Ok(())
    }
}

/// A record must bear the number that comes next in its partition.
pub(super) fn comes_next(next: &mut u64, record: &impl Message) -> Result<()> {
    let number: u64 = std::str::from_utf8(record.payload().context("a value")?)?.parse()?;
    let (partition, offset) = (record.partition(), record.offset());
    ensure!(number == *next, "{number} and not {next} at {TO}-{partition}, offset {offset}");
    *next += 1;
    Ok(())
}
