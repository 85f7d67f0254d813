//! Cutting a log at its end, or at its start.
//!
//! The recovery point on the disk is lowered first, see `directory/checkpoints.rs`.
//!
//! Durability point: a cut at the end is synced before the call returns. Otherwise a loss of power could bring
//! back what was cut, behind batches that were written after the cut.

use broker_types::{Offset, Timestamp};

use crate::{
    deletion::Doomed,
    disk::Disk,
    log::Log,
    names::FileKind,
    segment::{Found, Home, Segment, mark_deleted, sync_segment},
    storage_error::{StorageError, given_up},
};

/// Records cannot be deleted up to an offset beyond the high watermark: OFFSET_OUT_OF_RANGE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot delete records up to {offset}, beyond the high watermark {high_watermark}")]
pub struct BeyondHighWatermark {
    /// What was asked for.
    pub offset: Offset,
    /// The high watermark.
    pub high_watermark: Offset,
}

impl<D: Disk> Log<D> {
    /// Cuts off all batches that end after `offset`, as a follower does that has other records than its leader.
    /// Gives the new end, which is smaller than `offset` when that lies inside a batch. Before the log's start
    /// everything goes.
    ///
    /// # Errors
    /// The disk's; the log has failed then.
    pub fn truncate_to(&mut self, offset: Offset, now: Timestamp) -> Result<Offset, StorageError> {
        if offset >= self.end {
            // Who led and appended nothing has an epoch without records, which its next leader does not know.
            self.epochs.truncate_end(self.end);
            return Ok(self.end);
        }
        self.lower_checkpoint(offset)?;
        self.lower_cleaned(offset)?;
        if offset < self.start {
            self.truncate_fully_and_start_at(offset, now)?;
            return Ok(offset);
        }
        let start = self.start;
        let cut = self.try_truncate(offset, now);
        self.failing("truncate the log in", cut)?;
        self.lower_start_checkpoint(start)?;
        Ok(self.end)
    }

    /// A checkpoint on the disk must not vouch for what comes after a cut.
    pub(crate) fn lower_checkpoint(&self, offset: Offset) -> Result<(), StorageError> {
        // Down to the batch that holds it, at least.
        let limit =
            self.segments.get(self.segment_of(offset)).map_or(offset, |segment| segment.base.min(offset));
        self.checkpoints
            .as_ref()
            .map_or(Ok(()), |checkpoints| checkpoints.lower(&self.topic_partition, limit))
    }

    /// What comes after a cut is as dirty as anything.
    pub(crate) fn lower_cleaned(&mut self, offset: Offset) -> Result<(), StorageError> {
        self.cleaned_to = self.cleaned_to.map(|to| to.min(offset));
        let Some(checkpoints) = &self.checkpoints else { return Ok(()) };
        checkpoints.lower_cleaned(&self.topic_partition, offset)
    }

    /// The start has moved back from `before`: what comes next must not be hidden after a crash.
    fn lower_start_checkpoint(&self, before: Offset) -> Result<(), StorageError> {
        match &self.checkpoints {
            Some(checkpoints) if self.start < before => {
                checkpoints.lower_start(&self.topic_partition, self.start)
            }
            _ => Ok(()),
        }
    }

    fn failing<T>(&mut self, action: &'static str, result: std::io::Result<T>) -> Result<T, StorageError> {
        result.map_err(|source| {
            self.is_failed = true;
            StorageError { action, path: self.folder.clone(), source: given_up(source) }
        })
    }

    fn try_truncate(&mut self, offset: Offset, now: Timestamp) -> std::io::Result<()> {
        self.truncations += 1;
        self.give_up_cleaning();
        *self.bound_cache.lock() = None;
        let keep = self.segment_of(offset);
        self.drop_segments_from(keep + 1, now)?;
        let home = Home { disk: &self.disk, folder: &self.folder };
        let mut end = offset;
        let mut ends_in_gap = false;
        if let Some(active) = self.segments.last_mut() {
            match active.find_offset(home, offset)? {
                Found::Batch(batch) => {
                    end = offset.min(batch.header.first_offset());
                    active.cut(home, batch.position, end)?;
                    ends_in_gap = active.learn_end(home)?.is_some_and(|last| last < end);
                }
                Found::Beyond => {
                    active.created = now;
                    ends_in_gap = active.learn_end(home)?.is_some_and(|last| last < end);
                }
                Found::Damage(position) => active.cut(home, position, offset)?,
            }
            // The recovery point stays, so the indexes must be whole to the new end, too.
            active.write_indexes(home)?;
            sync_segment(&self.disk, &self.folder, &*active.file(home)?, active.base)?;
        }
        if ends_in_gap {
            // Of compaction's: no file would tell the end, and offsets of before the cut would be given again.
            let segment = Segment::create(self.home(), end, now, self.reserve())?;
            self.segments.push(segment);
        }
        self.ended_at(end)
    }

    /// Takes the segments from `index` on out of the log, the last first.
    pub(crate) fn drop_segments_from(&mut self, index: usize, now: Timestamp) -> std::io::Result<()> {
        while self.segments.len() > index {
            let Some(last) = self.segments.pop() else { break };
            last.close_file();
            let marked = last.mark_deleted(self.home())?;
            self.doomed.push(Doomed::new(marked, now));
        }
        Ok(())
    }

    /// Brings everything else in line with a log that ends at `end` now.
    fn ended_at(&mut self, end: Offset) -> std::io::Result<()> {
        self.end = end;
        // The start may lie inside the batch that went.
        self.start = self.start.min(end);
        self.recovery_point = self.recovery_point.min(end);
        self.decided.cut(end);
        self.high_watermark = self.high_watermark.min(end);
        self.epochs.truncate_end(end);
        self.remove_snapshots(|offset| offset > end)?;
        self.disk.sync_dir(&self.folder)?;
        self.rebuild_producers(end)
    }

    /// Removes everything and goes on at `offset`, as a follower does whose leader has nothing older.
    ///
    /// # Errors
    /// The disk's; the log has failed then.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        self.lower_checkpoint(offset)?;
        self.lower_cleaned(offset)?;
        let start = self.start;
        let restarted = self.try_restart(offset, now);
        self.failing("restart the log in", restarted)?;
        self.lower_start_checkpoint(start)
    }

    fn try_restart(&mut self, offset: Offset, now: Timestamp) -> std::io::Result<()> {
        self.truncations += 1;
        self.give_up_cleaning();
        *self.bound_cache.lock() = None;
        self.drop_segments_from(0, now)?;
        self.remove_snapshots(|_| true)?;
        self.segments.push(Segment::create(self.home(), offset, now, self.reserve())?);
        self.disk.sync_dir(&self.folder)?;
        self.epochs.clear();
        self.producers.forget(offset);
        self.decided.cut(Offset::ZERO);
        (self.start, self.end) = (offset, offset);
        (self.high_watermark, self.recovery_point) = (offset, offset);
        Ok(())
    }

    /// Moves the start of the log up to `offset` (DeleteRecords, KIP-107): readers see nothing before it. Whole
    /// segments before it go with the next [`Log::retain`]. Gives the start, which never moves back.
    ///
    /// Durability point: the directory's checkpoint of log start offsets.
    ///
    /// # Errors
    /// When `offset` is beyond the high watermark.
    pub fn advance_start_offset(&mut self, offset: Offset) -> Result<Offset, BeyondHighWatermark> {
        let high_watermark = self.high_watermark;
        if offset > high_watermark {
            return Err(BeyondHighWatermark { offset, high_watermark });
        }
        self.raise_start(offset);
        Ok(self.start)
    }

    pub(crate) fn raise_start(&mut self, offset: Offset) {
        if offset > self.start {
            self.start = offset;
            self.epochs.truncate_start(offset);
            self.producers.high_watermark_moved(self.high_watermark.max(offset));
            self.high_watermark = self.high_watermark.max(offset);
        }
    }

    /// Removes the producer snapshots for which `gone` holds.
    pub(crate) fn remove_snapshots(&mut self, gone: impl Fn(Offset) -> bool) -> std::io::Result<()> {
        for offset in self.producers.take_snapshots(gone) {
            let path = crate::names::file_path(&self.folder, offset, FileKind::Snapshot);
            crate::disk::remove_if_present(&self.disk, &path)?;
        }
        Ok(())
    }

    /// Marks a segment's snapshot as deleted along with it.
    pub(crate) fn doom_snapshot(&mut self, base: Offset) -> std::io::Result<Option<std::path::PathBuf>> {
        if self.producers.take_snapshots(|offset| offset == base).is_empty() {
            return Ok(None);
        }
        mark_deleted(self.home(), base, FileKind::Snapshot)
    }
}
