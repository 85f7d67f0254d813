//! Writing a new segment and its indexes, under names that end in `.cleaned`.
//!
//! The batches go through a buffer to the file; the indexes, a few bytes for each `index.interval.bytes`, wait in memory.

use std::{
    io::{self, IoSlice},
    path::{Path, PathBuf},
};

use broker_records::BatchHeader;
use broker_types::{Offset, Timestamp};

use super::{
    error::{CleanError, DamageReason},
    tools::Tools,
};
use crate::{
    disk::{Disk, DiskFile as _, OpenMode, remove_if_present},
    index::{AbortedTxn, OffsetEntry, TimeEntry},
    names::{CLEANED, FileKind, file_path_with},
};

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) size: u64,
    pub(super) has_txn_index: bool,
}

/// A segment that is being written.
#[derive(Debug)]
pub(super) struct Output<'a, D: Disk> {
    disk: &'a D,
    folder: &'a Path,
    base: Offset,
    file: D::File,
    /// Written bytes of the file; the buffer's follow.
    flushed: u64,
    buffer: Vec<u8>,
    io_bytes: usize,
    interval: u64,
    bytes_since_entry: u64,
    newest: Option<TimeEntry>,
    indexed_time: Option<Timestamp>,
    offsets: Vec<u8>,
    times: Vec<u8>,
    aborted: Vec<u8>,
}

impl<'a, D: Disk> Output<'a, D> {
    pub(super) fn create(
        disk: &'a D,
        folder: &'a Path,
        base: Offset,
        interval: u32,
        io_bytes: usize,
    ) -> Result<Self, CleanError> {
        let path = file_path_with(folder, base, FileKind::Log, CLEANED);
        let file = disk.open(&path, OpenMode::Replace).map_err(CleanError::at("create", &path))?;
        Ok(Self {
            disk,
            folder,
            base,
            file,
            flushed: 0,
            buffer: Vec::new(),
            io_bytes,
            interval: u64::from(interval),
            bytes_since_entry: 0,
            newest: None,
            indexed_time: None,
            offsets: Vec::new(),
            times: Vec::new(),
            aborted: Vec::new(),
        })
    }

    fn size(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    /// Adds a batch. `Ok(Err(..))`: the segment would become larger than one can be.
    pub(super) fn push(
        &mut self,
        header: &BatchHeader,
        bytes: &[u8],
        tools: &mut Tools<'_>,
    ) -> Result<Result<(), DamageReason>, CleanError> {
        let position = self.size();
        if position + bytes.len() as u64 > i32::MAX.unsigned_abs().into() {
            return Ok(Err(DamageReason::TooLarge));
        }
        if let Some(timestamp) = header.max_time()
            && self.newest.is_none_or(|newest| timestamp > newest.timestamp)
        {
            self.newest = Some(TimeEntry { timestamp, offset: header.last_offset() });
        }
        if self.bytes_since_entry > self.interval {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            let entry = OffsetEntry { offset: header.last_offset(), position };
            self.offsets.extend_from_slice(&entry.encode(self.base));
            self.index_newest();
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= self.io_bytes {
            self.write(tools)?;
        }
        Ok(Ok(()))
    }

    /// Adds an aborted transaction whose marker stays in this segment.
    pub(super) fn push_aborted(&mut self, txn: AbortedTxn) {
        self.aborted.extend_from_slice(&txn.encode());
    }

    fn index_newest(&mut self) {
        let Some(newest) = self.newest else { return };
        if self.indexed_time.is_none_or(|indexed| newest.timestamp > indexed) {
            self.indexed_time = Some(newest.timestamp);
            self.times.extend_from_slice(&newest.encode(self.base));
        }
    }

    fn write(&mut self, tools: &mut Tools<'_>) -> Result<(), CleanError> {
        let written = self.file.write_at(&mut [IoSlice::new(&self.buffer)], self.flushed);
        written.map_err(CleanError::at("write a new segment in", self.folder))?;
        let bytes = self.buffer.len() as u64;
        self.flushed += bytes;
        self.buffer.clear();
        tools.moved(bytes)
    }

    /// Writes what waits, and syncs all: the segment is whole.
    pub(super) fn finish(mut self, tools: &mut Tools<'_>) -> Result<Written, CleanError> {
        self.index_newest();
        if !self.buffer.is_empty() {
            self.write(tools)?;
        }
        self.try_finish().map_err(CleanError::at("finish a new segment in", self.folder))?;
        Ok(Written { size: self.flushed, has_txn_index: !self.aborted.is_empty() })
    }

    fn try_finish(&self) -> io::Result<()> {
        self.file.sync_data()?;
        self.write_index(FileKind::OffsetIndex, &self.offsets)?;
        self.write_index(FileKind::TimeIndex, &self.times)?;
        if !self.aborted.is_empty() {
            self.write_index(FileKind::TxnIndex, &self.aborted)?;
        }
        Ok(())
    }

    fn write_index(&self, kind: FileKind, entries: &[u8]) -> io::Result<()> {
        let path = file_path_with(self.folder, self.base, kind, CLEANED);
        let file = self.disk.open(&path, OpenMode::Replace)?;
        file.write_at(&mut [IoSlice::new(entries)], 0)?;
        file.sync_data()
    }
}

/// Removes what was written of a new segment that is not wanted. What cannot be removed goes at the next start.
pub(super) fn discard<D: Disk>(disk: &D, folder: &Path, base: Offset) {
    let paths: Vec<PathBuf> =
        FileKind::SEGMENT.into_iter().map(|kind| file_path_with(folder, base, kind, CLEANED)).collect();
    for path in paths {
        if let Err(error) = remove_if_present(disk, &path) {
            tracing::debug!(path = %path.display(), %error, "a file of a cleaning that was given up stays");
        }
    }
}
