//! `.timeindex`: `largest timestamp so far i64 | offset of its batch's last record - base offset i32`; timestamps
//! rise strictly. The last entry, written at roll or close, holds the segment's largest timestamp.

use std::{io, path::Path};

use broker_types::{Offset, Timestamp};

use super::{CorruptIndex, Entries, field};
use crate::{disk::Disk, names::FileKind};

const ENTRY_BYTES: usize = 12;

/// The largest timestamp up to a batch, and the last offset of the batch that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeEntry {
    pub(crate) timestamp: Timestamp,
    pub(crate) offset: Offset,
}

impl TimeEntry {
    /// As the file of a segment from `base` on has it.
    pub(crate) fn encode(self, base: Offset) -> [u8; ENTRY_BYTES] {
        let relative = u32::try_from(self.offset.since(base)).unwrap_or(u32::MAX);
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..8].copy_from_slice(&self.timestamp.as_millis().to_be_bytes());
        bytes[8..].copy_from_slice(&relative.to_be_bytes());
        bytes
    }
}

/// The time index of one segment.
#[derive(Debug)]
pub(crate) struct TimeIndex(pub(crate) Entries<ENTRY_BYTES>);

fn timestamp(entry: &[u8; ENTRY_BYTES]) -> i64 {
    i64::from_be_bytes(field::<0, 8, ENTRY_BYTES>(entry))
}

fn relative(entry: &[u8; ENTRY_BYTES]) -> u32 {
    u32::from_be_bytes(field::<8, 4, ENTRY_BYTES>(entry))
}

impl TimeIndex {
    pub(crate) const fn created(base: Offset) -> Self {
        Self(Entries::created(base, FileKind::TimeIndex))
    }

    pub(crate) const fn existing(base: Offset) -> Self {
        Self(Entries::existing(base, FileKind::TimeIndex))
    }

    fn decode(&self, entry: &[u8; ENTRY_BYTES]) -> TimeEntry {
        let offset = self.0.base().plus(i64::from(relative(entry)));
        TimeEntry { timestamp: Timestamp::from_millis(timestamp(entry)), offset }
    }

    /// Adds an entry unless its timestamp is not larger than the last one's.
    pub(crate) fn push<D: Disk>(&mut self, disk: &D, folder: &Path, entry: TimeEntry) -> io::Result<()> {
        if self.0.last(disk, folder)?.is_some_and(|last| timestamp(&last) >= entry.timestamp.as_millis()) {
            return Ok(());
        }
        self.0.push(disk, folder, entry.encode(self.0.base()));
        Ok(())
    }

    /// The last entry whose timestamp is smaller than `wanted`: no batch up to its offset has `wanted` or more.
    pub(crate) fn lookup<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        wanted: Timestamp,
    ) -> io::Result<Option<TimeEntry>> {
        let holds = |entry: &[u8; ENTRY_BYTES]| timestamp(entry) < wanted.as_millis();
        Ok(self.0.search(disk, folder, holds)?.1.map(|entry| self.decode(&entry)))
    }

    pub(crate) fn last<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Option<TimeEntry>> {
        Ok(self.0.last(disk, folder)?.map(|entry| self.decode(&entry)))
    }

    /// Forgets what lies at or beyond `offset`.
    pub(crate) fn truncate_to<D: Disk>(&mut self, disk: &D, folder: &Path, offset: Offset) -> io::Result<()> {
        let wanted = offset.since(self.0.base());
        self.0.truncate_to(disk, folder, |entry| i64::from(relative(entry)) < wanted)
    }

    /// The cheap check of an index whose segment's data is trusted: whole entries, the last one not a zero of a
    /// preallocated file and not beyond the segment's end.
    pub(crate) fn check<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        end: Offset,
    ) -> io::Result<Result<(), CorruptIndex>> {
        if !self.0.length_is_sane(disk, folder)? {
            return Ok(Err(CorruptIndex));
        }
        Ok(match self.last(disk, folder)? {
            Some(last) if last.offset >= end || last.timestamp <= Timestamp::from_millis(0) => {
                Err(CorruptIndex)
            }
            _ => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SimDisk;

    fn entry(timestamp: i64, offset: i64) -> TimeEntry {
        TimeEntry { timestamp: Timestamp::from_millis(timestamp), offset: Offset::new(offset) }
    }

    #[test]
    fn keeps_only_rising_timestamps_and_finds_the_one_before() {
        let (disk, folder) = (SimDisk::new(1), Path::new("/"));
        let mut index = TimeIndex::created(Offset::new(5));
        for (timestamp, offset) in [(100, 6), (90, 8), (100, 9), (120, 12)] {
            index.push(&disk, folder, entry(timestamp, offset)).expect("pushes");
        }
        index.0.write(&disk, folder).expect("writes");
        let bytes = disk.get(Path::new("/00000000000000000005.timeindex")).expect("is there");
        assert_eq!(bytes, [0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 120, 0, 0, 0, 7]);
        let lookup = |wanted| index.lookup(&disk, folder, Timestamp::from_millis(wanted)).expect("looks up");
        assert_eq!(lookup(100), None);
        assert_eq!(lookup(101), Some(entry(100, 6)));
        assert_eq!(lookup(500), Some(entry(120, 12)));
    }

    #[test]
    fn torn_zeroed_and_overlong_files_are_refused() {
        let check = |bytes: &[u8]| {
            let disk = SimDisk::new(1);
            disk.put(Path::new("/00000000000000000005.timeindex"), bytes).expect("puts");
            TimeIndex::existing(Offset::new(5)).check(&disk, Path::new("/"), Offset::new(10)).expect("reads")
        };
        let good = [0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 1];
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&good[..11]), Err(CorruptIndex));
        assert_eq!(check(&[0; 12]), Err(CorruptIndex));
        assert_eq!(check(&[0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 5]), Err(CorruptIndex), "beyond the end");
    }
}
