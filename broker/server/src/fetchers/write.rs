//! Changing logs as a fetcher wants it: those of one directory one after the other, directories beside each other, and
//! off the network's threads unless there is little to write.
//!
//! Durability point: none of its own; a topic that promises a sync before the answer (`flush.messages`) has it before the
//! leader hears of the new end, as that is what the leader counts.

use std::{collections::BTreeMap, sync::Arc};

use broker_node::fetcher::{EpochEnd, Event, Key, LogState, Told};
use broker_types::{DirectoryId, LeaderEpoch, Now, Offset};
use bytes::Bytes;

use crate::{
    broker::Broker,
    partition::{FollowError, FromLeader, Partition},
};

/// Less is written where the answer was read: another thread costs more.
const INLINE_BYTES_MAX: usize = 64 * 1024;

/// A change of one log.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: Key,
    pub(super) partition: Arc<Partition>,
    pub(super) epoch: LeaderEpoch,
    pub(super) work: Work,
}

/// What is changed.
#[derive(Debug)]
pub(super) enum Work {
    Append { records: Bytes, told: Told },
    Truncate(EpochEnd),
    Cut(Offset),
    Restart(Offset),
}

/// Does all, and says what became of each.
pub(super) async fn all(broker: &Arc<Broker>, jobs: Vec<Job>) -> Vec<Event> {
    let now = broker.clock().now();
    let small = |job: &Job| match &job.work {
        Work::Append { records, .. } => Some(records.len()),
        Work::Truncate(_) | Work::Cut(_) | Work::Restart(_) => None,
    };
    let bytes = jobs.iter().map(small).sum::<Option<usize>>();
    let partitions: Vec<_> = jobs.iter().map(|job| Arc::clone(&job.partition)).collect();
    let events = if bytes.is_some_and(|bytes| bytes <= INLINE_BYTES_MAX) {
        jobs.into_iter().map(|job| job.run(now)).collect()
    } else {
        by_directory(broker, jobs, now).await
    };
    sync(broker, partitions).await;
    events
}

/// Syncs the partitions whose topics promise it for what they have: the next fetch tells the leader that they have it.
pub(super) async fn sync(broker: &Arc<Broker>, partitions: Vec<Arc<Partition>>) {
    let now = broker.clock().wall();
    let is_due = |partition: &Arc<Partition>| partition.care_for_log(|log| log.needs_flush(now).is_some());
    let unflushed = partitions.into_iter().filter(|partition| is_due(partition) == Some(true)).collect();
    broker.flush_before_answer(unflushed).await;
}

async fn by_directory(broker: &Arc<Broker>, jobs: Vec<Job>, now: Now) -> Vec<Event> {
    let mut by_directory: BTreeMap<DirectoryId, Vec<Job>> = BTreeMap::new();
    for job in jobs {
        by_directory.entry(job.partition.directory().id()).or_default().push(job);
    }
    let run = move |jobs: Vec<Job>| jobs.into_iter().map(|job| job.run(now)).collect::<Vec<_>>();
    let mut rest = by_directory.into_values();
    let Some(last) = rest.next_back() else { return Vec::new() };
    let others: Vec<_> = rest.map(|jobs| tokio::task::spawn_blocking(move || run(jobs))).collect();
    let mut events = broker.blocking(move || run(last)).await;
    for other in others {
        // A fault inside is passed on; what is cancelled belongs to a runtime that is being torn down.
        match other.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(done) => events.extend(done),
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_)) => {}
        }
    }
    events
}

impl Job {
    fn run(self, now: Now) -> Event {
        let Self { key, partition, epoch, work } = self;
        let done: Result<LogState, FollowError> = match work {
            Work::Append { records, told } => {
                let Told { high_watermark, log_start, .. } = told;
                partition.append_fetched(
                    now,
                    epoch,
                    FromLeader { records: &records, high_watermark, log_start },
                )
            }
            Work::Truncate(theirs) => partition.truncate_to_leader(now, epoch, theirs),
            Work::Cut(to) => partition.truncate_at(now, epoch, to),
            Work::Restart(at) => partition.restart_at(now, epoch, at),
        };
        match done {
            Ok(log) => Event::Written { partition: key, epoch, log },
            Err(error) => {
                if !matches!(error, FollowError::NotFollower) {
                    tracing::warn!(partition = %partition.id(), %error, "what the leader sent was not written");
                }
                Event::NotWritten { partition: key, epoch, failure: error.consequence() }
            }
        }
    }
}
