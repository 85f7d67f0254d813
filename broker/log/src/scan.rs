//! Walking the batches of a segment's file by their headers, in bounded memory.

use std::io;

use broker_records::{BatchHeader, HEADER_BYTES};

use crate::disk::DiskFile;

/// Where the checksummed part of a batch begins.
const CHECKSUMMED_AT: u64 = 21;

/// A batch's header and the position of its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) position: u64,
    pub(crate) header: BatchHeader,
}

impl Placed {
    pub(crate) fn size(&self) -> u64 {
        self.header.size_bytes() as u64
    }

    /// The position after the batch.
    pub(crate) fn end(&self) -> u64 {
        self.position + self.size()
    }
}

/// What follows at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A batch that lies within the limit.
    Batch(Placed),
    /// Nothing: the limit is reached.
    End,
    /// Bytes that are not a whole batch.
    Damage,
}

/// Reads headers from `position` up to `limit`, through a buffer that the caller lends (at least a header).
pub(crate) struct Scan<'a, F> {
    file: &'a F,
    buffer: &'a mut [u8],
    /// What the buffer holds: `filled` bytes of the file from `start` on.
    start: u64,
    filled: usize,
    position: u64,
    limit: u64,
}

impl<'a, F: DiskFile> Scan<'a, F> {
    pub(crate) fn new(file: &'a F, buffer: &'a mut [u8], position: u64, limit: u64) -> Self {
        debug_assert!(buffer.len() >= HEADER_BYTES);
        Self { file, buffer, start: position, filled: 0, position, limit }
    }

    /// Where the next batch would begin: everything before it was batches.
    pub(crate) const fn position(&self) -> u64 {
        self.position
    }

    /// The bytes `[from, from + length)` if the buffer can hold them; shorter at the end of the file.
    fn window(&mut self, from: u64, length: usize) -> io::Result<&[u8]> {
        let held = from >= self.start && from + length as u64 <= self.start + self.filled as u64;
        if !held {
            let want = usize::try_from(self.limit.saturating_sub(from)).unwrap_or(usize::MAX);
            let want = want.min(self.buffer.len());
            self.filled = self.file.read_at(&mut self.buffer[..want], from)?;
            self.start = from;
        }
        let at = usize::try_from(from - self.start).unwrap_or(0);
        let end = (at + length).min(self.filled);
        Ok(&self.buffer[at..end])
    }

    /// The next batch's header; the scan moves on past the batch.
    pub(crate) fn advance(&mut self) -> io::Result<Next> {
        let (position, limit) = (self.position, self.limit);
        if position >= limit {
            return Ok(Next::End);
        }
        let Ok(header) = BatchHeader::parse(self.window(position, HEADER_BYTES)?) else {
            return Ok(Next::Damage);
        };
        let placed = Placed { position, header };
        if placed.end() > limit || header.base_offset < 0 || header.last_offset_delta < 0 {
            return Ok(Next::Damage);
        }
        self.position = placed.end();
        Ok(Next::Batch(placed))
    }

    /// Whether the batch's checksum is that of its bytes.
    pub(crate) fn crc_is_valid(&mut self, batch: &Placed) -> io::Result<bool> {
        let mut crc = 0;
        let mut at = batch.position + CHECKSUMMED_AT;
        while at < batch.end() {
            let left = usize::try_from(batch.end() - at).unwrap_or(usize::MAX);
            let length = left.min(self.buffer.len());
            let bytes = self.window(at, length)?;
            if bytes.is_empty() {
                return Ok(false);
            }
            crc = crc32c::crc32c_append(crc, bytes);
            at += bytes.len() as u64;
        }
        Ok(crc == batch.header.crc)
    }

    /// The bytes of a batch that fits the buffer, such as a transaction marker; `None` when it does not.
    pub(crate) fn bytes(&mut self, batch: &Placed) -> io::Result<Option<&[u8]>> {
        let size = batch.header.size_bytes();
        if size > self.buffer.len() {
            return Ok(None);
        }
        let bytes = self.window(batch.position, size)?;
        Ok((bytes.len() == size).then_some(bytes))
    }
}
