//! Making a log durable.
//!
//! Durability point: when a [`FlushJob`] has run and is completed, all batches before its offset, the names of
//! their files, their indexes and the leader epochs are on the disk, and the recovery point is that offset. A
//! sync that fails is never tried again: the log has failed. Where there is no room for an index or the leader epochs,
//! which are written anew each time, the flush is due as before.

use std::{io, path::PathBuf, sync::Arc};

use broker_types::{Offset, Timestamp};

use crate::{
    disk::{Disk, replace_file},
    log::Log,
    segment::{Home, sync_segment},
    storage_error::{StorageError, given_up, is_full},
};

/// What to sync; to be run without the log's lock.
#[derive(Debug)]
pub struct FlushJob<D: Disk> {
    disk: D,
    folder: PathBuf,
    segments: Vec<Unsynced<D>>,
    epochs: Option<(PathBuf, String)>,
    sync_names: bool,
    up_to: Offset,
    truncations: u64,
}

/// A segment that is synced: until that is done it counts as not synced, for another job that begins meanwhile.
#[derive(Debug)]
struct Unsynced<D: Disk> {
    base: Offset,
    file: Arc<D::File>,
    size: u64,
}

impl<D: Disk> FlushJob<D> {
    /// Syncs. Give the result to [`Log::complete_flush`] either way.
    ///
    /// # Errors
    /// The disk's: its directory must go offline, unless the log has not failed once it knows.
    pub fn run(&self) -> Result<(), StorageError> {
        for Unsynced { base, file, .. } in &self.segments {
            sync_segment(&self.disk, &self.folder, file, *base)
                // Pages without room may be gone from the cache as well: trying again would vouch for them.
                .map_err(given_up)
                .map_err(StorageError::at("sync a segment in", &self.folder))?;
        }
        if let Some((path, content)) = &self.epochs {
            replace_file(&self.disk, path, content.as_bytes()).map_err(StorageError::at("replace", path))?;
        }
        if self.sync_names {
            self.disk.sync_dir(&self.folder).map_err(StorageError::at("sync", &self.folder))?;
            if let Some(directory) = self.folder.parent() {
                self.disk.sync_dir(directory).map_err(StorageError::at("sync", directory))?;
            }
        }
        Ok(())
    }

    /// Everything before it is durable after [`FlushJob::run`].
    pub const fn up_to(&self) -> Offset {
        self.up_to
    }
}

impl<D: Disk> Log<D> {
    /// The offset up to which a flush is due: rolled segments always are, the active one by `flush.messages`
    /// and `flush.ms`. An owner that promises `flush.messages` asks after each append, before it acknowledges.
    pub fn needs_flush(&self, now: Timestamp) -> Option<Offset> {
        if self.is_failed || self.recovery_point >= self.end {
            return None;
        }
        let unflushed = u64::try_from(self.end.since(self.recovery_point)).unwrap_or(0);
        let by_count = self.config.flush_messages.is_some_and(|limit| unflushed >= limit);
        let by_age = self.config.flush_age.is_some_and(|limit| now.since(self.last_flush) >= limit);
        if by_count || by_age {
            return Some(self.end);
        }
        let active = self.segments.last()?;
        (self.recovery_point < active.base).then_some(active.base)
    }

    /// Plans a flush of the segments that begin before `up_to`; `None` when all of that is durable. One that is planned
    /// while another is under way does all of it again; whoever wants them grouped waits for the other first, and must
    /// where both may write out epochs.
    ///
    /// # Errors
    /// The disk's, when indexes cannot be written out; the log has failed then, unless there was merely no room.
    pub fn begin_flush(&mut self, up_to: Offset) -> Result<Option<FlushJob<D>>, StorageError> {
        if up_to <= self.recovery_point {
            return Ok(None);
        }
        let folder = self.folder.clone();
        self.plan_flush(up_to).map(Some).map_err(|source| {
            self.is_failed |= !is_full(&source);
            StorageError { action: "prepare a flush in", path: folder, source }
        })
    }

    fn plan_flush(&mut self, up_to: Offset) -> io::Result<FlushJob<D>> {
        self.note_decided();
        let home = Home { disk: &self.disk, folder: &self.folder };
        let covered = self.segments.partition_point(|segment| segment.base < up_to);
        let mut segments = Vec::new();
        let mut sync_names = false;
        for segment in &mut self.segments[..covered] {
            if segment.is_dirty {
                segment.write_indexes(home)?;
                segments.push(Unsynced { base: segment.base, file: segment.file(home)?, size: segment.size });
            }
            sync_names |= !segment.is_named;
        }
        let up_to = self.segments.get(covered).map_or(self.end, |segment| segment.base);
        let epochs = self.epochs.is_dirty().then(|| self.epochs_file());
        Ok(FlushJob {
            disk: self.disk.clone(),
            folder: self.folder.clone(),
            segments,
            epochs,
            sync_names,
            up_to,
            truncations: self.truncations,
        })
    }

    /// Takes the outcome of a flush: the recovery point moves, or the log has failed, unless there was merely no room. What
    /// was truncated meanwhile does not count as flushed.
    pub fn complete_flush(&mut self, job: &FlushJob<D>, outcome: &Result<(), StorageError>, now: Timestamp) {
        if let Err(error) = outcome {
            self.is_failed |= !error.is_full();
        } else if job.truncations == self.truncations {
            self.recovery_point = self.recovery_point.max(job.up_to);
            self.last_flush = now;
            self.synced(job);
        }
    }

    /// What a job has synced needs it no more, unless it has grown since.
    fn synced(&mut self, job: &FlushJob<D>) {
        for Unsynced { base, size, .. } in &job.segments {
            let found = self.segments.binary_search_by_key(base, |segment| segment.base);
            let Some(segment) = found.ok().and_then(|at| self.segments.get_mut(at)) else { continue };
            if segment.size == *size {
                segment.is_dirty = false;
            }
        }
        if job.sync_names {
            let covered = self.segments.partition_point(|segment| segment.base < job.up_to);
            self.segments[..covered].iter_mut().for_each(|segment| segment.is_named = true);
        }
        if job.epochs.as_ref().is_some_and(|(_, written)| *written == self.epochs_file().1) {
            self.epochs.written();
        }
    }

    /// Flushes now, in the caller's time.
    ///
    /// # Errors
    /// The disk's; the log has failed then, unless there was merely no room.
    pub fn flush(&mut self, up_to: Offset, now: Timestamp) -> Result<(), StorageError> {
        let Some(job) = self.begin_flush(up_to)? else { return Ok(()) };
        let outcome = job.run();
        self.complete_flush(&job, &outcome, now);
        outcome
    }

    /// Writes out everything that a clean start reads instead of the batches: indexes, producers, epochs. Not
    /// synced: the directory's close does that once for all its logs ([`crate::LogDirectory::close`]).
    ///
    /// # Errors
    /// The disk's; the log must then not count as cleanly closed.
    pub fn close(&mut self) -> Result<(), StorageError> {
        self.give_up_cleaning();
        let folder = self.folder.clone();
        self.try_close().map_err(StorageError::at("close the log in", &folder))
    }

    fn try_close(&mut self) -> io::Result<()> {
        if self.is_failed {
            return Err(io::Error::other("the log has failed before"));
        }
        let home = Home { disk: &self.disk, folder: &self.folder };
        for segment in self.segments.iter_mut().filter(|segment| segment.is_dirty) {
            segment.write_indexes(home)?;
        }
        self.write_snapshot()?;
        if self.epochs.is_dirty() {
            let (path, content) = self.epochs_file();
            crate::checkpoint::replace_unsynced(&self.disk, &path, content.as_bytes())?;
            self.epochs.written();
        }
        self.close_files();
        Ok(())
    }

    /// The directory has synced everything: all of the log is durable.
    pub(crate) fn closed_and_synced(&mut self) {
        self.recovery_point = self.end;
        for segment in &mut self.segments {
            segment.is_dirty = false;
            segment.is_named = true;
        }
    }
}
