//! `.index`: `last offset of a batch - base offset i32 | position of that batch in the .log i32`, both rising.

use std::{io, path::Path};

use broker_types::Offset;

use super::{CorruptIndex, Entries, field};
use crate::{disk::Disk, names::FileKind};

const ENTRY_BYTES: usize = 8;

/// A batch's last offset and where the batch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetEntry {
    pub(crate) offset: Offset,
    pub(crate) position: u32,
}

impl OffsetEntry {
    /// As the file of a segment from `base` on has it.
    pub(crate) fn encode(self, base: Offset) -> [u8; ENTRY_BYTES] {
        let relative = u32::try_from(self.offset.since(base)).unwrap_or(u32::MAX);
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..4].copy_from_slice(&relative.to_be_bytes());
        bytes[4..].copy_from_slice(&self.position.to_be_bytes());
        bytes
    }
}

/// The offset index of one segment.
#[derive(Debug)]
pub(crate) struct OffsetIndex(pub(crate) Entries<ENTRY_BYTES>);

fn relative(entry: &[u8; ENTRY_BYTES]) -> u32 {
    u32::from_be_bytes(field::<0, 4, ENTRY_BYTES>(entry))
}

impl OffsetIndex {
    pub(crate) const fn created(base: Offset) -> Self {
        Self(Entries::created(base, FileKind::OffsetIndex))
    }

    pub(crate) const fn existing(base: Offset) -> Self {
        Self(Entries::existing(base, FileKind::OffsetIndex))
    }

    fn decode(&self, entry: &[u8; ENTRY_BYTES]) -> OffsetEntry {
        let offset = self.0.base().plus(i64::from(relative(entry)));
        OffsetEntry { offset, position: u32::from_be_bytes(field::<4, 4, ENTRY_BYTES>(entry)) }
    }

    /// Adds an entry; the caller has checked that the offset is within the segment's range.
    pub(crate) fn push<D: Disk>(&mut self, disk: &D, folder: &Path, entry: OffsetEntry) {
        self.0.push(disk, folder, entry.encode(self.0.base()));
    }

    /// The last entry whose offset is not beyond `offset`: its batch is where a search may begin.
    pub(crate) fn lookup<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        offset: Offset,
    ) -> io::Result<Option<OffsetEntry>> {
        let wanted = offset.since(self.0.base());
        let holds = |entry: &[u8; ENTRY_BYTES]| i64::from(relative(entry)) <= wanted;
        Ok(self.0.search(disk, folder, holds)?.1.map(|entry| self.decode(&entry)))
    }

    /// The first entry whose batch begins at or behind `position`: whatever lies before that ends before its offset.
    pub(crate) fn first_from<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        position: u64,
    ) -> io::Result<Option<OffsetEntry>> {
        let is_before = |entry: &[u8; ENTRY_BYTES]| u64::from(self.decode(entry).position) < position;
        let (before, _) = self.0.search(disk, folder, is_before)?;
        Ok(self.0.nth(disk, folder, before)?.map(|entry| self.decode(&entry)))
    }

    pub(crate) fn last<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Option<OffsetEntry>> {
        Ok(self.0.last(disk, folder)?.map(|entry| self.decode(&entry)))
    }

    /// Forgets what lies at or beyond `offset`.
    pub(crate) fn truncate_to<D: Disk>(&mut self, disk: &D, folder: &Path, offset: Offset) -> io::Result<()> {
        let wanted = offset.since(self.0.base());
        self.0.truncate_to(disk, folder, |entry| i64::from(relative(entry)) < wanted)
    }

    /// The cheap check of an index whose segment's data is trusted: whole entries, the last one within the log.
    /// Gives that one.
    pub(crate) fn peek<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        log_size: u64,
    ) -> io::Result<Result<Option<OffsetEntry>, CorruptIndex>> {
        if !self.0.length_is_sane(disk, folder)? {
            return Ok(Err(CorruptIndex));
        }
        Ok(match self.last(disk, folder)? {
            Some(last) if u64::from(last.position) >= log_size => Err(CorruptIndex),
            // The first batch never has an entry: position 0 is the zeros of a preallocated file.
            Some(OffsetEntry { position: 0, .. }) => Err(CorruptIndex),
            last => Ok(last),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SimDisk;

    const FOLDER: &str = "/";

    fn filled(count: u32) -> (SimDisk, OffsetIndex) {
        let disk = SimDisk::new(1);
        let mut index = OffsetIndex::created(Offset::new(1000));
        for i in 1..=count {
            let entry = OffsetEntry { offset: Offset::new(1000 + i64::from(i) * 10), position: i * 4096 };
            index.push(&disk, Path::new(FOLDER), entry);
        }
        (disk, index)
    }

    #[test]
    fn finds_the_entry_at_or_before_in_file_and_memory() {
        for count in [0, 1, 63, 64, 65, 200] {
            let (disk, index) = filled(count);
            for offset in 1000..1000 + i64::from(count) * 10 + 15 {
                let expected = u32::try_from((offset - 1000) / 10).expect("small").min(count);
                let found = index.lookup(&disk, Path::new(FOLDER), Offset::new(offset)).expect("looks up");
                assert_eq!(found.map_or(0, |entry| entry.position), expected * 4096, "{offset} of {count}");
            }
        }
    }

    #[test]
    fn finds_the_first_entry_behind_a_position_in_file_and_memory() {
        for count in [0_u32, 1, 64, 65, 200] {
            let (disk, index) = filled(count);
            for position in (0..=u64::from(count) * 4096 + 1).step_by(1365) {
                let found = index.first_from(&disk, Path::new(FOLDER), position).expect("looks up");
                let expected = position.div_ceil(4096).max(1) * 4096;
                let expected = (expected <= u64::from(count) * 4096).then_some(expected);
                assert_eq!(found.map(|entry| u64::from(entry.position)), expected, "{position} of {count}");
            }
        }
    }

    #[test]
    fn the_bytes_are_kafkas() {
        let (disk, mut index) = filled(1);
        index.0.write(&disk, Path::new(FOLDER)).expect("writes");
        let bytes = disk.get(Path::new("/00000000000000001000.index")).expect("is there");
        assert_eq!(bytes, [0, 0, 0, 10, 0, 0, 0x10, 0]);
    }

    #[test]
    fn truncation_cuts_file_and_memory() {
        for keep in [0_u32, 5, 64, 65, 100] {
            let (disk, mut index) = filled(100);
            let offset = Offset::new(1000 + i64::from(keep) * 10 + 1);
            index.truncate_to(&disk, Path::new(FOLDER), offset).expect("truncates");
            let last = index.last(&disk, Path::new(FOLDER)).expect("reads");
            assert_eq!(last.map_or(0, |entry| entry.position), keep * 4096);
            assert_eq!(index.0.size_bytes(), u64::from(keep) * 8);
            index.0.write(&disk, Path::new(FOLDER)).expect("writes");
            let size = disk.file_size(Path::new("/00000000000000001000.index")).expect("is there");
            assert_eq!(size, u64::from(keep) * 8);
        }
    }

    #[test]
    fn torn_zeroed_and_overlong_files_are_refused() {
        let path = Path::new("/00000000000000001000.index");
        let check = |bytes: &[u8]| {
            let disk = SimDisk::new(1);
            disk.put(path, bytes).expect("puts");
            OffsetIndex::existing(Offset::new(1000)).peek(&disk, Path::new(FOLDER), 5000).expect("reads")
        };
        let good = [0, 0, 0, 10, 0, 0, 0x10, 0];
        assert!(check(&good).is_ok_and(|last| last.is_some()));
        assert_eq!(check(&[]), Ok(None));
        assert_eq!(check(&good[..7]), Err(CorruptIndex));
        assert_eq!(check(&[0; 8]), Err(CorruptIndex));
        assert_eq!(check(&[0, 0, 0, 10, 0, 0, 0x20, 0]), Err(CorruptIndex), "beyond the log");
    }
}
