//! One segment: a file of batches, its indexes, and what is remembered of both.
//!
//! Invariant: `size` bytes of the file are whole batches with rising offsets from `base` on; bytes beyond (of a
//! failed write) are never read and are cut before the next write.
//!
//! Files are opened when they are needed. Only the `.log` handle is kept, and [`Segment::close_file`] drops it.

mod build;
mod lookup;

use std::{io, path::Path, sync::Arc};

use broker_records::BatchHeader;
use broker_types::{Offset, Timestamp};
use parking_lot::Mutex;

pub(crate) use build::Trust;
pub(crate) use lookup::{Found, Located};

use crate::{
    disk::{Disk, DiskFile as _, OpenMode},
    index::{AbortedTxn, OffsetEntry, OffsetIndex, TimeEntry, TimeIndex, TxnIndex, sync_index},
    names::{FileKind, file_path},
};

/// The bytes that lookups read at once: a few headers of small batches.
const LOOKUP_BUFFER_BYTES: usize = 1024;

/// Where a segment's files are.
#[derive(Debug)]
pub(crate) struct Home<'a, D> {
    pub(crate) disk: &'a D,
    pub(crate) folder: &'a Path,
}

// Derived ones would ask the disk to be `Copy`.
impl<D> Clone for Home<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Home<'_, D> {}

/// The largest timestamp of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Newest {
    /// To be read from the time index.
    Unknown,
    /// No record has a timestamp.
    None,
    At(TimeEntry),
}

/// One segment of a log.
#[derive(Debug)]
pub(crate) struct Segment<D: Disk> {
    pub(crate) base: Offset,
    /// Bytes of whole batches.
    pub(crate) size: u64,
    /// When it was created, or opened: for rolling segments whose records have no timestamps.
    pub(crate) created: Timestamp,
    pub(crate) offsets: OffsetIndex,
    pub(crate) times: TimeIndex,
    pub(crate) aborted: TxnIndex,
    file: Mutex<Option<Arc<D::File>>>,
    newest: Newest,
    /// The first batch's largest timestamp.
    first_timestamp: Option<Timestamp>,
    bytes_since_entry: u64,
    /// Whether anything was written since the last sync.
    pub(crate) is_dirty: bool,
    /// Whether the folder was synced since the files were created.
    pub(crate) is_named: bool,
}

impl<D: Disk> Segment<D> {
    /// Creates an empty segment's files. Bytes left over under its name are cut away.
    pub(crate) fn create(
        home: Home<'_, D>,
        base: Offset,
        now: Timestamp,
        reserve: Option<u64>,
    ) -> io::Result<Self> {
        let file = home.disk.open(&file_path(home.folder, base, FileKind::Log), OpenMode::Replace)?;
        if let Some(bytes) = reserve {
            file.reserve(bytes);
        }
        for kind in [FileKind::OffsetIndex, FileKind::TimeIndex] {
            home.disk.open(&file_path(home.folder, base, kind), OpenMode::Replace)?;
        }
        Ok(Self {
            offsets: OffsetIndex::created(base),
            times: TimeIndex::created(base),
            aborted: TxnIndex::created(base),
            file: Mutex::new(Some(Arc::new(file))),
            newest: Newest::None,
            is_dirty: true,
            is_named: false,
            ..Self::blank(base, now)
        })
    }

    fn blank(base: Offset, now: Timestamp) -> Self {
        Self {
            base,
            size: 0,
            created: now,
            offsets: OffsetIndex::existing(base),
            times: TimeIndex::existing(base),
            aborted: TxnIndex::existing(base, true),
            file: Mutex::new(None),
            newest: Newest::Unknown,
            first_timestamp: None,
            bytes_since_entry: 0,
            is_dirty: false,
            is_named: true,
        }
    }

    /// A segment whose files exist; reads nothing but the log's length.
    pub(crate) fn existing(
        home: Home<'_, D>,
        base: Offset,
        has_txn_index: bool,
        now: Timestamp,
    ) -> io::Result<Self> {
        let size = home.disk.file_size(&file_path(home.folder, base, FileKind::Log))?;
        let aborted = TxnIndex::existing(base, has_txn_index);
        Ok(Self { size, aborted, ..Self::blank(base, now) })
    }

    /// The open `.log`.
    pub(crate) fn file(&self, home: Home<'_, D>) -> io::Result<Arc<D::File>> {
        let mut slot = self.file.lock();
        if let Some(file) = &*slot {
            return Ok(Arc::clone(file));
        }
        let file =
            Arc::new(home.disk.open(&file_path(home.folder, self.base, FileKind::Log), OpenMode::Write)?);
        *slot = Some(Arc::clone(&file));
        Ok(file)
    }

    pub(crate) fn has_open_file(&self) -> bool {
        self.file.lock().is_some()
    }

    /// Lets go of the `.log`; readers with a plan keep theirs.
    pub(crate) fn close_file(&self) {
        *self.file.lock() = None;
    }

    /// Whether an offset can stand in this segment's indexes.
    pub(crate) fn can_hold(&self, last: Offset) -> bool {
        last >= self.base && last.since(self.base) <= i64::from(i32::MAX)
    }

    /// Notes a batch that was written at the segment's end; its header has the offsets of the log.
    pub(crate) fn appended(
        &mut self,
        home: Home<'_, D>,
        header: &BatchHeader,
        interval: u32,
    ) -> io::Result<()> {
        let last = header.last_offset();
        if self.size == 0 {
            self.first_timestamp = header.max_time();
        }
        let newest = self.newest(home)?;
        if let Some(timestamp) = header.max_time()
            && newest.is_none_or(|newest| timestamp > newest.timestamp)
        {
            self.newest = Newest::At(TimeEntry { timestamp, offset: last });
        }
        if self.bytes_since_entry > u64::from(interval) {
            let position = u32::try_from(self.size).unwrap_or(u32::MAX);
            self.offsets.push(home.disk, home.folder, OffsetEntry { offset: last, position });
            self.push_newest(home)?;
            self.bytes_since_entry = 0;
        }
        let size = header.size_bytes() as u64;
        self.bytes_since_entry += size;
        self.size += size;
        self.is_dirty = true;
        Ok(())
    }

    fn push_newest(&mut self, home: Home<'_, D>) -> io::Result<()> {
        match self.newest {
            Newest::At(entry) => self.times.push(home.disk, home.folder, entry),
            Newest::Unknown | Newest::None => Ok(()),
        }
    }

    /// The largest timestamp and the last offset of its batch.
    pub(crate) fn newest(&mut self, home: Home<'_, D>) -> io::Result<Option<TimeEntry>> {
        if self.newest == Newest::Unknown {
            self.newest = self.read_newest(home)?.map_or(Newest::None, Newest::At);
        }
        match self.newest {
            Newest::At(entry) => Ok(Some(entry)),
            Newest::Unknown | Newest::None => Ok(None),
        }
    }

    fn read_newest(&self, home: Home<'_, D>) -> io::Result<Option<TimeEntry>> {
        self.times.last(home.disk, home.folder)
    }

    /// Whether the indexes have no room for another entry of at most `bytes_max`.
    pub(crate) fn index_is_full(&self, bytes_max: u32) -> bool {
        let full = |size: u64, entry: u64| size + entry > u64::from(bytes_max);
        full(self.offsets.0.size_bytes(), 8) || full(self.times.0.size_bytes(), 12)
    }

    /// How long the segment has been filling, by the records' clock where they have one.
    pub(crate) fn age(&self, now: Timestamp, batch: Option<Timestamp>) -> std::time::Duration {
        match (self.first_timestamp, batch) {
            (Some(first), Some(batch)) => batch.since(first),
            _ => now.since(self.created),
        }
    }

    /// Learns the first batch's timestamp of a segment that was opened with records in it.
    pub(crate) fn learn_first_timestamp(&mut self, home: Home<'_, D>) -> io::Result<()> {
        if self.size > 0 && self.first_timestamp.is_none() {
            self.first_timestamp = self.first_header(home)?.and_then(|header| header.max_time());
        }
        Ok(())
    }

    /// The largest timestamp of the first batch.
    pub(crate) fn first_time(&mut self, home: Home<'_, D>) -> io::Result<Option<Timestamp>> {
        self.learn_first_timestamp(home)?;
        Ok(self.first_timestamp)
    }

    /// Adds an aborted transaction whose marker lies in this segment.
    pub(crate) fn push_aborted(&mut self, home: Home<'_, D>, txn: AbortedTxn) {
        // The first entry makes the file.
        self.is_named &= self.aborted.0.size_bytes() > 0;
        self.aborted.push(home.disk, home.folder, txn);
    }

    /// Writes the indexes out, with the largest timestamp as the time index's last entry. Nothing is synced.
    pub(crate) fn write_indexes(&mut self, home: Home<'_, D>) -> io::Result<()> {
        self.push_newest(home)?;
        self.offsets.0.write(home.disk, home.folder)?;
        self.times.0.write(home.disk, home.folder)?;
        self.aborted.0.write(home.disk, home.folder)
    }

    /// Cuts the file to the batches it should have.
    pub(crate) fn cut_to_size(&self, home: Home<'_, D>) -> io::Result<()> {
        self.file(home)?.truncate(self.size)
    }

    /// Renames the files to `.deleted`; gives their paths.
    pub(crate) fn mark_deleted(&self, home: Home<'_, D>) -> io::Result<Vec<std::path::PathBuf>> {
        let mut marked = Vec::new();
        for kind in FileKind::SEGMENT {
            marked.extend(mark_deleted(home, self.base, kind)?);
        }
        Ok(marked)
    }
}

/// Renames one file to `.deleted`; `None` when it does not exist.
pub(crate) fn mark_deleted<D: Disk>(
    home: Home<'_, D>,
    base: Offset,
    kind: FileKind,
) -> io::Result<Option<std::path::PathBuf>> {
    let path = file_path(home.folder, base, kind);
    let mut marked = path.clone().into_os_string();
    marked.push(crate::names::DELETED);
    match home.disk.rename(&path, Path::new(&marked)) {
        Ok(()) => Ok(Some(marked.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Syncs a segment's files: batches first, since indexes can be rebuilt from them.
pub(crate) fn sync_segment<D: Disk>(disk: &D, folder: &Path, file: &D::File, base: Offset) -> io::Result<()> {
    file.sync_data()?;
    sync_index(disk, folder, base, FileKind::OffsetIndex)?;
    sync_index(disk, folder, base, FileKind::TimeIndex)?;
    sync_index(disk, folder, base, FileKind::TxnIndex)
}
