//! A segment's index files: fixed-size entries, appended in order, searched by halving.
//!
//! [`Entries`] is what the three share. Entries are kept encoded; the newest wait in memory and are written in
//! blocks, so an active segment costs a kilobyte and no open file. The files are exactly as long as their
//! entries (Apache Kafka maps and preallocates them, and opens exact ones as well). Looking something up in
//! what was written opens the file for the time of the search.
//!
//! Durability point: an index is written out when its segment is rolled, flushed or closed, and is synced before
//! the recovery point passes its segment. What a crash leaves of the active segment's index is never trusted.

mod offset;
mod time;
mod txn;

use std::{
    io::{self, IoSlice},
    path::Path,
};

use broker_types::Offset;

pub(crate) use offset::{OffsetEntry, OffsetIndex};
pub(crate) use time::{TimeEntry, TimeIndex};
pub use txn::AbortedTxn;
pub(crate) use txn::TxnIndex;

use crate::{
    disk::{Disk, DiskFile as _, OpenMode, remove_if_present},
    names::{FileKind, file_path},
};

/// Entries that wait in memory before they are written in one block.
const TAIL_ENTRIES_MAX: usize = 64;

/// The entries of one index file, `N` bytes each.
#[derive(Debug)]
pub(crate) struct Entries<const N: usize> {
    base: Offset,
    kind: FileKind,
    /// Entries in the file. `None`: not asked yet; only files that are no longer written.
    stored: Option<u32>,
    tail: Vec<[u8; N]>,
}

/// An index file's length is not a multiple of its entries, or an entry contradicts its neighbours or the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the index contradicts its segment")]
pub(crate) struct CorruptIndex;

impl<const N: usize> Entries<N> {
    /// The index of a segment that is created now.
    pub(crate) const fn created(base: Offset, kind: FileKind) -> Self {
        Self { base, kind, stored: Some(0), tail: Vec::new() }
    }

    /// The index of a segment that exists; the file is looked at when it is needed.
    pub(crate) const fn existing(base: Offset, kind: FileKind) -> Self {
        Self { base, kind, stored: None, tail: Vec::new() }
    }

    pub(crate) const fn base(&self) -> Offset {
        self.base
    }

    /// Entries in the file; a missing file has none. A torn entry at the end does not count.
    fn stored<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<u32> {
        if let Some(stored) = self.stored {
            return Ok(stored);
        }
        match disk.file_size(&file_path(folder, self.base, self.kind)) {
            Ok(size) => Ok(u32::try_from(size / N as u64).unwrap_or(u32::MAX)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Learns the number of entries, so that [`Entries::push`] knows where it stands.
    pub(crate) fn load<D: Disk>(&mut self, disk: &D, folder: &Path) -> io::Result<()> {
        self.stored = Some(self.stored(disk, folder)?);
        Ok(())
    }

    /// Whether the file's length is a whole number of entries.
    pub(crate) fn length_is_sane<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<bool> {
        match disk.file_size(&file_path(folder, self.base, self.kind)) {
            Ok(size) => Ok(size % N as u64 == 0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Bytes of all entries. Exact after [`Entries::load`].
    pub(crate) fn size_bytes(&self) -> u64 {
        (u64::from(self.stored.unwrap_or(0)) + self.tail.len() as u64) * N as u64
    }

    /// Adds an entry; writes a block when enough wait. A block that cannot be written waits on in memory: the
    /// next one takes it along, and roll, flush and close report the disk's error.
    pub(crate) fn push<D: Disk>(&mut self, disk: &D, folder: &Path, entry: [u8; N]) {
        self.tail.push(entry);
        if self.tail.len() >= TAIL_ENTRIES_MAX {
            let _ = self.write(disk, folder);
        }
    }

    /// Writes out what waits in memory.
    pub(crate) fn write<D: Disk>(&mut self, disk: &D, folder: &Path) -> io::Result<()> {
        let stored = self.stored(disk, folder)?;
        if self.tail.is_empty() {
            return Ok(());
        }
        let file = disk.open(&file_path(folder, self.base, self.kind), OpenMode::Create)?;
        file.write_at(&mut [IoSlice::new(self.tail.as_flattened())], u64::from(stored) * N as u64)?;
        self.stored = Some(stored.saturating_add(u32::try_from(self.tail.len()).unwrap_or(0)));
        self.tail = Vec::new();
        Ok(())
    }

    /// Creates the file when it is missing; Apache Kafka rebuilds a segment without an offset index.
    pub(crate) fn create<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<()> {
        disk.open(&file_path(folder, self.base, self.kind), OpenMode::Create).map(drop)
    }

    /// Empties the index: its segment is being read anew.
    pub(crate) fn reset<D: Disk>(&mut self, disk: &D, folder: &Path) -> io::Result<()> {
        self.truncate(disk, folder, 0)
    }

    /// Keeps the first `count` entries.
    fn truncate<D: Disk>(&mut self, disk: &D, folder: &Path, count: u32) -> io::Result<()> {
        let path = file_path(folder, self.base, self.kind);
        let stored = self.stored(disk, folder)?;
        if count > stored {
            self.tail.truncate((count - stored) as usize);
            return Ok(());
        }
        self.tail.clear();
        let exact = u64::from(count) * N as u64;
        match disk.open(&path, OpenMode::Write) {
            Ok(file) if file.size()? != exact => file.truncate(exact)?,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        self.stored = Some(count);
        Ok(())
    }

    /// Keeps the entries before the first for which `keep` does not hold.
    pub(crate) fn truncate_to<D: Disk>(
        &mut self,
        disk: &D,
        folder: &Path,
        keep: impl Fn(&[u8; N]) -> bool,
    ) -> io::Result<()> {
        let count = self.search(disk, folder, keep)?.0;
        self.truncate(disk, folder, count)
    }

    /// Removes the file.
    pub(crate) fn remove<D: Disk>(&mut self, disk: &D, folder: &Path) -> io::Result<()> {
        self.tail.clear();
        self.stored = Some(0);
        remove_if_present(disk, &file_path(folder, self.base, self.kind))
    }

    /// How many entries from the start satisfy `holds` (which must hold for a prefix), and the last that does.
    pub(crate) fn search<D: Disk>(
        &self,
        disk: &D,
        folder: &Path,
        holds: impl Fn(&[u8; N]) -> bool,
    ) -> io::Result<(u32, Option<[u8; N]>)> {
        let in_tail = self.tail.partition_point(&holds);
        if let Some(last) = in_tail.checked_sub(1) {
            let count = self.stored(disk, folder)?.saturating_add(u32::try_from(in_tail).unwrap_or(0));
            return Ok((count, Some(self.tail[last])));
        }
        let (mut low, mut high) = (0, self.stored(disk, folder)?);
        if high == 0 {
            return Ok((0, None));
        }
        let file = disk.open(&file_path(folder, self.base, self.kind), OpenMode::Read)?;
        let mut last = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let mut entry = [0; N];
            if file.read_at(&mut entry, u64::from(middle) * N as u64)? < N {
                high = middle;
            } else if holds(&entry) {
                last = Some(entry);
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok((low, last))
    }

    /// The entry of this number, counted from the start.
    pub(crate) fn nth<D: Disk>(&self, disk: &D, folder: &Path, at: u32) -> io::Result<Option<[u8; N]>> {
        let stored = self.stored(disk, folder)?;
        match at.checked_sub(stored) {
            Some(in_tail) => Ok(self.tail.get(usize::try_from(in_tail).unwrap_or(usize::MAX)).copied()),
            None => self.read_stored(disk, folder, Some(at)),
        }
    }

    pub(crate) fn last<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Option<[u8; N]>> {
        if let Some(last) = self.tail.last() {
            return Ok(Some(*last));
        }
        self.read_stored(disk, folder, self.stored(disk, folder)?.checked_sub(1))
    }

    fn read_stored<D: Disk>(&self, disk: &D, folder: &Path, at: Option<u32>) -> io::Result<Option<[u8; N]>> {
        let Some(at) = at else { return Ok(None) };
        let file = disk.open(&file_path(folder, self.base, self.kind), OpenMode::Read)?;
        let mut entry = [0; N];
        let read = file.read_at(&mut entry, u64::from(at) * N as u64)?;
        Ok((read == N).then_some(entry))
    }

    /// All entries in order; only for the small index of aborted transactions.
    pub(crate) fn all<D: Disk>(&self, disk: &D, folder: &Path) -> io::Result<Vec<[u8; N]>> {
        let stored = self.stored(disk, folder)?;
        let mut entries = vec![[0; N]; stored as usize];
        if stored > 0 {
            let file = disk.open(&file_path(folder, self.base, self.kind), OpenMode::Read)?;
            let read = file.read_at(entries.as_flattened_mut(), 0)?;
            entries.truncate(read / N);
        }
        entries.extend_from_slice(&self.tail);
        Ok(entries)
    }
}

/// Syncs an index file that may not exist.
pub(crate) fn sync_index<D: Disk>(disk: &D, folder: &Path, base: Offset, kind: FileKind) -> io::Result<()> {
    match disk.open(&file_path(folder, base, kind), OpenMode::Write) {
        Ok(file) => file.sync_data(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// `N` bytes of an entry from `AT` on.
fn field<const AT: usize, const N: usize, const SIZE: usize>(entry: &[u8; SIZE]) -> [u8; N] {
    std::array::from_fn(|i| entry[AT + i])
}
