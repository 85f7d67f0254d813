//! A new segment takes the place of the old ones, under the log's lock.
//!
//! Before the first one the recovery point on the disk passes the round's end: recovery knows gaps only before it.
//! Then in this order, so that at every moment the folder tells what is whole: the new one's names end in `.swap` (its
//! `.log` last), the old ones' in `.deleted`, the new one's in nothing (its `.log` first). Readers that have a plan keep
//! the old files open.

use std::io;

use broker_types::{Offset, Timestamp};

use super::{begin::Cleaning, cleaned::Cleaned, error::CleanError, output::discard};
use crate::{
    deletion::Doomed,
    disk::Disk,
    log::Log,
    names::{CLEANED, FileKind, SWAP, file_path, file_path_with},
    segment::{Home, Segment},
    storage_error::StorageError,
};

impl<D: Disk> Log<D> {
    /// Puts a new segment in the place of those that it was made from. After an error of the disk the log has failed.
    ///
    /// Durability point: [`Cleaning::sync_names`].
    ///
    /// # Errors
    /// [`CleanError::Aborted`] when the round is not wanted any more: the new segment is gone then.
    pub fn swap_in(
        &mut self,
        cleaning: &Cleaning<D>,
        cleaned: Cleaned,
        now: Timestamp,
    ) -> Result<(), CleanError> {
        let place = self.segments.iter().position(|segment| segment.base == cleaned.base);
        let is_same = |at: usize| {
            let there = self.segments[at..].iter().map(|segment| segment.base);
            there.take(cleaned.replaces.len()).eq(cleaned.replaces.iter().copied())
        };
        let Some(at) = place.filter(|&at| cleaning.mandate.is_of(self) && !self.is_failed && is_same(at))
        else {
            discard(&cleaning.disk, &cleaning.folder, cleaned.base);
            return Err(CleanError::Aborted);
        };
        if let Some(checkpoints) = &self.checkpoints {
            // A gap behind the recovery point would pass for a loss at the next start.
            checkpoints.raise(&self.topic_partition, cleaning.range.end)?;
        }
        self.try_swap(at, &cleaned, now).map_err(|source| {
            self.is_failed = true;
            let folder = self.folder.clone();
            StorageError { action: "swap a cleaned segment in", path: folder, source }.into()
        })
    }

    fn try_swap(&mut self, at: usize, cleaned: &Cleaned, now: Timestamp) -> io::Result<()> {
        let Self { disk, folder, .. } = self;
        let kinds = FileKind::SEGMENT.into_iter();
        let kinds: Vec<_> =
            kinds.filter(|kind| *kind != FileKind::TxnIndex || cleaned.has_txn_index).collect();
        let path = |kind, ending| file_path_with(folder, cleaned.base, kind, ending);
        for &kind in kinds.iter().rev() {
            disk.rename(&path(kind, CLEANED), &path(kind, SWAP))?;
        }
        let old: Vec<_> = self.segments.drain(at..at + cleaned.replaces.len()).collect();
        let home = Home { disk: &self.disk, folder: &self.folder };
        let created = old.last().map_or(cleaned.created, |last| last.created);
        let mut marked = Vec::new();
        for segment in &old {
            segment.close_file();
            marked.extend(segment.mark_deleted(home)?);
        }
        for &kind in &kinds {
            let from = file_path_with(&self.folder, cleaned.base, kind, SWAP);
            self.disk.rename(&from, &file_path(&self.folder, cleaned.base, kind))?;
        }
        let segment = Segment::existing(home, cleaned.base, cleaned.has_txn_index, created)?;
        self.segments.insert(at, segment);
        for &base in &cleaned.replaces[1..] {
            marked.extend(self.doom_snapshot(base)?);
        }
        self.doomed.push(Doomed::new(marked, now));
        *self.bound_cache.lock() = None;
        Ok(())
    }

    /// Notes how far the round came; where the dirty part begins now. `None` when the round was not wanted any more.
    pub fn complete_cleaning(&mut self, cleaning: &Cleaning<D>) -> Option<Offset> {
        let end = cleaning.end()?;
        if !cleaning.mandate.is_of(self) {
            return None;
        }
        self.give_up_cleaning();
        self.set_cleaned_to(end);
        Some(end)
    }

    fn set_cleaned_to(&mut self, offset: Offset) {
        self.cleaned_to = Some(offset);
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.cleaned(&self.topic_partition, offset);
        }
    }
}

impl<D: Disk> Cleaning<D> {
    /// Makes the names of a segment that was swapped in durable; to be called without the log's lock.
    ///
    /// # Errors
    /// The disk's, or that the log was given up meanwhile.
    pub fn sync_names(&self) -> Result<(), CleanError> {
        self.check_wanted()?;
        let synced = self.disk.sync_dir(&self.folder).map_err(StorageError::at("sync", &self.folder));
        synced.map_err(|error| self.judged(error.into()))
    }

    /// Writes the directory's checkpoint after [`Log::complete_cleaning`]; to be called without the log's lock.
    ///
    /// Durability point: the next start begins where this round ended.
    ///
    /// # Errors
    /// The disk's.
    pub fn write_checkpoint(&self) -> Result<(), StorageError> {
        self.checkpoints.as_ref().map_or(Ok(()), |checkpoints| checkpoints.write_cleaned())
    }
}
