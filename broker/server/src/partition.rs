//! One partition replica on this broker: its log, its leadership, who waits for it.
//!
//! Invariant: one writer at a time, under a short lock; validation, reads and syncs happen outside of it. Who leads and
//! what is committed is decided by the replica machine alone.

mod consumers;
mod coordinated;
mod error;
mod followers;
mod following;
mod moving;
mod produce;
mod refusals;
mod state;
#[cfg(test)]
mod tests;
mod transactional;

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use broker_log::{AppendError, DeleteJob, Deletion, FsDisk, Log, StorageError};
use broker_node::fetcher::Key;
use broker_replication::{DeleteFailure, Event, Following, Leadership, Peer, Settings};
use broker_types::{BrokerId, LeaderEpoch, Mono, Now, Offset, PartitionEpoch, TopicId, TopicPartition};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use self::state::State;
pub(crate) use self::{
    consumers::{Answering, ConsumerRead, ConsumerSlice},
    coordinated::{CoordinatorAppendError, Grounds},
    error::{FetchError, FollowError, ProduceError},
    followers::ReplicaRead,
    following::FromLeader,
    moving::{MoveError, Swap},
    produce::{News, Produced, Sent},
    state::Reply,
    transactional::TransactionEnd,
};
use crate::{
    directories::Directory,
    isr::Proposals,
    topic_settings::TopicSettings,
    waiters::{Awaits, ParkedFetch, Waiters},
};

/// A partition replica.
#[derive(Debug)]
pub(crate) struct Partition {
    id: TopicPartition,
    topic_id: TopicId,
    /// Changed under the state's lock, when the log is another one.
    directory: ArcSwap<Directory>,
    settings: ArcSwap<TopicSettings>,
    /// `None`: deleted.
    state: Mutex<Option<State>>,
    /// The copy of the log that is moved to another directory.
    future: Mutex<Option<moving::Future>>,
    waiters: Waiters,
    /// Held while the log is synced: who comes meanwhile finds it done, or does it for all who have come.
    flushing: Mutex<()>,
    /// A failed assertion inside was contained: only this partition is out of service.
    is_failed: AtomicBool,
    /// As the settings say; asked for every fetch of a replica.
    throttled_as_leader: AtomicBool,
    throttled_as_follower: AtomicBool,
}

/// What the metadata says of a leadership of this broker.
#[derive(Debug)]
pub(crate) struct Lead {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) partition_epoch: PartitionEpoch,
    pub(crate) isr: BTreeSet<BrokerId>,
    pub(crate) peers: Vec<Peer>,
}

/// Which records a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    ReadUncommitted,
    ReadCommitted,
    /// Another replica: also what is not committed.
    LogEnd,
}

/// Where a partition's readable range lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) start: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) last_stable: Offset,
    /// Where other replicas read up to.
    pub(crate) log_end: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
    /// A new leader knows everything that an earlier one told to be committed.
    pub(crate) is_settled: bool,
}

impl Isolation {
    /// Where such a reader's range ends.
    pub(crate) const fn end(self, bounds: &Bounds) -> Offset {
        match self {
            Self::ReadUncommitted => bounds.high_watermark,
            Self::ReadCommitted => bounds.last_stable,
            Self::LogEnd => bounds.log_end,
        }
    }
}

impl Partition {
    pub(crate) fn new(
        id: TopicPartition,
        topic_id: TopicId,
        directory: Arc<Directory>,
        settings: Arc<TopicSettings>,
        replica: Settings,
        proposals: Arc<Proposals>,
        log: Log,
    ) -> Self {
        Self {
            throttled_as_leader: settings.throttled_as_leader.contains(id.partition).into(),
            throttled_as_follower: settings.throttled_as_follower.contains(id.partition).into(),
            id,
            topic_id,
            directory: ArcSwap::new(directory),
            future: Mutex::new(None),
            settings: ArcSwap::new(settings),
            state: Mutex::new(Some(State::new(log, replica, topic_id, proposals))),
            waiters: Waiters::default(),
            flushing: Mutex::new(()),
            is_failed: AtomicBool::new(false),
        }
    }

    pub(crate) fn id(&self) -> &TopicPartition {
        &self.id
    }

    /// As fetches name it.
    pub(crate) fn key(&self) -> Key {
        Key { topic: self.topic_id, partition: self.id.partition }
    }

    pub(crate) fn topic_id(&self) -> TopicId {
        self.topic_id
    }

    /// Where its log is; another one after a move.
    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.directory.load_full()
    }

    pub(crate) fn settings(&self) -> Arc<TopicSettings> {
        self.settings.load_full()
    }

    /// Whether other replicas are served only as fast as the leader's quota allows, while they are out of sync (KIP-73).
    pub(crate) fn is_throttled_as_leader(&self) -> bool {
        self.throttled_as_leader.load(Ordering::Relaxed)
    }

    /// Whether this replica fetches only as fast as the follower's quota allows, while it is behind.
    pub(crate) fn is_throttled_as_follower(&self) -> bool {
        self.throttled_as_follower.load(Ordering::Relaxed)
    }

    /// Takes new settings; they hold from the next append on.
    pub(crate) fn set_settings(&self, now: Now, settings: Arc<TopicSettings>) {
        let min_isr = settings.min_isr.get();
        let log = settings.log.clone();
        let index = self.id.partition;
        self.throttled_as_leader.store(settings.throttled_as_leader.contains(index), Ordering::Relaxed);
        self.throttled_as_follower.store(settings.throttled_as_follower.contains(index), Ordering::Relaxed);
        self.settings.store(settings);
        if let Some(future) = &mut *self.future.lock() {
            future.set_config(log.clone());
        }
        let moved = self.change(|state| {
            state.log.set_config(log);
            let durable = state.durable();
            state.step(now, Event::Durable(durable)) | state.step(now, Event::MinIsrChanged { min_isr })
        });
        self.wake_if(moved);
    }

    /// Leads, as the metadata says.
    pub(crate) fn lead(&self, now: Now, lead: Lead) {
        let min_isr = self.settings.load().min_isr.get();
        let moved = self.change(|state| {
            if state.replica.leads() != Some(lead.epoch) {
                state.log.assign_epoch(lead.epoch);
            }
            let leadership = Leadership {
                epoch: lead.epoch,
                partition_epoch: lead.partition_epoch,
                isr: lead.isr,
                peers: lead.peers,
                min_isr,
                log_end: state.log.end_offset(),
                log_start: state.log.start_offset(),
                high_watermark: state.log.high_watermark(),
                durable: state.durable(),
            };
            state.step(now, Event::BecomeLeader(leadership))
        });
        self.wake_if(moved);
    }

    /// Does not lead in `epoch`; whoever waits is woken and learns it.
    pub(crate) fn follow(&self, now: Now, epoch: LeaderEpoch) {
        let moved = self.change(|state| {
            let following = Following {
                epoch,
                log_end: state.log.end_offset(),
                log_start: state.log.start_offset(),
                high_watermark: state.log.high_watermark(),
            };
            state.step(now, Event::BecomeFollower(following))
        });
        self.wake_if(moved);
    }

    /// Deletes what lies before `offset` (`None`: all that is committed), here and then on the other replicas.
    pub(crate) fn delete_records(
        &self,
        now: Now,
        offset: Option<Offset>,
        deadline: Mono,
    ) -> Result<Reply<Result<Offset, DeleteFailure>>, FetchError> {
        Ok(self.lock_as_leader(None)?.delete_records(now, offset, deadline))
    }

    /// Lets time pass for those who wait for a decision.
    pub(crate) fn tick(&self, now: Now) {
        let moved = self.change(|state| state.step(now, Event::Tick));
        self.wake_if(moved);
    }

    /// Removes what retention no longer wants.
    pub(crate) fn retain(&self, now: Now) -> Option<Result<Vec<Deletion>, StorageError>> {
        let mut state = self.state.lock();
        let state = state.as_mut()?;
        let deleted = state.log.retain(now.wall);
        state.log.expire_producers(now.wall);
        let log_start = state.log.start_offset();
        state.step(now, Event::LogStartsAt { log_start });
        Some(deleted)
    }

    /// A leader's readable range.
    pub(crate) fn bounds(&self, known_epoch: Option<LeaderEpoch>) -> Result<Bounds, FetchError> {
        Ok(bounds(&*self.lock_as_leader(known_epoch)?))
    }

    /// The bounds of this replica, led or not: for who compares replicas.
    pub(crate) fn bounds_of_any(&self, known_epoch: Option<LeaderEpoch>) -> Result<Bounds, FetchError> {
        Ok(bounds(&*self.lock_as(Answering::Any, known_epoch)?))
    }

    /// Runs `look` on the log of a leader.
    pub(crate) fn with_log<T>(
        &self,
        known_epoch: Option<LeaderEpoch>,
        look: impl FnOnce(&mut Log) -> T,
    ) -> Result<T, FetchError> {
        let mut state = self.lock_as_leader(known_epoch)?;
        Ok(look(&mut state.log))
    }

    /// Runs `care` on the log, led or not: retention, flushing, checkpoints. `None` when it is deleted.
    pub(crate) fn care_for_log<T>(&self, care: impl FnOnce(&mut Log) -> T) -> Option<T> {
        self.state.lock().as_mut().map(|state| care(&mut state.log))
    }

    /// Locks the log for a directory's own work over many logs at once.
    pub(crate) fn lock_log(&self) -> Option<MappedMutexGuard<'_, Log>> {
        MutexGuard::try_map(self.state.lock(), |state| state.as_mut().map(|state| &mut state.log)).ok()
    }

    /// Syncs what is due by the topic's promise; one sync at a time. A failure takes the directory offline; without room
    /// for what goes with it, it is due as before.
    pub(crate) fn flush_if_due(&self, now: Now) {
        let _one_at_a_time = self.flushing.lock();
        let planned = self.care_for_log(|log| log.needs_flush(now.wall).map(|upto| log.begin_flush(upto)));
        let job = match planned.flatten() {
            Some(Ok(Some(job))) => job,
            Some(Err(error)) => return self.directory().fail_unless_full(&error, now.mono),
            Some(Ok(None)) | None => return,
        };
        let outcome = job.run();
        let moved = self.change(|state| {
            state.log.complete_flush(&job, &outcome, now.wall);
            let durable = state.durable();
            state.step(now, Event::Durable(durable))
        });
        self.wake_if(moved);
        // The files of a log that was deleted meanwhile are not there any more, which is no fault of the disk.
        if let Err(error) = outcome
            && !self.is_deleted()
        {
            self.directory().fail_unless_full(&error, now.mono);
        }
    }

    /// Takes the log out of use; the job removes its files.
    pub(crate) fn delete(&self, now: Now, unique: u128) -> Result<Option<DeleteJob<FsDisk>>, StorageError> {
        let mut state = self.state.lock().take();
        if let Some(state) = &mut state {
            state.step(now, Event::Offline);
        }
        self.waiters.wake();
        state.map(|state| state.log.delete(unique)).transpose()
    }

    /// Parks a fetch until what it awaits is there.
    pub(crate) fn park(&self, fetch: &ParkedFetch, slot: usize, awaits: Awaits) {
        self.waiters.park(fetch, slot, awaits);
    }

    fn lock_as_leader(
        &self,
        known_epoch: Option<LeaderEpoch>,
    ) -> Result<MappedMutexGuard<'_, State>, FetchError> {
        self.lock_as(Answering::Leader, known_epoch)
    }

    /// Changes the state, unless the partition is deleted. Whether readers must look again.
    fn change(&self, change: impl FnOnce(&mut State) -> bool) -> bool {
        self.state.lock().as_mut().is_some_and(change)
    }

    fn wake_if(&self, moved: bool) {
        if moved {
            self.waiters.wake();
        }
    }

    fn check_online(&self) -> Result<(), ()> {
        if self.directory.load().is_offline() || self.is_failed.load(Ordering::Relaxed) {
            Err(())
        } else {
            Ok(())
        }
    }

    /// A disk that failed takes its directory offline, and no other.
    fn notice(&self, error: &AppendError) {
        if let AppendError::Storage(error) = error {
            self.directory().fail(error);
        }
    }
}

fn bounds(state: &State) -> Bounds {
    Bounds {
        start: state.log.start_offset(),
        high_watermark: state.log.high_watermark(),
        last_stable: state.log.last_stable_offset(),
        log_end: state.log.end_offset(),
        leader_epoch: state.replica.epoch().unwrap_or(LeaderEpoch::ZERO),
        is_settled: state.replica.is_settled(),
    }
}
