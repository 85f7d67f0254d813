//! Periodic care of the logs: flushes that are due, retention, removal of deleted files, checkpoints; and of buffers that
//! nobody needs.

use std::{sync::Arc, time::Duration};

use broker_log::Log;
use broker_types::Mono;
use parking_lot::MappedMutexGuard;
use tokio_util::sync::CancellationToken;

use crate::{broker::Broker, directories::Directory, partition::Partition};

/// How often flushes and removals are looked for.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// The first retention pass comes so long after the start, as Kafka's does.
const RETENTION_DELAY: Duration = Duration::from_secs(30);

/// How long a buffer waits for the next who needs one.
const BUFFER_INTERVAL: Duration = Duration::from_secs(10);

/// Runs until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    let now = broker.clock().mono();
    let first_retention = RETENTION_DELAY.min(broker.settings().retention_check_interval);
    let mut due = Due {
        retention: now.plus(first_retention),
        checkpoint: now.plus(broker.settings().checkpoint_interval),
        buffers: now.plus(BUFFER_INTERVAL),
    };
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
        let care = Arc::clone(&broker);
        due = broker.blocking(move || due.care(&care)).await;
    }
}

/// When the slower duties come.
#[derive(Clone, Copy)]
struct Due {
    retention: Mono,
    checkpoint: Mono,
    buffers: Mono,
}

impl Due {
    fn care(mut self, broker: &Broker) -> Self {
        let now = broker.clock().now();
        let partitions = broker.partitions().all();
        for partition in partitions.iter().filter(|partition| !partition.directory().is_offline()) {
            partition.flush_if_due(now);
            let job = partition.care_for_log(|log| log.take_due_deletes(now.wall)).flatten();
            if let Some(Err(error)) = job.map(broker_log::DeleteJob::run) {
                partition.directory().fail(&error);
            }
        }
        broker.graveyard.clear(now.mono);
        if self.retention <= now.mono {
            retain(broker, &partitions);
            self.retention = now.mono.plus(broker.settings().retention_check_interval);
        }
        if self.checkpoint <= now.mono {
            checkpoint(broker);
            count_late_transactions(broker, &partitions);
            self.checkpoint = now.mono.plus(broker.settings().checkpoint_interval);
        }
        if self.buffers <= now.mono {
            broker.buffers().trim();
            self.buffers = now.mono.plus(BUFFER_INTERVAL);
        }
        let offline = i64::try_from(broker.directories.offline()).unwrap_or(i64::MAX);
        broker.metrics().offline_directories.set(offline);
        self
    }
}

fn retain(broker: &Broker, partitions: &[Arc<Partition>]) {
    let now = broker.clock().now();
    for partition in partitions {
        match partition.retain(now) {
            Some(Ok(deleted)) => {
                for segment in deleted {
                    tracing::info!(partition = %partition.id(), base = %segment.base, reason = ?segment.reason, "segment deleted");
                }
            }
            Some(Err(error)) => partition.directory().fail_unless_full(&error, now.mono),
            None => {}
        }
    }
}

/// A transaction that hangs holds back readers of committed data and compaction: an administrator has to end it.
fn count_late_transactions(broker: &Broker, partitions: &[Arc<Partition>]) {
    let (now, longest) = (broker.clock().now(), broker.settings().config.transactions.timeout_max);
    let is_late = |partition: &&Arc<Partition>| {
        partition.with_log(None, |log| log.has_late_transaction(now.wall, longest)).unwrap_or(false)
    };
    let late = partitions.iter().filter(is_late).count();
    broker.metrics().late_transactions.set(i64::try_from(late).unwrap_or(i64::MAX));
}

fn checkpoint(broker: &Broker) {
    for directory in broker.directories.online.iter().filter(|directory| !directory.is_offline()) {
        let partitions = broker.partitions().all();
        let logs = lock_all(&partitions, directory);
        if let Err(error) = directory.log_directory().checkpoint(logs.iter().map(|log| &**log)) {
            directory.fail_unless_full(&error, broker.clock().mono());
        }
    }
}

/// The logs that lie in a directory, and the copies that are moved into it, locked. In one order everywhere, so that two who
/// lock many cannot wait for each other: only upkeep and the drain do, one after the other; who locks a copy waits for
/// no log.
pub(crate) fn lock_all<'a>(
    partitions: &'a [Arc<Partition>],
    directory: &Directory,
) -> Vec<MappedMutexGuard<'a, Log>> {
    let lies_here = |log: &MappedMutexGuard<'_, Log>| log.folder().parent() == Some(directory.path());
    let logs = partitions.iter().filter_map(|partition| partition.lock_log().filter(lies_here));
    let mut locked: Vec<_> = logs.collect();
    locked.extend(partitions.iter().filter_map(|partition| partition.lock_copy().filter(lies_here)));
    locked
}
