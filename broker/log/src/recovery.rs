//! Opening a log: a function of the bytes in its folder, the recovery point and the log start offset.
//!
//! After a clean stop the end of the log is read off the last index entry and the few headers after it. After any
//! other stop every segment from the recovery point on is read whole: the first bad byte ends the log, indexes,
//! producers and epochs are built anew, later segments go. Below the recovery point bytes were synced and are
//! never cut; an index that is missing or makes no sense there is built from the headers.
//!
//! What is cut off is synced away, so that it cannot come back behind what is written next.
//!
//! What is kept is always a prefix of what was appended, at least up to the recovery point. Where a rolled
//! segment lost its unsynced tail but the next one did not, the log ends at the loss. Compaction leaves gaps, too, but
//! only before the recovery point, and before the offset up to which it came to its end.

mod contents;
mod leftovers;
mod rebuild;

use std::{io, path::Path, sync::Arc};

use broker_types::{Offset, Timestamp, TopicPartition};

use crate::{
    config::LogConfig,
    directory::Checkpoints,
    disk::{Disk, DiskFile as _},
    epochs::Epochs,
    index::CorruptIndex,
    log::Log,
    names::{Ending, FileKind, file_path, parse_file_name},
    producers::Producers,
    segment::{Home, Segment, Trust},
    storage_error::StorageError,
};
use contents::Contents;

/// The memory in which headers are read for the producers' state.
const PRODUCER_SCAN_BYTES: usize = 64 << 10;
/// The memory in which whole segments are read, at most.
const RECOVERY_SCAN_BYTES: u64 = 1 << 20;
/// At least this, for headers.
const SCAN_BYTES_MIN: u64 = 4 << 10;

/// How much of a log can be trusted when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Its directory was closed cleanly: all of it.
    Clean,
    /// It was not.
    Unclean {
        /// Everything before it was synced.
        recovery_point: Offset,
    },
}

/// What to open.
#[derive(Clone, Debug)]
pub struct OpenSpec {
    /// The partition that the folder holds.
    pub topic_partition: TopicPartition,
    /// Its topic's settings.
    pub config: LogConfig,
    /// How the last run ended.
    pub recovery: Recovery,
    /// The checkpointed first offset for readers.
    pub log_start: Offset,
    /// The checkpointed high watermark.
    pub high_watermark: Offset,
    /// Wall time.
    pub now: Timestamp,
}

/// What opening did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// Segments whose every byte was checked.
    pub segments_checked: usize,
    /// Bytes of them.
    pub bytes_checked: u64,
    /// Bytes cut off because they were no valid batches.
    pub bytes_truncated: u64,
    /// Whole segments removed after the cut.
    pub segments_removed: usize,
    /// Segments below the recovery point whose indexes were built anew.
    pub indexes_rebuilt: usize,
}

/// The first offset of the segment from which on the log in `folder` would be read anew. Its indexes will be
/// written anew, too, and until they are synced no checkpoint may vouch for more.
pub(crate) fn unsure_from<D: Disk>(disk: &D, folder: &Path, recovery_point: Offset) -> io::Result<Offset> {
    let names = disk.list(folder)?;
    let bases = names.iter().filter_map(|entry| match parse_file_name(&entry.name)? {
        (base, FileKind::Log, Ending::None) => Some(base),
        _ => None,
    });
    Ok(bases.filter(|base| *base <= recovery_point).max().unwrap_or_default())
}

impl<D: Disk> Log<D> {
    /// Opens the log in `folder`.
    ///
    /// # Errors
    /// The disk's. Damage is no error: it is repaired, cut off, or met again by the reader of that place.
    pub fn open(disk: &D, folder: &Path, spec: OpenSpec) -> Result<(Self, RecoveryReport), StorageError> {
        Self::open_in(disk, folder, spec, None)
    }

    /// As [`Log::open`], for a directory with these checkpoints.
    pub(crate) fn open_in(
        disk: &D,
        folder: &Path,
        spec: OpenSpec,
        checkpoints: Option<Arc<Checkpoints<D>>>,
    ) -> Result<(Self, RecoveryReport), StorageError> {
        Self::try_open(disk, folder, spec, checkpoints).map_err(StorageError::at("open the log in", folder))
    }

    fn try_open(
        disk: &D,
        folder: &Path,
        spec: OpenSpec,
        checkpoints: Option<Arc<Checkpoints<D>>>,
    ) -> io::Result<(Self, RecoveryReport)> {
        let contents = Contents::tidy(disk, folder)?;
        let OpenSpec { topic_partition, config, recovery, log_start, high_watermark, now } = spec;
        let mut log = Self::blank(disk.clone(), folder.to_owned(), topic_partition, config, now);
        log.cleaned_to = checkpoints.as_ref().and_then(|known| known.cleaned_to(&log.topic_partition));
        log.checkpoints = checkpoints;
        let mut report = RecoveryReport::default();
        log.topic_id = contents.read_topic_id(disk, folder)?;
        log.producers = Producers::new(Offset::ZERO, contents.snapshots.clone());
        let epochs = contents.read_epochs(disk, folder)?;
        let epochs_known = epochs.is_some();
        log.epochs = Epochs::load(epochs.unwrap_or_default());
        for &base in &contents.bases {
            let has_txn_index = contents.has(base, FileKind::TxnIndex);
            log.segments.push(Segment::existing(log.home(), base, has_txn_index, now)?);
        }
        if log.segments.is_empty() {
            log.segments.push(Segment::create(log.home(), log_start, now, log.reserve())?);
        }
        log.start = log_start.max(log.segments[0].base);
        log.recover(&contents, recovery, epochs_known, &mut report)?;
        log.lower_cleaned(log.end).map_err(|error| error.source)?;
        log.restart_if_behind(log_start, now)?;
        log.epochs.truncate_end(log.end);
        log.learn_early_epochs()?;
        log.epochs.truncate_start(log.start);
        log.remove_stray_snapshots()?;
        log.producers.expire(now, log.config.producer_id_expiry);
        log.set_high_watermark(high_watermark);
        log.note_decided();
        log.close_files();
        Ok((log, report))
    }

    /// Finds the end of the log, and puts indexes, producers and epochs in line with it.
    fn recover(
        &mut self,
        contents: &Contents,
        recovery: Recovery,
        epochs_known: bool,
        report: &mut RecoveryReport,
    ) -> io::Result<()> {
        let last = self.segments.len() - 1;
        let (first_unsure, vouched) = match recovery {
            Recovery::Clean => (last, Offset::MAX),
            Recovery::Unclean { recovery_point } => (self.segment_of(recovery_point), recovery_point),
        };
        let checked_from = match self.end_if_synced(contents, vouched)? {
            Some(end) if first_unsure == last => {
                self.end = end;
                last + 1
            }
            _ => first_unsure,
        };
        self.repair_indexes(contents, recovery, checked_from.min(last), report)?;
        if !epochs_known {
            self.learn_epochs(checked_from)?;
        }
        if checked_from > last {
            self.rebuild_producers(self.end)?;
        } else {
            self.check_segments(checked_from, report)?;
        }
        // Indexes that were written anew are not synced.
        let unsynced =
            self.segments.iter().find(|segment| segment.is_dirty).map_or(self.end, |segment| segment.base);
        self.recovery_point = vouched.min(unsynced).min(self.end);
        let home = Home { disk: &self.disk, folder: &self.folder };
        let Some(active) = self.segments.last_mut() else { return Ok(()) };
        // An empty log may never have been flushed, and so its folder's name neither.
        active.is_named &= recovery == Recovery::Clean;
        active.learn_first_timestamp(home)
    }

    /// The end of the log by its last index entry and the headers after it, if nothing lies beyond what is vouched
    /// for as synced: then the last segment need not be read.
    fn end_if_synced(&mut self, contents: &Contents, vouched: Offset) -> io::Result<Option<Offset>> {
        let home = Home { disk: &self.disk, folder: &self.folder };
        let Some(active) = self.segments.last_mut() else { return Ok(None) };
        if !contents.has_indexes(active.base) && active.size > 0 {
            return Ok(None);
        }
        Ok(active.learn_end(home)?.filter(|end| *end <= vouched))
    }

    /// Reads every byte from segment `first` on.
    fn check_segments(&mut self, first: usize, report: &mut RecoveryReport) -> io::Result<()> {
        self.lower_checkpoint(self.segments[first].base).map_err(|error| error.source)?;
        self.rebuild_producers(self.segments[first].base)?;
        let largest = self.segments[first..].iter().map(|segment| segment.size).max().unwrap_or(0);
        let mut buffer =
            vec![0; usize::try_from(largest.clamp(SCAN_BYTES_MIN, RECOVERY_SCAN_BYTES)).unwrap_or(0)];
        self.end = self.segments[first].base;
        let mut index = first;
        while index < self.segments.len() {
            let home = Home { disk: &self.disk, folder: &self.folder };
            let segment = &mut self.segments[index];
            let is_gap = index > first && segment.base != self.end;
            if is_gap && self.cleaned_to < Some(segment.base) {
                break;
            }
            let (base, size) = (segment.base, segment.size);
            let interval = self.config.index_interval_bytes;
            let (producers, epochs) = (&mut self.producers, Some(&mut self.epochs));
            let read = segment.rebuild(home, Trust::Nothing, interval, &mut buffer, producers, epochs)?;
            (segment.is_dirty, segment.is_named) = (true, false);
            report.segments_checked += 1;
            report.bytes_checked += size;
            self.end = read.end;
            index += 1;
            if read.bad_bytes > 0 {
                let bytes = read.bad_bytes;
                tracing::warn!(log = %self.topic_partition, segment = %base, end = %read.end, bytes, "the log ends at damage; cut there");
                segment.cut_to_size(home)?;
                segment.file(home)?.sync_data()?;
                report.bytes_truncated += bytes;
                break;
            }
        }
        report.segments_removed = self.segments.len() - index;
        if report.segments_removed > 0 {
            tracing::warn!(log = %self.topic_partition, end = %self.end, segments = report.segments_removed, "segments after the end of the log removed");
            self.remove_segments_from(index)?;
        }
        self.producers.set_end(self.end);
        Ok(())
    }

    /// Unlinks the segments from `index` on at once, the last first: nobody reads them yet.
    fn remove_segments_from(&mut self, index: usize) -> io::Result<()> {
        while self.segments.len() > index {
            let Some(segment) = self.segments.pop() else { break };
            segment.close_file();
            for kind in FileKind::SEGMENT.into_iter().rev() {
                crate::disk::remove_if_present(&self.disk, &file_path(&self.folder, segment.base, kind))?;
            }
        }
        self.disk.sync_dir(&self.folder)
    }

    /// Builds missing and senseless indexes of the segments before `before`, whose batches are trusted.
    fn repair_indexes(
        &mut self,
        contents: &Contents,
        recovery: Recovery,
        before: usize,
        report: &mut RecoveryReport,
    ) -> io::Result<()> {
        for index in 0..before {
            let segment = &self.segments[index];
            let present = contents.has_indexes(segment.base);
            if present && (recovery == Recovery::Clean || self.indexes_make_sense(index)?) {
                continue;
            }
            let base = segment.base;
            tracing::warn!(log = %self.topic_partition, segment = %base, "indexes are missing or corrupt; built anew");
            self.lower_checkpoint(base).map_err(|error| error.source)?;
            self.rebuild_producers(base)?;
            let mut buffer = vec![0; PRODUCER_SCAN_BYTES];
            let home = Home { disk: &self.disk, folder: &self.folder };
            let segment = &mut self.segments[index];
            let size = segment.size;
            let interval = self.config.index_interval_bytes;
            let read =
                segment.rebuild(home, Trust::Headers, interval, &mut buffer, &mut self.producers, None)?;
            if read.bad_bytes > 0 {
                tracing::error!(log = %self.topic_partition, segment = %base, position = segment.size, "synced bytes are damaged; kept as they are");
                segment.size = size;
            }
            (segment.is_dirty, segment.is_named) = (true, false);
            segment.close_file();
            report.indexes_rebuilt += 1;
        }
        Ok(())
    }

    fn indexes_make_sense(&self, index: usize) -> io::Result<bool> {
        let segment = &self.segments[index];
        let end = self.segments.get(index + 1).map_or(Offset::MAX, |next| next.base);
        let offsets = segment.offsets.peek(&self.disk, &self.folder, segment.size)?;
        let times = segment.times.check(&self.disk, &self.folder, end)?;
        let aborted = segment.aborted.check(&self.disk, &self.folder, end)?;
        Ok(offsets.is_ok() && times != Err(CorruptIndex) && aborted != Err(CorruptIndex))
    }

    /// Records up to `log_start` were deleted, but the log ends before: its files were lost. It goes on there.
    fn restart_if_behind(&mut self, log_start: Offset, now: Timestamp) -> io::Result<()> {
        if self.end >= log_start {
            return Ok(());
        }
        tracing::warn!(log = %self.topic_partition, end = %self.end, start = %log_start, "the log ends before its start offset; emptied");
        self.remove_segments_from(0)?;
        self.remove_snapshots(|_| true)?;
        self.segments.push(Segment::create(self.home(), log_start, now, self.reserve())?);
        self.epochs.clear();
        self.producers.forget(log_start);
        (self.start, self.end, self.recovery_point) = (log_start, log_start, log_start);
        Ok(())
    }

    /// Removes snapshots beyond the end, and those that no segment begins with, except the newest.
    fn remove_stray_snapshots(&mut self) -> io::Result<()> {
        let end = self.end;
        let newest = self.producers.snapshots().iter().rfind(|&&offset| offset <= end).copied();
        let bases: Vec<Offset> = self.segments.iter().map(|segment| segment.base).collect();
        let is_beyond = self.producers.snapshots().last().is_some_and(|&offset| offset > end);
        self.remove_snapshots(|offset| {
            offset > end || (Some(offset) != newest && bases.binary_search(&offset).is_err())
        })?;
        // One from beyond the end must not come back when the log has grown past it with other batches.
        if is_beyond { self.disk.sync_dir(&self.folder) } else { Ok(()) }
    }
}
