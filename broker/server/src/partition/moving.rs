//! The copy of a log that is moved to another directory of this broker (KIP-113). What is done with it next is decided by
//! `broker_node::log_move`.
//!
//! Invariant: the copy's lock is taken alone or after the partition's, never before it; a swap holds both, so that no
//! record comes between the last look and the new log. Durability point of a swap: what was synced of the log is synced
//! of the copy before.

use std::sync::Arc;

use broker_log::{AppendError, DeleteJob, EpochEnd, FsDisk, Log, LogConfig, ReadError, StorageError};
use broker_node::{
    fetcher,
    log_move::{self, Logs, Registered, Step},
};
use broker_records::batches;
use broker_replication::Event;
use broker_types::{DirectoryId, Mono, Now, Offset};
use parking_lot::{MappedMutexGuard, MutexGuard};

use super::{
    Partition, State,
    following::{append_copy, log_state},
};
use crate::directories::Directory;

/// The most that is copied at once.
const COPY_BYTES_MAX: u32 = 1024 * 1024;

/// A copy on its way.
#[derive(Debug)]
pub(super) struct Future {
    log: Log,
    directory: Arc<Directory>,
    /// The controller is to be told that the replica goes there.
    is_announced: bool,
}

/// A copy, for who describes directories.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FutureSize {
    pub(crate) bytes: u64,
    /// Records that the copy lacks.
    pub(crate) lag: i64,
}

/// Why a move does not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    #[error("the log cannot be read")]
    Read(#[source] ReadError),
    #[error("the log's directory failed")]
    Current(#[source] StorageError),
    #[error("the target directory failed")]
    Target(#[source] StorageError),
    #[error("the copy does not take what the log holds")]
    Append(#[source] AppendError),
}

/// What became of a swap.
#[derive(Debug)]
pub(crate) enum Swap {
    /// The job removes what is left in the old directory.
    Done(DeleteJob<FsDisk>),
    /// Something else comes first: look again.
    NotYet,
    /// The copy must be synced first.
    Unsynced,
}

impl Future {
    pub(super) fn set_config(&mut self, config: LogConfig) {
        self.log.set_config(config);
    }
}

impl Partition {
    /// Where the copy is moved to, if there is one.
    pub(crate) fn moves_to(&self) -> Option<Arc<Directory>> {
        self.future.lock().as_ref().map(|future| Arc::clone(&future.directory))
    }

    /// Begins or goes on to move the log, into this copy in another directory. It is not compacted meanwhile.
    pub(crate) fn begin_move(&self, log: Log, directory: Arc<Directory>) {
        // What compaction removes of the log while it is copied, a tombstone, could be missed in the copy.
        self.care_for_log(Log::give_up_cleaning);
        *self.future.lock() = Some(Future { log, directory, is_announced: false });
    }

    /// Which directory the controller is to know, as it knows this one: the one that a whole copy goes to, even before
    /// the replica is served from there.
    pub(crate) fn told_directory(&self, known: DirectoryId) -> DirectoryId {
        match &*self.future.lock() {
            Some(future) if future.is_announced || future.directory.id() == known => future.directory.id(),
            _ => self.directory().id(),
        }
    }

    /// The controller is to be told where the replica goes.
    pub(crate) fn announce_move(&self) {
        if let Some(future) = &mut *self.future.lock() {
            future.is_announced = true;
        }
    }

    /// Ends the move; the job removes the copy. `None` when there was none.
    pub(crate) fn cancel_move(&self, unique: u128) -> Option<Result<DeleteJob<FsDisk>, StorageError>> {
        let future = self.future.lock().take();
        future.map(|future| future.log.delete(unique).inspect_err(|error| future.directory.fail(error)))
    }

    /// Whether the replica is gone from this broker.
    pub(crate) fn is_deleted(&self) -> bool {
        self.state.lock().is_none()
    }

    /// Ends the move and leaves the copy's files: their directory failed.
    pub(crate) fn abandon_move(&self) {
        *self.future.lock() = None;
    }

    /// The copy's size, if it lies in this directory.
    pub(crate) fn future_in(&self, directory: &Arc<Directory>) -> Option<FutureSize> {
        let end = self.care_for_log(|log| log.end_offset())?;
        let future = self.future.lock();
        let future = future.as_ref().filter(|future| Arc::ptr_eq(&future.directory, directory))?;
        let lag = end.since(future.log.end_offset());
        Some(FutureSize { bytes: future.log.size_bytes(), lag })
    }

    /// Locks the copy for a directory's own work over many logs at once.
    pub(crate) fn lock_copy(&self) -> Option<MappedMutexGuard<'_, Log>> {
        MutexGuard::try_map(self.future.lock(), |future| future.as_mut().map(|future| &mut future.log)).ok()
    }

    /// What the move wants done next. `None`: there is none any more, or the log is out of use.
    pub(crate) fn next_move_step(
        &self,
        known: Option<DirectoryId>,
        exceeded_until: Option<Mono>,
    ) -> Option<Step> {
        self.check_online().ok()?;
        let state = self.state.lock();
        let future = self.future.lock();
        let (state, future) = (state.as_ref()?, future.as_ref()?);
        Some(next_step(state, future, known, exceeded_until))
    }

    /// Copies some records from `from` on, where the copy ends; gives how many bytes. Blocks on the disk.
    pub(crate) fn copy_on(&self, now: Now, from: Offset) -> Result<usize, MoveError> {
        let planned = self.care_for_log(|log| {
            let slice = log.read(from, COPY_BYTES_MAX, log.end_offset(), true)?;
            Ok((slice, log.high_watermark(), log.start_offset()))
        });
        let Some(planned) = planned else { return Ok(0) };
        let (slice, high_watermark, start) = planned.map_err(MoveError::Read)?;
        let read = slice.read_to_vec().map_err(|source| {
            let path = self.directory().path().to_owned();
            MoveError::Current(StorageError { action: "read a segment in", path, source })
        })?;
        let mut walk = batches(&read);
        walk.by_ref().take_while(Result::is_ok).for_each(drop);
        let whole = read.get(..walk.consumed()).unwrap_or_default();
        self.with_future(|future| {
            if future.log.end_offset() != from {
                return Ok(0);
            }
            append_copy(&mut future.log, now, whole).map_err(MoveError::Append)?;
            follow_bounds(&mut future.log, high_watermark, start);
            Ok(whole.len())
        })
    }

    /// Cuts the copy, or throws it away.
    pub(crate) fn mend_copy(&self, now: Now, step: Step) -> Result<(), MoveError> {
        self.with_future(|future| {
            match step {
                Step::RestartAt(at) => future.log.truncate_fully_and_start_at(at, now.wall),
                Step::TruncateTo(to) => future.log.truncate_to(to, now.wall).map(drop),
                Step::Copy(_) | Step::WaitUntil(_) | Step::Announce | Step::Swap => Ok(()),
            }
            .map_err(MoveError::Target)
        })
    }

    /// Syncs the copy: all of it, or what is due by the topic's promise. Blocks on the disk.
    pub(crate) fn flush_copy(&self, now: Now, all: bool) -> Result<(), MoveError> {
        let planned = self.with_future(|future| {
            let due = if all { Some(future.log.end_offset()) } else { future.log.needs_flush(now.wall) };
            let job = due.map_or(Ok(None), |upto| future.log.begin_flush(upto));
            job.map(Some).map_err(MoveError::Target)
        })?;
        let Some(job) = planned.flatten() else { return Ok(()) };
        let outcome = job.run();
        self.with_future(|future| {
            future.log.complete_flush(&job, &outcome, now.wall);
            Ok(())
        })?;
        outcome.map_err(MoveError::Target)
    }

    /// Makes the copy the log, if it still has everything: the old folder is put aside first, so that there are never two.
    /// What a stop in between leaves is the copy alone, which the next start takes up.
    pub(crate) fn swap(&self, now: Now, known: Option<DirectoryId>, unique: u128) -> Result<Swap, MoveError> {
        // No sync of the one log is counted for the other.
        let _one_at_a_time = self.flushing.lock();
        let swapped = {
            let mut state = self.state.lock();
            let mut slot = self.future.lock();
            let (Some(state), Some(future)) = (state.as_mut(), slot.as_mut()) else {
                return Ok(Swap::NotYet);
            };
            if next_step(state, future, known, None) != Step::Swap {
                return Ok(Swap::NotYet);
            }
            if future.log.recovery_point() < state.log.recovery_point() {
                return Ok(Swap::Unsynced);
            }
            follow_bounds(&mut future.log, state.log.high_watermark(), state.log.start_offset());
            let Some(Future { mut log, directory, .. }) = slot.take() else { return Ok(Swap::NotYet) };
            if let Some(epoch) = state.replica.leads() {
                log.assign_epoch(epoch);
            }
            let old = std::mem::replace(&mut state.log, log);
            let old_directory = self.directory.swap(directory);
            let put_aside = old.delete(unique).inspect_err(|error| old_directory.fail(error));
            state.log.promote().inspect_err(|e| self.directory().fail(e)).map_err(MoveError::Target)?;
            // More of the copy may be synced than was of the log.
            let durable = state.durable();
            state.step(now, Event::Durable(durable));
            put_aside.map_err(MoveError::Current)?
        };
        // Those who read to the end of the old log look again.
        self.waiters.wake();
        Ok(Swap::Done(swapped))
    }

    fn with_future<T: Default>(
        &self,
        change: impl FnOnce(&mut Future) -> Result<T, MoveError>,
    ) -> Result<T, MoveError> {
        let mut future = self.future.lock();
        future.as_mut().map_or_else(|| Ok(T::default()), change)
    }
}

impl MoveError {
    /// A directory that failed goes offline; whether the move may go on later.
    pub(crate) fn settle(&self, partition: &Partition) -> bool {
        let fail_target = |error: &StorageError| {
            if let Some(target) = partition.moves_to() {
                target.fail(error);
            }
        };
        match self {
            Self::Append(AppendError::DiskFull(_)) => return true,
            Self::Target(error) if error.is_full() => return true,
            Self::Append(AppendError::Storage(error)) | Self::Target(error) => fail_target(error),
            Self::Read(ReadError::Storage(error)) | Self::Current(error) => partition.directory().fail(error),
            Self::Append(_) | Self::Read(_) => {}
        }
        false
    }
}

fn next_step(
    state: &State,
    future: &Future,
    known: Option<DirectoryId>,
    exceeded_until: Option<Mono>,
) -> Step {
    let (current, copy) = (&state.log, &future.log);
    let end = |EpochEnd { epoch, end }: EpochEnd| fetcher::EpochEnd { epoch, end };
    // An epoch that the log has not reached is cut off to the log's last one.
    let last_known =
        || current.latest_epoch().map(|epoch| fetcher::EpochEnd { epoch, end: current.end_offset() });
    let theirs =
        copy.latest_epoch().and_then(|last| current.end_offset_for_epoch(last).map(end).or_else(last_known));
    let own = theirs.and_then(|theirs| copy.end_offset_for_epoch(theirs.epoch)).map(end);
    let registered = match known {
        None => Registered::Nowhere,
        Some(known) if known == future.directory.id() => Registered::Target,
        Some(_) => Registered::Elsewhere,
    };
    let logs = Logs { current: log_state(current), future: log_state(copy), theirs, own };
    log_move::next_step(&logs, registered, exceeded_until)
}

/// A copy knows to be committed, and hides, what the log does, as far as it has it.
fn follow_bounds(log: &mut Log, high_watermark: Offset, start: Offset) {
    log.set_high_watermark(high_watermark);
    let start = start.min(log.high_watermark());
    if let Err(error) = log.advance_start_offset(start) {
        tracing::error!(partition = %log.topic_partition(), %error, "the copy's start stays");
    }
}
