//! Where a segment ends and the next begins.

use std::{io, time::Duration};

use broker_types::{Offset, Timestamp};

use crate::{
    deletion::Doomed,
    disk::{Disk, DiskFile as _, OpenMode},
    log::Log,
    names::file_path,
    producers::snapshot,
    segment::{Home, Segment},
    storage_error::{StorageError, is_full},
};

/// How many files of rolled segments stay open.
const ROLLED_FILES_MAX: usize = 4;

impl<D: Disk> Log<D> {
    /// How much earlier than `segment.ms` the active segment is rolled: the same for the same segment, spread
    /// over the logs.
    pub(crate) fn jitter(&self, base: Offset) -> Duration {
        let limit = u64::try_from(self.config.segment_jitter.as_millis()).unwrap_or(u64::MAX);
        if limit == 0 {
            return Duration::ZERO;
        }
        let name = self.folder.as_os_str().as_encoded_bytes();
        // FNV-1a: needs no quality, only to differ from log to log.
        let hash =
            name.iter().chain(&base.get().to_be_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Duration::from_millis(hash % limit)
    }

    /// Ends the active segment and begins one at the end of the log; nothing when the active one is empty.
    ///
    /// # Errors
    /// The disk's; the log has failed then.
    pub fn roll(&mut self, now: Timestamp) -> Result<(), StorageError> {
        if self.segments.last().is_some_and(|active| active.size == 0) {
            return Ok(());
        }
        self.roll_at(self.end, now)
    }

    /// Begins a segment at `base`, replacing the active one when that is empty.
    pub(crate) fn roll_at(&mut self, base: Offset, now: Timestamp) -> Result<(), StorageError> {
        let rolled = self.try_roll(base, now);
        rolled.map_err(|source| {
            // Every step of a roll can be done again, so a full disk is no failure.
            self.is_failed |= !is_full(&source);
            StorageError { action: "roll the log in", path: self.folder.clone(), source }
        })
    }

    fn try_roll(&mut self, base: Offset, now: Timestamp) -> io::Result<()> {
        let home = Home { disk: &self.disk, folder: &self.folder };
        if let Some(active) = self.segments.last_mut() {
            if active.size == 0 {
                if active.base == base {
                    return Ok(());
                }
                let marked = active.mark_deleted(home)?;
                self.doomed.push(Doomed::new(marked, now));
                self.segments.pop();
            } else {
                active.write_indexes(home)?;
            }
        }
        self.producers.set_end(base);
        self.note_decided();
        self.write_snapshot()?;
        let segment = Segment::create(self.home(), base, now, self.reserve())?;
        self.segments.push(segment);
        self.close_rolled_files();
        Ok(())
    }

    /// Keeps few files of rolled segments open: a handful of lagging readers, not the whole log.
    pub(crate) fn close_rolled_files(&self) {
        let Some((_, rolled)) = self.segments.split_last() else { return };
        let open = rolled.iter().filter(|segment| segment.has_open_file());
        if open.clone().count() > ROLLED_FILES_MAX {
            open.for_each(Segment::close_file);
        }
    }

    /// Writes the producers' state at its offset, unless it is there already. Not synced: it has a checksum.
    pub(crate) fn write_snapshot(&mut self) -> io::Result<()> {
        let end = self.producers.end();
        if self.producers.snapshots().last().copied().unwrap_or(self.start) >= end {
            return Ok(());
        }
        let path = file_path(&self.folder, end, crate::names::FileKind::Snapshot);
        let file = self.disk.open(&path, OpenMode::Replace)?;
        file.write_at(&mut [io::IoSlice::new(&snapshot::encode(&self.producers))], 0)?;
        self.producers.snapshot_written();
        Ok(())
    }
}
