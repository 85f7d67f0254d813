//! Writing batches to the active segment: as many as fit it, a few at a time, in one vectored write.

use std::io::IoSlice;

use broker_records::{BatchHeader, BatchView, HEADER_BYTES, TimestampType, patch};
use broker_types::{LeaderEpoch, Offset, Timestamp};

use super::{AppendError, Stamp};
use crate::{
    disk::{Disk, DiskFile as _},
    log::Log,
    producers::Marker,
    segment::Home,
};

/// Batches in one write.
const RUN_MAX: usize = 8;

/// Where the checksummed part of a batch begins.
const CHECKSUMMED_AT: usize = 21;

/// The bytes that replace the start of a batch.
#[derive(Clone, Copy)]
struct Head {
    bytes: [u8; HEADER_BYTES],
    length: usize,
}

/// A batch about to be written: the header as the log will hold it.
#[derive(Clone, Copy)]
struct Pending {
    header: BatchHeader,
    marker: Option<Marker>,
}

impl Head {
    const NONE: Self = Self { bytes: [0; HEADER_BYTES], length: 0 };

    /// Stamps `header` and gives the bytes that change by it.
    fn stamp(stamp: Stamp, batch: &BatchView<'_>, header: &mut BatchHeader, offset: Offset) -> Self {
        let Stamp::Leader { epoch, append_time } = stamp else { return Self::NONE };
        header.base_offset = offset.get();
        header.leader_epoch = epoch.get();
        let mut head = Self::NONE;
        if let Some(now) = append_time {
            header.attributes = header.attributes.with_timestamp_type(TimestampType::LogAppend);
            header.max_timestamp = now.as_millis();
            head.bytes = header.encode();
            let crc = crc32c::crc32c(&head.bytes[CHECKSUMMED_AT..]);
            header.crc = crc32c::crc32c_append(crc, batch.payload());
            head.bytes = header.encode();
            head.length = HEADER_BYTES;
        } else {
            let prefix = patch::patched_prefix(offset, header.length, epoch);
            head.bytes[..prefix.len()].copy_from_slice(&prefix);
            head.length = prefix.len();
        }
        head
    }
}

impl<D: Disk> Log<D> {
    /// Appends the first batches of `bytes`, as many as one write and the active segment take; rolls first if
    /// the very first does not fit. Gives the bytes appended. `bytes` were checked.
    pub(super) fn append_run(
        &mut self,
        bytes: &[u8],
        stamp: Stamp,
        now: Timestamp,
    ) -> Result<usize, AppendError> {
        let mut pending = [None; RUN_MAX];
        let mut heads = [Head::NONE; RUN_MAX];
        let mut bodies: [&[u8]; RUN_MAX] = [&[]; RUN_MAX];
        let (mut count, mut taken, mut next) = (0, 0, self.end);
        while count < RUN_MAX {
            let Ok(batch) = BatchView::parse(bytes.get(taken..).unwrap_or_default()) else { break };
            let mut header = batch.header;
            heads[count] = Head::stamp(stamp, &batch, &mut header, next);
            if self.must_roll(&header, taken as u64, now) {
                if count > 0 {
                    break;
                }
                let base = self.next_base(&header);
                self.roll_at(base, now).map_err(AppendError::from_storage)?;
            }
            bodies[count] = batch.bytes.get(heads[count].length..).unwrap_or_default();
            pending[count] = Some(Pending { header, marker: Marker::of(&batch) });
            next = header.next_offset();
            taken += batch.bytes.len();
            count += 1;
        }
        let mut slices = [IoSlice::new(&[]); RUN_MAX * 2];
        for (index, pair) in slices.chunks_exact_mut(2).enumerate().take(count) {
            pair[0] = IoSlice::new(&heads[index].bytes[..heads[index].length]);
            pair[1] = IoSlice::new(bodies[index]);
        }
        self.write_run(&mut slices[..count * 2])?;
        for pending in pending.iter().flatten() {
            self.remember(pending)?;
        }
        Ok(taken)
    }

    fn write_run(&mut self, slices: &mut [IoSlice<'_>]) -> Result<(), AppendError> {
        let home = self.home();
        let Some(active) = self.segments.last() else { return Err(AppendError::Failed) };
        let written = active.file(home).and_then(|file| file.write_at(slices, active.size));
        written.map_err(|error| self.write_failed(error))
    }

    /// Where the segment for this batch begins: at the end of the log, so that a gap between segments is a loss.
    /// Only an offset that no segment from there can hold leaves one.
    fn next_base(&self, header: &BatchHeader) -> Offset {
        let reachable = header.last_offset().since(self.end) <= i64::from(i32::MAX);
        if reachable { self.end } else { header.first_offset() }
    }

    /// Whether a batch that would lie `ahead` bytes after the end belongs into a new segment.
    fn must_roll(&self, header: &BatchHeader, ahead: u64, now: Timestamp) -> bool {
        let Some(active) = self.segments.last() else { return true };
        let filled = active.size + ahead;
        if !active.can_hold(header.last_offset()) {
            return true;
        }
        if filled == 0 {
            return false;
        }
        let age_max = self.config.segment_age.saturating_sub(self.jitter(active.base));
        filled + header.size_bytes() as u64 > u64::from(self.config.segment_bytes)
            || (active.size > 0 && active.age(now, header.max_time()) > age_max)
            || active.index_is_full(self.config.index_bytes_max)
    }

    /// Takes a batch that was written into indexes, epochs, producers and the end offset.
    fn remember(&mut self, pending: &Pending) -> Result<(), AppendError> {
        let Pending { header, marker } = pending;
        let interval = self.config.index_interval_bytes;
        let home = Home { disk: &self.disk, folder: &self.folder };
        let Some(active) = self.segments.last_mut() else { return Err(AppendError::Failed) };
        let indexed = active.appended(home, header, interval);
        if let Some(epoch) = LeaderEpoch::from_wire(header.leader_epoch) {
            self.epochs.assign(epoch, header.first_offset());
        }
        if let Some(aborted) = self.producers.apply(header, *marker) {
            active.push_aborted(home, aborted);
        }
        self.end = header.next_offset();
        indexed.map_err(|error| self.write_failed(error))
    }
}
