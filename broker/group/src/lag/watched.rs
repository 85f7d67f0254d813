//! The partitions that groups have committed in, and what is known of their logs.

use alloc::collections::BTreeMap;
use core::time::Duration;

use broker_types::{Mono, PartitionId, TopicId, TopicName};

use super::{EndHistory, LogBounds, PartitionLag};

/// The partitions that groups have committed in. Invariant: never more than it may have; one that no round wanted is gone
/// with its end.
#[derive(Debug)]
pub struct Watched {
    topics: BTreeMap<TopicName, BTreeMap<PartitionId, Log>>,
    count: usize,
    partitions_max: usize,
    spacing: Duration,
    round: u64,
}

/// What is known of one.
#[derive(Debug)]
struct Log {
    /// Another topic of the name is another log.
    topic: Option<TopicId>,
    bounds: Option<LogBounds>,
    measured_at: Mono,
    history: EndHistory,
    wanted_in: u64,
}

/// What was found out of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Its topic.
    pub topic: TopicName,
    /// Which topic of the name.
    pub id: TopicId,
    /// Which partition.
    pub partition: PartitionId,
    /// What can be read of it.
    pub bounds: LogBounds,
}

impl Watched {
    /// Room for so many partitions, of which samples that are nearer to each other than `spacing` are one.
    #[must_use]
    pub const fn new(partitions_max: usize, spacing: Duration) -> Self {
        Self { topics: BTreeMap::new(), count: 0, partitions_max, spacing, round: 0 }
    }

    /// A round begins: groups say what they want watched.
    pub const fn begin(&mut self) {
        self.round += 1;
    }

    /// A group has committed there. Says whether it is watched; not when there are too many.
    pub fn want(&mut self, topic: &TopicName, partition: PartitionId) -> bool {
        if !self.topics.contains_key(topic) {
            if self.count >= self.partitions_max {
                return false;
            }
            self.topics.insert(topic.clone(), BTreeMap::new());
        }
        let (round, is_full) = (self.round, self.count >= self.partitions_max);
        let Some(logs) = self.topics.get_mut(topic) else { return false };
        if let Some(log) = logs.get_mut(&partition) {
            log.wanted_in = round;
            return true;
        }
        if !is_full {
            let history = EndHistory::default();
            logs.insert(
                partition,
                Log { topic: None, bounds: None, measured_at: Mono::ZERO, history, wanted_in: round },
            );
            self.count += 1;
        }
        !is_full
    }

    /// The end of a round: what it did not want is forgotten.
    pub fn sweep(&mut self) {
        let round = self.round;
        let mut count = 0;
        self.topics.retain(|_, logs| {
            logs.retain(|_, log| log.wanted_in == round);
            count += logs.len();
            !logs.is_empty()
        });
        self.count = count;
    }

    /// All of them, topic by topic.
    pub fn all(&self) -> impl Iterator<Item = (&TopicName, impl Iterator<Item = PartitionId>)> {
        self.topics.iter().map(|(topic, logs)| (topic, logs.keys().copied()))
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Takes in what was found out at a time.
    pub fn measured(&mut self, at: Mono, found: &Measured) {
        let log = self.topics.get_mut(&found.topic).and_then(|logs| logs.get_mut(&found.partition));
        let Some(log) = log else { return };
        if log.topic != Some(found.id) {
            log.history = EndHistory::default();
            log.topic = Some(found.id);
        }
        log.bounds = Some(found.bounds);
        log.measured_at = at;
        log.history.record(at, found.bounds.end, self.spacing);
    }

    /// The partitions are gone.
    pub fn gone(&mut self, topic: &TopicName, partitions: &[PartitionId]) {
        let Some(logs) = self.topics.get_mut(topic) else { return };
        for partition in partitions {
            if let Some(log) = logs.get_mut(partition) {
                (log.bounds, log.history) = (None, EndHistory::default());
            }
        }
    }

    /// What can be read of a partition, as far as is known, and since when that is known.
    #[must_use]
    pub fn bounds(&self, topic: &TopicName, partition: PartitionId) -> Option<(LogBounds, Mono)> {
        let log = self.topics.get(topic)?.get(&partition)?;
        Some((log.bounds?, log.measured_at))
    }

    /// How far those are that committed `offset` there; `None` when nothing is known of the log.
    #[must_use]
    pub fn lag(
        &self,
        topic: &TopicName,
        partition: PartitionId,
        offset: i64,
        now: Mono,
    ) -> Option<PartitionLag> {
        let log = self.topics.get(topic)?.get(&partition)?;
        Some(PartitionLag::of(offset, log.bounds?, &log.history, now))
    }

    /// How far a group is in partitions of one topic, with what it committed, in their order.
    pub fn lags<'a>(
        &'a self,
        topic: &TopicName,
        offsets: &'a [(PartitionId, i64)],
        now: Mono,
    ) -> impl Iterator<Item = (PartitionId, Option<PartitionLag>)> + 'a {
        let logs = self.topics.get(topic);
        offsets.iter().map(move |(partition, offset)| {
            let log = logs.and_then(|logs| logs.get(partition));
            let lag = log.and_then(|log| Some(PartitionLag::of(*offset, log.bounds?, &log.history, now)));
            (*partition, lag)
        })
    }
}

#[cfg(test)]
mod tests;
