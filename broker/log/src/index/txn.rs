//! `.txnindex`: `version i16 = 0 | producer id i64 | first offset i64 | last offset i64 | last stable offset i64`,
//! one entry for each aborted transaction whose marker lies in the segment, in the order of the markers. The
//! file exists only where there are any.

use std::{io, path::Path};

use broker_types::{Offset, ProducerId};

use super::{CorruptIndex, Entries, field};
use crate::{disk::Disk, names::FileKind};

const ENTRY_BYTES: usize = 34;
const VERSION: i16 = 0;

/// A transaction that was aborted; readers of committed data skip its producer's records in this range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbortedTxn {
    /// Whose transaction.
    pub producer_id: ProducerId,
    /// Its first record.
    pub first_offset: Offset,
    /// The abort marker.
    pub last_offset: Offset,
    /// The last stable offset just after the marker: later ranges need not look at earlier entries.
    pub last_stable_offset: Offset,
}

impl AbortedTxn {
    pub(crate) fn encode(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..2].copy_from_slice(&VERSION.to_be_bytes());
        let fields = [self.producer_id.get(), self.first_offset.get(), self.last_offset.get()];
        for (slot, value) in
            bytes[2..].chunks_exact_mut(8).zip(fields.into_iter().chain([self.last_stable_offset.get()]))
        {
            slot.copy_from_slice(&value.to_be_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8; ENTRY_BYTES]) -> Result<Self, CorruptIndex> {
        if i16::from_be_bytes(field::<0, 2, ENTRY_BYTES>(bytes)) != VERSION {
            return Err(CorruptIndex);
        }
        let offset = |raw| Offset::from_wire(i64::from_be_bytes(raw)).ok_or(CorruptIndex);
        let entry = Self {
            producer_id: ProducerId::from_wire(i64::from_be_bytes(field::<2, 8, ENTRY_BYTES>(bytes)))
                .ok_or(CorruptIndex)?,
            first_offset: offset(field::<10, 8, ENTRY_BYTES>(bytes))?,
            last_offset: offset(field::<18, 8, ENTRY_BYTES>(bytes))?,
            last_stable_offset: offset(field::<26, 8, ENTRY_BYTES>(bytes))?,
        };
        if entry.first_offset > entry.last_offset { Err(CorruptIndex) } else { Ok(entry) }
    }
}

/// The index of aborted transactions of one segment.
#[derive(Debug)]
pub(crate) struct TxnIndex(pub(crate) Entries<ENTRY_BYTES>);

impl TxnIndex {
    pub(crate) const fn created(base: Offset) -> Self {
        Self(Entries::created(base, FileKind::TxnIndex))
    }

    /// `present` from the folder's listing: most segments have no such file, and are never asked again.
    pub(crate) const fn existing(base: Offset, present: bool) -> Self {
        if present { Self(Entries::existing(base, FileKind::TxnIndex)) } else { Self::created(base) }
    }

    pub(crate) fn push<D: Disk>(&mut self, disk: &D, folder: &Path, entry: AbortedTxn) {
        self.0.push(disk, folder, entry.encode());
    }

    /// All entries; those that do not decode end the list.
    pub(crate) fn all<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Vec<AbortedTxn>> {
        let entries = self.0.all(disk, folder)?;
        Ok(entries.iter().map_while(|entry| AbortedTxn::decode(entry).ok()).collect())
    }

    /// Forgets transactions whose marker lies at or beyond `offset`.
    pub(crate) fn truncate_to<D: Disk>(&mut self, disk: &D, folder: &Path, offset: Offset) -> io::Result<()> {
        self.0.truncate_to(disk, folder, |entry| {
            AbortedTxn::decode(entry).is_ok_and(|txn| txn.last_offset < offset)
        })
    }

    /// The check of an index whose segment's data is trusted: whole entries, all decode, markers within the segment,
    /// which ends at `end`.
    pub(crate) fn check<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        end: Offset,
    ) -> io::Result<Result<(), CorruptIndex>> {
        if !self.0.length_is_sane(disk, folder)? {
            return Ok(Err(CorruptIndex));
        }
        let base = self.0.base();
        let good = |entry: &[u8; ENTRY_BYTES]| {
            AbortedTxn::decode(entry).is_ok_and(|txn| (base..end).contains(&txn.last_offset))
        };
        Ok(if self.0.all(disk, folder)?.iter().all(good) { Ok(()) } else { Err(CorruptIndex) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::SimDisk;

    fn aborted(first: i64, last: i64) -> AbortedTxn {
        AbortedTxn {
            producer_id: ProducerId::new(9),
            first_offset: Offset::new(first),
            last_offset: Offset::new(last),
            last_stable_offset: Offset::new(last + 1),
        }
    }

    #[test]
    fn entries_read_back_and_truncate_by_their_marker() {
        let (disk, folder) = (SimDisk::new(1), Path::new("/"));
        let mut index = TxnIndex::created(Offset::ZERO);
        index.push(&disk, folder, aborted(1, 4));
        index.push(&disk, folder, aborted(2, 8));
        index.0.write(&disk, folder).expect("writes");
        assert_eq!(disk.file_size(Path::new("/00000000000000000000.txnindex")).expect("is there"), 68);
        assert_eq!(index.all(&disk, folder).expect("reads"), [aborted(1, 4), aborted(2, 8)]);
        index.truncate_to(&disk, folder, Offset::new(8)).expect("truncates");
        assert_eq!(index.all(&disk, folder).expect("reads"), [aborted(1, 4)]);
    }

    #[test]
    fn damage_is_refused() {
        let check = |bytes: &[u8]| {
            let disk = SimDisk::new(1);
            disk.put(Path::new("/00000000000000000003.txnindex"), bytes).expect("puts");
            TxnIndex::existing(Offset::new(3), true)
                .check(&disk, Path::new("/"), Offset::new(5))
                .expect("reads")
        };
        let good = aborted(1, 4).encode();
        assert_eq!(check(&good), Ok(()));
        assert_eq!(check(&good[..33]), Err(CorruptIndex));
        assert_eq!(check(&aborted(1, 2).encode()), Err(CorruptIndex), "before the segment");
        assert_eq!(check(&aborted(1, 5).encode()), Err(CorruptIndex), "after it");
        let mut version = good;
        version[1] = 1;
        assert_eq!(check(&version), Err(CorruptIndex));
        assert_eq!(check(&[0xff; 34]), Err(CorruptIndex));
    }
}
