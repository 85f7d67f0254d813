//! Reading: a plan made under the log's lock, run without it.

use std::{io, os::fd::AsFd, sync::Arc};

use broker_types::Offset;

use crate::{
    disk::{Disk, DiskFile as _, FsDisk},
    log::Log,
    segment::{Found, Located},
    storage_error::StorageError,
};

/// Bytes of one segment to be read: whole batches from the one that holds the wanted offset, cut at the limit
/// (so the last batch may be partial), never beyond the bound.
#[derive(Debug)]
pub struct ReadSlice<D: Disk = FsDisk> {
    /// `None`: nothing to read.
    file: Option<Arc<D::File>>,
    position: u64,
    length: u32,
    first_offset: Offset,
    first_batch_bytes: u32,
}

/// How far apart the bytes are that tell whether a slice is in memory: what Linux reads ahead by default.
const PROBE_STEP_BYTES: usize = 128 * 1024;

/// Why a read cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE.
    #[error("offset {offset} is not in [{start}, {end}]")]
    OutOfRange {
        /// What was asked for.
        offset: Offset,
        /// The log's first offset.
        start: Offset,
        /// The log's end.
        end: Offset,
    },
    /// KAFKA_STORAGE_ERROR for this partition: the bytes at that position are no batch.
    #[error("the segment at {segment} is damaged at byte {position}")]
    Damaged {
        /// Its base offset.
        segment: Offset,
        /// Where.
        position: u64,
    },
    /// KAFKA_STORAGE_ERROR: the disk failed; its directory must go offline.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Where an offset that bounds reads lies: most reads are bounded by the same one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BoundCache {
    bound: Offset,
    segment: Offset,
    position: u64,
}

impl<D: Disk> ReadSlice<D> {
    /// Nothing to read at this offset.
    pub const fn empty(first_offset: Offset) -> Self {
        Self { file: None, position: 0, length: 0, first_offset, first_batch_bytes: 0 }
    }

    /// Bytes to read.
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether there is nothing to read.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The first offset of the first batch, at or before the wanted one unless that was compacted away; the
    /// wanted one when the slice is empty.
    pub const fn first_offset(&self) -> Offset {
        self.first_offset
    }

    /// Where in its segment the slice ends.
    pub(crate) fn end_position(&self) -> u64 {
        self.position + u64::from(self.length)
    }

    /// Bytes of the first batch; more than [`ReadSlice::len`] when even that was cut.
    pub const fn first_batch_bytes(&self) -> usize {
        self.first_batch_bytes as usize
    }

    /// Reads into the first [`ReadSlice::len`] bytes of `buf` (fewer when it is shorter); gives the bytes read.
    /// Fewer come only if the log was truncated since.
    ///
    /// # Errors
    /// The disk's.
    pub fn read_into(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_rest(buf, 0)
    }

    /// As [`ReadSlice::read_into`], for the bytes from `done` on, after a read that found only some in memory.
    ///
    /// # Errors
    /// The disk's.
    pub fn read_rest(&self, buf: &mut [u8], done: usize) -> io::Result<usize> {
        let Some((file, buf)) = self.target(buf, done) else { return Ok(0) };
        file.read_at(buf, self.position + done as u64)
    }

    /// Reads into `buf` from `done` on, as much as it takes; 0 before the end says that the log was truncated since.
    ///
    /// # Errors
    /// The disk's.
    pub fn read_part(&self, buf: &mut [u8], done: usize) -> io::Result<usize> {
        let Some(file) = self.file.as_ref() else { return Ok(0) };
        let wanted = self.len().saturating_sub(done).min(buf.len());
        file.read_at(&mut buf[..wanted], self.position + done as u64)
    }

    /// Reads what is in memory, from the slice's start; may give fewer bytes. Never waits for the disk.
    ///
    /// # Errors
    /// `WouldBlock` when the first byte is not in memory; else the disk's.
    pub fn try_read_into(&self, buf: &mut [u8]) -> io::Result<usize> {
        let Some((file, buf)) = self.target(buf, 0) else { return Ok(0) };
        file.read_at_nowait(buf, self.position)
    }

    /// Whether all of it seems to be in memory: pages come and go in runs, so one byte of each stretch of 128 KiB, and the
    /// last one, tell.
    pub fn is_in_memory(&self) -> bool {
        let Some(file) = self.file.as_ref() else { return true };
        let last = u64::from(self.length.saturating_sub(1));
        let looked = (0..last).step_by(PROBE_STEP_BYTES).chain([last]);
        let mut byte = [0];
        looked.into_iter().all(|at| matches!(file.read_at_nowait(&mut byte, self.position + at), Ok(1)))
    }

    /// The bytes in a fresh buffer.
    ///
    /// # Errors
    /// The disk's.
    pub fn read_to_vec(&self) -> io::Result<Vec<u8>> {
        let mut buf = vec![0; self.len()];
        let read = self.read_into(&mut buf)?;
        buf.truncate(read);
        Ok(buf)
    }

    fn target<'b>(&self, buf: &'b mut [u8], done: usize) -> Option<(&Arc<D::File>, &'b mut [u8])> {
        let file = self.file.as_ref()?;
        let end = self.len().min(buf.len());
        let buf = buf.get_mut(done..end)?;
        (!buf.is_empty()).then_some((file, buf))
    }
}

impl ReadSlice<FsDisk> {
    /// Sends the bytes from `done` on to a socket, straight from the page cache; gives the bytes sent. 0 before the end
    /// says that the log was truncated since.
    ///
    /// # Errors
    /// `WouldBlock` when the socket takes no more; else the socket's or the disk's.
    pub fn send_to(&self, socket: impl AsFd, done: usize) -> io::Result<usize> {
        let Some(file) = self.file.as_ref() else { return Ok(0) };
        file.send_to(socket, self.position + done as u64, self.len().saturating_sub(done))
    }
}

impl<D: Disk> Log<D> {
    /// Plans a read from the batch that holds `offset` (or the first after it), of at most `max_bytes`, of
    /// batches that end before `up_to`. With `min_one` the first batch is whole even when it is larger.
    /// Empty at `up_to` and beyond, up to the end of the log.
    ///
    /// # Errors
    /// [`ReadError::OutOfRange`] before the start and after the end of the log; else the disk's.
    pub fn read(
        &self,
        offset: Offset,
        max_bytes: u32,
        up_to: Offset,
        min_one: bool,
    ) -> Result<ReadSlice<D>, ReadError> {
        let (start, end) = (self.start, self.end);
        if offset < start || offset > end {
            return Err(ReadError::OutOfRange { offset, start, end });
        }
        let up_to = up_to.min(end);
        if offset >= up_to || (max_bytes == 0 && !min_one) {
            return Ok(ReadSlice::empty(offset));
        }
        let Some((index, first)) = self.locate(offset)? else { return Ok(ReadSlice::empty(offset)) };
        let segment = &self.segments[index];
        let limit = self.limit_in(index, up_to)?;
        if first.end() > limit {
            return Ok(ReadSlice::empty(offset));
        }
        let available = limit - first.position;
        let wanted = if min_one { first.size().max(u64::from(max_bytes)) } else { u64::from(max_bytes) };
        let file = segment.file(self.home()).map_err(StorageError::at("open a segment in", &self.folder))?;
        if index + 1 < self.segments.len() {
            self.close_rolled_files();
        }
        Ok(ReadSlice {
            file: Some(file),
            position: first.position,
            length: u32::try_from(available.min(wanted)).unwrap_or(u32::MAX),
            first_offset: first.header.first_offset(),
            first_batch_bytes: u32::try_from(first.size()).unwrap_or(u32::MAX),
        })
    }

    /// The index of the segment that `offset` falls into.
    pub(crate) fn segment_of(&self, offset: Offset) -> usize {
        self.segments.partition_point(|segment| segment.base <= offset).saturating_sub(1)
    }

    /// The batch that holds `offset`, or the first after it, and its segment; `None` beyond the last one.
    pub(crate) fn locate(&self, offset: Offset) -> Result<Option<(usize, Located)>, ReadError> {
        for index in self.segment_of(offset)..self.segments.len() {
            let segment = &self.segments[index];
            let found = segment.find_offset(self.home(), offset);
            match found.map_err(StorageError::at("search a segment in", &self.folder))? {
                Found::Batch(batch) => return Ok(Some((index, batch))),
                Found::Beyond => {}
                Found::Damage(position) => {
                    return Err(ReadError::Damaged { segment: segment.base, position });
                }
            }
        }
        Ok(None)
    }

    /// The position in segment `index` at which batches that end after `up_to` begin.
    fn limit_in(&self, index: usize, up_to: Offset) -> Result<u64, ReadError> {
        let segment = &self.segments[index];
        let bounded_here =
            up_to < self.end && self.segments.get(index + 1).is_none_or(|next| up_to < next.base);
        if !bounded_here {
            return Ok(segment.size);
        }
        if let Some(cached) = &*self.bound_cache.lock()
            && (cached.bound, cached.segment) == (up_to, segment.base)
        {
            return Ok(cached.position);
        }
        let found = segment.find_offset(self.home(), up_to);
        let position = match found.map_err(StorageError::at("search a segment in", &self.folder))? {
            Found::Batch(batch) => batch.position,
            Found::Beyond => segment.size,
            Found::Damage(position) => return Err(ReadError::Damaged { segment: segment.base, position }),
        };
        *self.bound_cache.lock() = Some(BoundCache { bound: up_to, segment: segment.base, position });
        Ok(position)
    }

    /// A plan for exactly one batch.
    pub(crate) fn slice_of(&self, index: usize, batch: &Located) -> Result<ReadSlice<D>, StorageError> {
        let file = self.segments[index].file(self.home());
        let length = u32::try_from(batch.size()).unwrap_or(u32::MAX);
        Ok(ReadSlice {
            file: Some(file.map_err(StorageError::at("open a segment in", &self.folder))?),
            position: batch.position,
            length,
            first_offset: batch.header.first_offset(),
            first_batch_bytes: length,
        })
    }
}
