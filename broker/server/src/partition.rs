//! One partition replica on this broker: its log, its leadership, who waits for it.
//!
//! Invariant: one writer at a time, under a short lock; validation, reads and syncs happen outside of it.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use broker_compression::Codecs;
use broker_log::{
    AppendError, AppendInfo, AppendOrigin, DeleteJob, FsDisk, Log, ReadError, ReadSlice, StorageError,
};
use broker_records::validate::{Rejected, Scratch, Validated, ValidationRules, validate};
use broker_types::{LeaderEpoch, Now, Offset, Timestamp, TopicId, TopicPartition};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use crate::{
    directories::Directory,
    topic_settings::TopicSettings,
    waiters::{ParkedFetch, Waiters},
};

/// What validation keeps of its memory between batches.
const SCRATCH_BYTES_KEPT: usize = 1024 * 1024;

thread_local! {
    static SCRATCH: RefCell<Scratch> = const { RefCell::new(Scratch::new()) };
}

/// A partition replica.
#[derive(Debug)]
pub(crate) struct Partition {
    id: TopicPartition,
    topic_id: TopicId,
    directory: Arc<Directory>,
    settings: ArcSwap<TopicSettings>,
    /// `None`: deleted.
    state: Mutex<Option<State>>,
    waiters: Waiters,
    /// A failed assertion inside was contained: only this partition is out of service.
    is_failed: AtomicBool,
}

#[derive(Debug)]
struct State {
    log: Log,
    /// `None`: not the leader.
    leader_epoch: Option<LeaderEpoch>,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProduceError {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("the partition's log directory is offline")]
    Offline,
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error("transactions are not supported yet")]
    Transactional,
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("the partition's log directory is offline")]
    Offline,
    #[error("the leader epoch {given} is older than the present {present}")]
    FencedEpoch { given: LeaderEpoch, present: LeaderEpoch },
    #[error("the leader epoch {given} is not known here yet, the present one is {present}")]
    UnknownEpoch { given: LeaderEpoch, present: LeaderEpoch },
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Which records a reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Isolation {
    ReadUncommitted,
    ReadCommitted,
}

/// Where a partition's readable range lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) start: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) last_stable: Offset,
    pub(crate) leader_epoch: LeaderEpoch,
}

impl Partition {
    pub(crate) fn new(
        id: TopicPartition,
        topic_id: TopicId,
        directory: Arc<Directory>,
        settings: Arc<TopicSettings>,
        log: Log,
    ) -> Self {
        Self {
            id,
            topic_id,
            directory,
            settings: ArcSwap::new(settings),
            state: Mutex::new(Some(State { log, leader_epoch: None })),
            waiters: Waiters::default(),
            is_failed: AtomicBool::new(false),
        }
    }

    pub(crate) fn id(&self) -> &TopicPartition {
        &self.id
    }

    pub(crate) fn topic_id(&self) -> TopicId {
        self.topic_id
    }

    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.directory
    }

    pub(crate) fn settings(&self) -> Arc<TopicSettings> {
        self.settings.load_full()
    }

    /// Takes new settings; they hold from the next append on.
    pub(crate) fn set_settings(&self, settings: Arc<TopicSettings>) {
        if let Some(state) = &mut *self.state.lock() {
            state.log.set_config(settings.log.clone());
        }
        self.settings.store(settings);
    }

    /// Leads from now on. Alone in its ISR, everything in its log is committed.
    pub(crate) fn lead(&self, epoch: LeaderEpoch) {
        let mut state = self.state.lock();
        let Some(state) = state.as_mut().filter(|state| state.leader_epoch != Some(epoch)) else { return };
        state.leader_epoch = Some(epoch);
        state.log.assign_epoch(epoch);
        let end = state.log.end_offset();
        state.log.set_high_watermark(end);
    }

    /// Stops leading; whoever waits is woken and learns it.
    pub(crate) fn stop_leading(&self) {
        if let Some(state) = &mut *self.state.lock() {
            state.leader_epoch = None;
        }
        self.waiters.wake();
    }

    /// Checks what a producer sent, appends it, and wakes who waits for it.
    pub(crate) fn produce(
        &self,
        bytes: &[u8],
        now: Now,
        zstd_allowed: bool,
    ) -> Result<(AppendInfo, Validated), ProduceError> {
        self.check_online().map_err(|()| ProduceError::Offline)?;
        let settings = self.settings.load();
        let rules = ValidationRules { now: now.wall, zstd_allowed, ..settings.rules };
        let validated = SCRATCH.with_borrow_mut(|scratch| {
            let validated = validate(bytes, &rules, &Codecs::default(), scratch);
            scratch.shrink_to(SCRATCH_BYTES_KEPT);
            validated
        })?;
        if validated.header.attributes.is_transactional() {
            return Err(ProduceError::Transactional);
        }
        let batch = validated.replaced.as_deref().unwrap_or(&bytes[..validated.input_bytes]);
        let appended = {
            let mut state = self.state.lock();
            let state = state.as_mut().ok_or(ProduceError::NotLeader)?;
            let epoch = state.leader_epoch.ok_or(ProduceError::NotLeader)?;
            let appended = state.log.append_as_leader(batch, epoch, now.wall, AppendOrigin::Client);
            let appended = appended.inspect_err(|error| self.notice(error))?;
            let end = state.log.end_offset();
            state.log.set_high_watermark(end);
            appended
        };
        self.waiters.wake();
        Ok((appended, validated))
    }

    /// Plans a read for a consumer.
    pub(crate) fn plan_read(
        &self,
        offset: Offset,
        max_bytes: u32,
        isolation: Isolation,
        min_one: bool,
        known_epoch: Option<LeaderEpoch>,
    ) -> Result<(ReadSlice, Bounds), FetchError> {
        let state = self.lock_as_leader(known_epoch)?;
        let bounds = bounds(&state);
        let up_to = match isolation {
            Isolation::ReadUncommitted => bounds.high_watermark,
            Isolation::ReadCommitted => bounds.last_stable,
        };
        let slice = state.log.read(offset, max_bytes, up_to, min_one)?;
        Ok((slice, bounds))
    }

    /// The readable range.
    pub(crate) fn bounds(&self, known_epoch: Option<LeaderEpoch>) -> Result<Bounds, FetchError> {
        Ok(bounds(&*self.lock_as_leader(known_epoch)?))
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

    /// Syncs what is due by the topic's promise. A failure takes the directory offline.
    pub(crate) fn flush_if_due(&self, now: Timestamp) {
        let planned = self.care_for_log(|log| log.needs_flush(now).map(|upto| log.begin_flush(upto)));
        let job = match planned.flatten() {
            Some(Ok(Some(job))) => job,
            Some(Err(error)) => return self.directory.fail(&error),
            Some(Ok(None)) | None => return,
        };
        let outcome = job.run();
        self.care_for_log(|log| log.complete_flush(&job, &outcome, now));
        if let Err(error) = outcome {
            self.directory.fail(&error);
        }
    }

    /// Takes the log out of use; the job removes its files.
    pub(crate) fn delete(&self, unique: u128) -> Result<Option<DeleteJob<FsDisk>>, StorageError> {
        let state = self.state.lock().take();
        self.waiters.wake();
        state.map(|state| state.log.delete(unique)).transpose()
    }

    /// Parks a fetch until the readable end moves.
    pub(crate) fn park(&self, fetch: &Arc<ParkedFetch>) {
        self.waiters.park(fetch);
    }

    fn lock_as_leader(
        &self,
        known_epoch: Option<LeaderEpoch>,
    ) -> Result<MappedMutexGuard<'_, State>, FetchError> {
        self.check_online().map_err(|()| FetchError::Offline)?;
        let state =
            MutexGuard::try_map(self.state.lock(), Option::as_mut).map_err(|_| FetchError::NotLeader)?;
        let present = state.leader_epoch.ok_or(FetchError::NotLeader)?;
        match known_epoch {
            Some(given) if given < present => Err(FetchError::FencedEpoch { given, present }),
            Some(given) if given > present => Err(FetchError::UnknownEpoch { given, present }),
            _ => Ok(state),
        }
    }

    fn check_online(&self) -> Result<(), ()> {
        if self.directory.is_offline() || self.is_failed.load(Ordering::Relaxed) { Err(()) } else { Ok(()) }
    }

    /// A disk that failed takes its directory offline, and no other.
    fn notice(&self, error: &AppendError) {
        if let AppendError::Storage(error) = error {
            self.directory.fail(error);
        }
    }
}

fn bounds(state: &State) -> Bounds {
    Bounds {
        start: state.log.start_offset(),
        high_watermark: state.log.high_watermark(),
        last_stable: state.log.last_stable_offset(),
        leader_epoch: state.leader_epoch.unwrap_or(LeaderEpoch::ZERO),
    }
}
