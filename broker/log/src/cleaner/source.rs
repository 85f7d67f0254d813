//! Reading a segment's batches whole, one after the other, through a buffer that grows only for larger batches.

use std::path::Path;

use broker_records::{BatchHeader, BatchView, HEADER_BYTES};
use broker_types::Offset;

use super::{
    error::{CleanError, Damage, DamageReason},
    tools::Tools,
};
use crate::{
    disk::{Disk, DiskFile as _, OpenMode},
    names::{FileKind, file_path},
};

/// An old segment, as the plan of a round has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Old {
    pub(super) base: Offset,
    /// Bytes of batches.
    pub(super) size: u64,
    /// No batch reaches it.
    pub(super) end: Offset,
}

/// The batches of one old segment, verified.
pub(super) struct Source<'a, D: Disk> {
    file: D::File,
    folder: &'a Path,
    old: Old,
    buffer: &'a mut Vec<u8>,
    /// The buffer holds the file's bytes from here on.
    start: u64,
    filled: usize,
    /// In the buffer: where the next batch begins.
    at: usize,
    next_offset: Offset,
    io_bytes: usize,
}

impl<'a, D: Disk> Source<'a, D> {
    pub(super) fn open(
        disk: &D,
        folder: &'a Path,
        old: Old,
        buffer: &'a mut Vec<u8>,
        io_bytes: usize,
    ) -> Result<Self, CleanError> {
        let path = file_path(folder, old.base, FileKind::Log);
        let file = disk.open(&path, OpenMode::Read).map_err(CleanError::at("open", &path))?;
        let io_bytes = io_bytes.max(HEADER_BYTES);
        Ok(Self { file, folder, old, buffer, start: 0, filled: 0, at: 0, next_offset: old.base, io_bytes })
    }

    fn damage(&self, reason: DamageReason) -> Damage {
        Damage { segment: self.old.base, position: self.start + self.at as u64, reason }
    }

    /// Reads on from the next batch, so that at least `need` bytes of it are there. False when the segment ends before.
    fn fill(&mut self, need: usize, tools: &mut Tools<'_>) -> Result<bool, CleanError> {
        if self.filled - self.at >= need {
            return Ok(true);
        }
        let position = self.start + self.at as u64;
        let left = usize::try_from(self.old.size.saturating_sub(position)).unwrap_or(usize::MAX);
        if left < need {
            return Ok(false);
        }
        let want = left.min(self.io_bytes.max(need));
        self.buffer.resize(self.buffer.len().max(want), 0);
        let read = self.file.read_at(&mut self.buffer[..want], position);
        self.filled = read.map_err(CleanError::at("read a segment in", self.folder))?;
        (self.start, self.at) = (position, 0);
        tools.moved(self.filled as u64)?;
        Ok(self.filled >= need)
    }

    /// The next batch, and the position where it begins; `None` after the last one.
    pub(super) fn next(&mut self, tools: &mut Tools<'_>) -> Result<Option<(u64, BatchView<'_>)>, CleanError> {
        if self.start + self.at as u64 >= self.old.size {
            self.buffer.truncate(self.io_bytes);
            self.buffer.shrink_to(self.io_bytes);
            return Ok(None);
        }
        let not_a_batch = |source: &Self| source.damage(DamageReason::NotABatch);
        if !self.fill(HEADER_BYTES, tools)? {
            return Err(not_a_batch(self).into());
        }
        let Ok(header) = BatchHeader::parse(&self.buffer[self.at..self.filled]) else {
            return Err(not_a_batch(self).into());
        };
        if !self.fill(header.size_bytes(), tools)? {
            return Err(not_a_batch(self).into());
        }
        let is_in_place = header.base_offset >= self.next_offset.get()
            && header.last_offset_delta >= 0
            && header.last_offset() < self.old.end;
        if !is_in_place {
            return Err(self.damage(DamageReason::Offsets).into());
        }
        let (position, at) = (self.start + self.at as u64, self.at);
        self.at += header.size_bytes();
        self.next_offset = header.next_offset();
        let broken = |reason| Damage { segment: self.old.base, position, reason };
        let Ok(batch) = BatchView::parse(&self.buffer[at..self.at]) else {
            return Err(broken(DamageReason::NotABatch).into());
        };
        if batch.crc_is_valid() {
            Ok(Some((position, batch)))
        } else {
            Err(broken(DamageReason::Checksum).into())
        }
    }
}
