//! Reading a segment's batches to learn its end, to rebuild its indexes, or to check every byte.

use std::io;

use broker_records::BatchView;
use broker_types::{LeaderEpoch, Offset};

use super::{Home, Newest, Segment};
use crate::{
    disk::Disk,
    epochs::Epochs,
    index::{CorruptIndex, TimeEntry},
    producers::{Marker, Producers},
    scan::{Next, Scan},
};

/// How a whole segment is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Headers only: the bytes were synced, or the producers' state is all that is wanted.
    Headers,
    /// Every checksum.
    Nothing,
}

/// What reading a segment found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// The offset after the last good batch.
    pub(crate) end: Offset,
    /// Batches that were good.
    pub(crate) batches: u64,
    /// Bytes after the last good batch.
    pub(crate) bad_bytes: u64,
}

impl<D: Disk> Segment<D> {
    /// Learns the end of a segment that was closed cleanly: the headers after the last index entry. `None` when
    /// index and batches do not agree; then the segment must be read anew.
    pub(crate) fn learn_end(&mut self, home: Home<'_, D>) -> io::Result<Option<Offset>> {
        let Ok(entry) = self.offsets.peek(home.disk, home.folder, self.size)? else { return Ok(None) };
        self.offsets.0.load(home.disk, home.folder)?;
        let mut end = self.base;
        let mut tail_newest: Option<TimeEntry> = None;
        if self.size > 0 {
            let file = self.file(home)?;
            let position = entry.map_or(0, |entry| u64::from(entry.position));
            self.bytes_since_entry = self.size.saturating_sub(position);
            let mut buffer = [0; 4096];
            let mut scan = Scan::new(&*file, &mut buffer, position, self.size);
            loop {
                match scan.advance()? {
                    Next::Batch(batch) => {
                        let last = batch.header.last_offset();
                        if batch.header.first_offset() < end || !self.can_hold(last) {
                            return Ok(None);
                        }
                        if batch.position == position && entry.is_some_and(|entry| entry.offset != last) {
                            return Ok(None);
                        }
                        if let Some(timestamp) = batch.header.max_time()
                            && tail_newest.is_none_or(|newest| timestamp > newest.timestamp)
                        {
                            tail_newest = Some(TimeEntry { timestamp, offset: last });
                        }
                        end = last.next();
                    }
                    Next::End => break,
                    Next::Damage => return Ok(None),
                }
            }
        }
        if self.times.check(home.disk, home.folder, end)? == Err(CorruptIndex) {
            return Ok(None);
        }
        self.times.0.load(home.disk, home.folder)?;
        self.aborted.0.load(home.disk, home.folder)?;
        if self.aborted.0.size_bytes() > 0
            && self.aborted.check(home.disk, home.folder, end)? == Err(CorruptIndex)
        {
            return Ok(None);
        }
        let stored = self.times.last(home.disk, home.folder)?;
        let newest = match (stored, tail_newest) {
            (Some(stored), Some(tail)) if tail.timestamp > stored.timestamp => Some(tail),
            (None, tail) => tail,
            (stored, _) => stored,
        };
        self.newest = newest.map_or(Newest::None, Newest::At);
        Ok(Some(end))
    }

    /// Reads all batches and writes the indexes anew; feeds `producers` and `epochs`. Stops at the first bad
    /// batch, which is one whose offsets do not rise, too. The file is not cut: see [`Segment::cut`].
    pub(crate) fn rebuild(
        &mut self,
        home: Home<'_, D>,
        trust: Trust,
        interval: u32,
        buffer: &mut [u8],
        producers: &mut Producers,
        mut epochs: Option<&mut Epochs>,
    ) -> io::Result<Read> {
        self.offsets.0.reset(home.disk, home.folder)?;
        self.times.0.reset(home.disk, home.folder)?;
        self.aborted.0.remove(home.disk, home.folder)?;
        self.offsets.0.create(home.disk, home.folder)?;
        self.times.0.create(home.disk, home.folder)?;
        let file = self.file(home)?;
        let mut scan = Scan::new(&*file, buffer, 0, self.size);
        let limit = self.size;
        (self.size, self.bytes_since_entry) = (0, 0);
        (self.newest, self.first_timestamp) = (Newest::None, None);
        let (mut end, mut batches) = (self.base, 0);
        while let Next::Batch(batch) = scan.advance()? {
            let header = &batch.header;
            if header.first_offset() < end || !self.can_hold(header.last_offset()) {
                break;
            }
            if trust == Trust::Nothing && !scan.crc_is_valid(&batch)? {
                break;
            }
            self.appended(home, header, interval)?;
            if let Some(epochs) = &mut epochs
                && let Some(epoch) = LeaderEpoch::from_wire(header.leader_epoch)
                && epochs.latest().is_none_or(|latest| epoch > latest)
            {
                epochs.assign(epoch, header.first_offset());
            }
            let marker = read_marker(&mut scan, &batch)?;
            if let Some(aborted) = producers.apply(header, marker) {
                self.push_aborted(home, aborted);
            }
            end = header.next_offset();
            batches += 1;
        }
        self.write_indexes(home)?;
        Ok(Read { end, batches, bad_bytes: limit - self.size })
    }

    /// Feeds `producers` the batches in `[from, to)`.
    pub(crate) fn replay_producers(
        &self,
        home: Home<'_, D>,
        from: Offset,
        to: Offset,
        buffer: &mut [u8],
        producers: &mut Producers,
    ) -> io::Result<()> {
        let super::Found::Batch(first) = self.find_offset(home, from)? else { return Ok(()) };
        let file = self.file(home)?;
        let mut scan = Scan::new(&*file, buffer, first.position, self.size);
        while let Next::Batch(batch) = scan.advance()? {
            if batch.header.first_offset() >= to {
                break;
            }
            let marker = read_marker(&mut scan, &batch)?;
            producers.apply(&batch.header, marker);
        }
        Ok(())
    }

    /// Notes the epochs of all batches.
    pub(crate) fn collect_epochs(
        &self,
        home: Home<'_, D>,
        buffer: &mut [u8],
        epochs: &mut Epochs,
    ) -> io::Result<()> {
        let file = self.file(home)?;
        let mut scan = Scan::new(&*file, buffer, 0, self.size);
        while let Next::Batch(batch) = scan.advance()? {
            if let Some(epoch) = LeaderEpoch::from_wire(batch.header.leader_epoch)
                && epochs.latest().is_none_or(|latest| epoch > latest)
            {
                epochs.assign(epoch, batch.header.first_offset());
            }
        }
        Ok(())
    }

    /// Cuts the log to `size` bytes of batches that end before `end`, and the indexes with it.
    pub(crate) fn cut(&mut self, home: Home<'_, D>, size: u64, end: Offset) -> io::Result<()> {
        self.offsets.truncate_to(home.disk, home.folder, end)?;
        self.times.truncate_to(home.disk, home.folder, end)?;
        self.aborted.truncate_to(home.disk, home.folder, end)?;
        self.size = size;
        self.cut_to_size(home)?;
        self.is_dirty = true;
        self.bytes_since_entry = 0;
        if size == 0 {
            self.first_timestamp = None;
        }
        // What the time index has left may lack the newest of the batches after its last entry.
        self.newest = Newest::Unknown;
        self.learn_end(home).map(drop)
    }
}

fn read_marker<F: crate::disk::DiskFile>(
    scan: &mut Scan<'_, F>,
    batch: &crate::scan::Placed,
) -> io::Result<Option<Marker>> {
    if !batch.header.attributes.is_control() || batch.header.producer_id < 0 {
        return Ok(None);
    }
    let bytes = scan.bytes(batch)?.unwrap_or_default();
    Ok(BatchView::parse(bytes).ok().and_then(|view| Marker::of(&view)))
}
