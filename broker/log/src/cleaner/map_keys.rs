//! The first half of a round: the last offset of each key of the dirty part.

use broker_records::{BatchView, Records};
use broker_types::Offset;

use super::{
    batch::plain,
    begin::{Cleaning, Mapped},
    error::{CleanError, Damage, DamageReason},
    groups::{GroupLimits, Sizes, group},
    offset_map::{Full, OffsetMap},
    source::{Old, Source},
    tools::Tools,
    transactions::Transactions,
};
use crate::{
    disk::{Disk, OpenMode},
    names::{FileKind, file_path},
    scan::{Next, Scan},
};

/// The memory in which headers are counted.
const COUNT_BUFFER_BYTES: usize = 4096;

/// How far a batch went into the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Put {
    /// All of it.
    Whole,
    /// Up to before this record: there is no room for its key.
    UpTo(Offset),
}

impl<D: Disk> Cleaning<D> {
    /// Maps the dirty part, as far as the map's memory goes, and decides which segments become one.
    ///
    /// # Errors
    /// See [`CleanError`]; the log is as it was.
    pub fn map_keys(&mut self, tools: &mut Tools<'_>) -> Result<(), CleanError> {
        let mapped = self.try_map(tools);
        let (map, end) = mapped.map_err(|error| self.judged(error))?;
        let groups = self.groups(end).map_err(|error| self.judged(error))?;
        self.totals.keys = map.len() as u64;
        self.totals.map_percent = map.used_percent(&tools.limits);
        self.mapped = Some(Mapped { map, end, groups: groups.into() });
        Ok(())
    }

    fn try_map(&mut self, tools: &mut Tools<'_>) -> Result<(OffsetMap, Offset), CleanError> {
        let dirty = self.segments.partition_point(|segment| segment.end <= self.range.first_dirty);
        let records = self.count_records(dirty)?;
        let mut map = OffsetMap::new(tools.key, records, &tools.limits);
        let mut transactions = Transactions::default();
        for index in dirty..self.segments.len() {
            self.check_wanted()?;
            transactions.expect(self.aborted_in(index)?);
            if let Some(end) = self.map_segment(self.segments[index], &mut map, &mut transactions, tools)? {
                return Ok((map, end));
            }
        }
        Ok((map, self.range.end))
    }

    /// Records of the dirty part, by its headers: so many keys it has at most.
    fn count_records(&self, dirty: usize) -> Result<u64, CleanError> {
        let mut records = 0;
        for old in &self.segments[dirty..] {
            let path = file_path(&self.folder, old.base, FileKind::Log);
            let file = self.disk.open(&path, OpenMode::Read).map_err(CleanError::at("open", &path))?;
            let mut buffer = [0; COUNT_BUFFER_BYTES];
            let mut scan = Scan::new(&file, &mut buffer, 0, old.size);
            // Damage ends the count; whoever reads the batches finds it again.
            while let Next::Batch(batch) = scan.advance().map_err(CleanError::at("read", &path))? {
                records += u64::from(batch.header.record_count.max(0).unsigned_abs());
            }
        }
        Ok(records)
    }

    /// Maps one segment; gives the offset that did not go in any more, if the map is full.
    fn map_segment(
        &mut self,
        old: Old,
        map: &mut OffsetMap,
        transactions: &mut Transactions,
        tools: &mut Tools<'_>,
    ) -> Result<Option<Offset>, CleanError> {
        let from = self.range.first_dirty;
        let io_bytes = tools.limits.io_bytes;
        let mut source = Source::open(&self.disk, &self.folder, old, &mut self.buffer, io_bytes)?;
        let mut payload = Vec::new();
        while let Some((position, batch)) = source.next(tools)? {
            self.totals.map_bytes_read += batch.bytes.len() as u64;
            if batch.header.attributes.is_control() {
                transactions.pass_control(&batch);
                continue;
            }
            if transactions.pass_records(&batch.header) || batch.header.last_offset() < from {
                continue;
            }
            let put = put_keys(&batch, from, map, &mut payload, tools);
            match put.map_err(|reason| Damage { segment: old.base, position, reason })? {
                Put::Whole => {}
                Put::UpTo(offset) => return Ok(Some(offset)),
            }
        }
        Ok(None)
    }

    /// The groups of segments that begin before `end`.
    fn groups(&self, end: Offset) -> Result<Vec<std::ops::Range<usize>>, CleanError> {
        let mut sizes = Vec::new();
        for old in self.segments.iter().take_while(|old| old.base < end) {
            let size_of = |kind| {
                let path = file_path(&self.folder, old.base, kind);
                match self.disk.file_size(&path) {
                    // An index that was never written out has no entries.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
                    other => other.map_err(CleanError::at("look at", &path)),
                }
            };
            let (offsets, times) = (size_of(FileKind::OffsetIndex)?, size_of(FileKind::TimeIndex)?);
            sizes.push(Sizes { base: old.base, log: old.size, offsets, times });
        }
        let limits = GroupLimits {
            segment_bytes: u64::from(self.config.segment_bytes),
            index_bytes: u64::from(self.config.index_bytes_max),
        };
        Ok(group(&sizes, limits, self.range.end))
    }
}

fn put_keys(
    batch: &BatchView<'_>,
    from: Offset,
    map: &mut OffsetMap,
    payload: &mut Vec<u8>,
    tools: &Tools<'_>,
) -> Result<Put, DamageReason> {
    for record in Records::new(plain(batch, payload, tools)?, batch.header.record_count) {
        let record = record?;
        let offset = batch.header.first_offset().plus(i64::from(record.offset_delta.max(0)));
        let Some(key) = record.key.filter(|_| offset >= from) else { continue };
        if map.put(key, offset) == Err(Full) {
            return Ok(Put::UpTo(offset));
        }
    }
    Ok(Put::Whole)
}
