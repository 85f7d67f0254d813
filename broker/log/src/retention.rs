//! Deleting old segments: by the log's start offset, by size, by age.
//!
//! Only whole segments below the high watermark go, oldest first, up to the first that may stay. A segment whose
//! newest timestamp lies in the future stays, and all after it (as in Kafka).

use std::io;

use broker_types::{Offset, Timestamp};

use crate::{
    deletion::Doomed,
    disk::Disk,
    log::Log,
    segment::Home,
    storage_error::{StorageError, given_up},
};

/// Why a segment was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletionReason {
    /// All its records are before the log's start offset.
    StartOffset,
    /// The log was larger than `retention.bytes`.
    Size,
    /// Its newest record is older than `retention.ms`.
    Age,
}

/// A segment that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// Its base offset.
    pub base: Offset,
    /// Bytes of its batches.
    pub size_bytes: u64,
    /// Why.
    pub reason: DeletionReason,
}

impl<D: Disk> Log<D> {
    /// Deletes the segments that need not be kept; gives what went. Their files are unlinked later, see
    /// [`Log::take_due_deletes`]. While the log is being cleaned nothing goes.
    ///
    /// # Errors
    /// The disk's; the log has failed then, unless there was merely no room to begin a segment.
    pub fn retain(&mut self, now: Timestamp) -> Result<Vec<Deletion>, StorageError> {
        if self.is_failed || self.is_being_cleaned() {
            return Ok(Vec::new());
        }
        let mut deletions = Vec::new();
        let mut excess = match self.config.retention_bytes {
            Some(limit) if self.config.delete_policy => self.size_bytes().saturating_sub(limit),
            _ => 0,
        };
        loop {
            let reason = match self.deletable(now, &mut excess) {
                Ok(Some(reason)) => reason,
                Ok(None) => break,
                Err(source) => return Err(self.retention_failed(source)),
            };
            if self.segments.len() == 1 {
                self.roll(now)?;
            }
            match self.delete_first(now) {
                Ok((base, size_bytes)) => deletions.push(Deletion { base, size_bytes, reason }),
                Err(source) => return Err(self.retention_failed(source)),
            }
        }
        Ok(deletions)
    }

    fn retention_failed(&mut self, source: io::Error) -> StorageError {
        self.is_failed = true;
        let source = given_up(source);
        StorageError { action: "delete old segments of", path: self.folder.clone(), source }
    }

    /// Why the oldest segment may go.
    fn deletable(&mut self, now: Timestamp, excess: &mut u64) -> io::Result<Option<DeletionReason>> {
        let next = self.segments.get(1).map_or(self.end, |next| next.base);
        let home = Home { disk: &self.disk, folder: &self.folder };
        let Some(oldest) = self.segments.first_mut() else { return Ok(None) };
        if next > self.high_watermark || oldest.size == 0 && next == self.end {
            return Ok(None);
        }
        if next <= self.start {
            return Ok(Some(DeletionReason::StartOffset));
        }
        if !self.config.delete_policy {
            return Ok(None);
        }
        if *excess >= oldest.size && *excess > 0 {
            *excess -= oldest.size;
            return Ok(Some(DeletionReason::Size));
        }
        let Some(limit) = self.config.retention_age else { return Ok(None) };
        let newest = oldest.newest(home)?.map_or(oldest.created, |newest| newest.timestamp);
        Ok((now.since(newest) > limit).then_some(DeletionReason::Age))
    }

    fn delete_first(&mut self, now: Timestamp) -> io::Result<(Offset, u64)> {
        let oldest = self.segments.remove(0);
        oldest.close_file();
        let mut marked = oldest.mark_deleted(self.home())?;
        marked.extend(self.doom_snapshot(oldest.base)?);
        self.doomed.push(Doomed::new(marked, now));
        if let Some(first) = self.segments.first() {
            let base = first.base;
            self.raise_start(base);
        }
        Ok((oldest.base, oldest.size))
    }
}
