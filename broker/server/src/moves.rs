//! Replicas that move to another log directory of this broker (KIP-113): a task for each, as many copying at once as
//! `num.replica.alter.log.dirs.threads` says.
//!
//! What is done next is decided by `broker_node::log_move`; whether the controller knows where the replica goes is read
//! from the image, and `assignments` tells it. Invariant: a replica has one task at most, and it ends with the move.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use broker_log::{FsDisk, Log};
use broker_node::{fetcher::Key, log_move::Step};
use broker_types::{DirectoryId, TopicPartition};
use parking_lot::Mutex;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::{
    broker::Broker,
    directories::Directory,
    partition::{MoveError, Partition, Swap},
    replicas::unique,
    tasks::TaskKind,
    waiters::{Awaits, ParkedFetch},
};

/// Between two tries on a full volume.
const FULL_PAUSE: Duration = Duration::from_secs(1);
/// Replicas that are to be created in certain directories; more are placed as if nobody had asked.
const PREFERRED_MAX: usize = 100_000;

/// Who moves.
#[derive(Debug)]
pub(crate) struct Moves {
    table: Mutex<Table>,
    is_new: Notify,
    copying: Semaphore,
    /// Held while somebody says where a replica goes, so that it gets one copy only.
    pub(crate) altering: Mutex<()>,
    /// Where replicas go that are not here yet.
    preferred: Mutex<BTreeMap<TopicPartition, DirectoryId>>,
}

#[derive(Debug, Default)]
struct Table {
    running: BTreeMap<Key, Moving>,
    /// They have no task yet.
    new: Vec<(Arc<Partition>, Moving)>,
}

/// A move, for who ends it or has news for it.
#[derive(Clone, Debug)]
struct Moving {
    /// It is cancelled, or the broker drains. A step under way is done first: nothing may be written after the close.
    stop: CancellationToken,
    news: Arc<Notify>,
}

impl Moves {
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            table: Mutex::default(),
            is_new: Notify::new(),
            copying: Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)),
            altering: Mutex::default(),
            preferred: Mutex::default(),
        }
    }

    /// Moves a replica into a copy that is empty, or that an earlier life of this broker left. One move at a time: an
    /// earlier one has been cancelled.
    pub(crate) fn begin(
        &self,
        broker: &Broker,
        partition: &Arc<Partition>,
        copy: Log<FsDisk>,
        directory: &Arc<Directory>,
    ) {
        tracing::info!(partition = %partition.id(), to = %directory.path().display(), from = %copy.end_offset(), "the replica moves");
        partition.begin_move(copy, Arc::clone(directory));
        let moving = Moving { stop: broker.tasks.draining().child_token(), news: Arc::default() };
        let mut table = self.table.lock();
        if let Some(before) = table.running.insert(partition.key(), moving.clone()) {
            before.stop.cancel();
        }
        table.new.push((Arc::clone(partition), moving));
        self.is_new.notify_one();
    }

    /// Ends the move of a replica, if there is one; its copy goes.
    pub(crate) fn cancel(&self, broker: &Broker, partition: &Partition) {
        if let Some(moving) = self.table.lock().running.remove(&partition.key()) {
            moving.stop.cancel();
        }
        if let Some(Ok(job)) = partition.cancel_move(unique(broker)) {
            tracing::info!(partition = %partition.id(), "the replica stays where it is");
            let delay = partition.settings().log.file_delete_delay;
            broker.graveyard.add(job, broker.clock.mono().plus(delay));
        }
    }

    /// The controller may know more of where replicas are.
    pub(crate) fn image_changed(&self) {
        self.table.lock().running.values().for_each(|moving| moving.news.notify_one());
    }

    /// Remembers where a replica goes when it is created here.
    pub(crate) fn prefer(&self, id: &TopicPartition, directory: DirectoryId) {
        let mut preferred = self.preferred.lock();
        if preferred.len() < PREFERRED_MAX || preferred.contains_key(id) {
            preferred.insert(id.clone(), directory);
        }
    }

    /// Where a replica goes that is created now, if somebody asked for it.
    pub(crate) fn take_preferred(&self, id: &TopicPartition) -> Option<DirectoryId> {
        self.preferred.lock().remove(id)
    }

    fn ended(&self, partition: &Partition, moving: &Moving) {
        let mut table = self.table.lock();
        let is_own = |known: &Moving| Arc::ptr_eq(&known.news, &moving.news);
        if table.running.get(&partition.key()).is_some_and(is_own) {
            table.running.remove(&partition.key());
        }
    }
}

/// Sees to it that every move has a task, until the broker drains.
pub(crate) async fn run(broker: Arc<Broker>, draining: CancellationToken) {
    loop {
        tokio::select! {
            biased;
            () = draining.cancelled() => return,
            () = broker.moves.is_new.notified() => {}
        }
        let new = std::mem::take(&mut broker.moves.table.lock().new);
        for (partition, moving) in new {
            let own = Arc::clone(&broker);
            broker.tasks().spawn(TaskKind::Move, async move {
                move_log(&own, &partition, &moving).await;
                own.moves.ended(&partition, &moving);
            });
        }
    }
}

/// Moves a log until it is where it goes, or cannot, or may not any more.
async fn move_log(broker: &Arc<Broker>, partition: &Arc<Partition>, moving: &Moving) {
    while !moving.stop.is_cancelled() {
        if partition.moves_to().is_none_or(|target| target.is_offline()) {
            return partition.abandon_move();
        }
        let Some(step) = next_step(broker, partition) else {
            if partition.is_deleted() {
                broker.moves.cancel(broker, partition);
            }
            return;
        };
        let done = match step {
            Step::WaitUntil(at) => {
                moving.rest(tokio::time::sleep_until(broker.clock().instant_of(at))).await;
                Ok(false)
            }
            Step::Announce => {
                announce(broker, partition, moving).await;
                Ok(false)
            }
            step => {
                // Closed never: it lives as long as the broker.
                let Ok(_permit) = broker.moves.copying.acquire().await else { return };
                let (own, moved) = (Arc::clone(broker), Arc::clone(partition));
                broker.blocking(move || perform(&own, &moved, step)).await
            }
        };
        match done {
            Ok(false) => {}
            Ok(true) => return,
            Err(error) => {
                let may_go_on = error.settle(partition);
                tracing::error!(partition = %partition.id(), ?error, may_go_on, "the replica's copy is not as it should be");
                if !may_go_on {
                    return partition.abandon_move();
                }
                moving.rest(tokio::time::sleep(FULL_PAUSE)).await;
            }
        }
    }
}

impl Moving {
    /// Waits for something, but no longer than until there are news or the move is to stop.
    async fn rest(&self, something: impl Future) {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            () = self.news.notified() => {}
            _ = something => {}
        }
    }
}

fn known_directory(broker: &Broker, partition: &Partition) -> Option<DirectoryId> {
    let image = broker.image();
    let key = partition.key();
    image.topics().partition(key.topic, key.partition)?.directory(broker.id())
}

fn next_step(broker: &Broker, partition: &Partition) -> Option<Step> {
    let exceeded_until = broker.throttles().log_dirs.exceeded_until(broker.clock().mono());
    partition.next_move_step(known_directory(broker, partition), exceeded_until)
}

/// Lets the controller be told, and waits until it knows or the log has more.
async fn announce(broker: &Broker, partition: &Partition, moving: &Moving) {
    partition.announce_move();
    // Registered before looking, so that no append between the two is missed.
    let parked = ParkedFetch::default();
    partition.park(&parked, 0, Awaits::Appended);
    if next_step(broker, partition) == Some(Step::Announce) {
        moving.rest(parked.woken()).await;
    }
}

/// Does a step; whether the move is over. Blocks on the disk.
fn perform(broker: &Broker, partition: &Partition, step: Step) -> Result<bool, MoveError> {
    let now = broker.clock().now();
    match step {
        Step::Copy(from) => {
            let bytes = partition.copy_on(now, from)?;
            broker.throttles().log_dirs.record(now.mono, bytes);
            partition.flush_copy(now, false)?;
        }
        Step::RestartAt(_) | Step::TruncateTo(_) => partition.mend_copy(now, step)?,
        Step::Swap => match partition.swap(now, known_directory(broker, partition), unique(broker))? {
            Swap::Done(job) => {
                let delay = partition.settings().log.file_delete_delay;
                broker.graveyard.add(job, now.mono.plus(delay));
                let directory = partition.directory();
                tracing::info!(partition = %partition.id(), directory = %directory.path().display(), "the replica is moved");
                return Ok(true);
            }
            Swap::NotYet => {}
            Swap::Unsynced => partition.flush_copy(now, true)?,
        },
        Step::WaitUntil(_) | Step::Announce => {}
    }
    Ok(false)
}
