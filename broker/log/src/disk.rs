//! What the engine asks of a disk: the narrow waist between the file formats and the machine.
//!
//! Every call blocks. [`FsDisk`] is the operating system; [`SimDisk`] is a disk in memory that can lose power.
//! Durability: file bytes are durable after [`DiskFile::sync_data`], names after [`Disk::sync_dir`] of their
//! folder, and nothing else is. A failed sync is never tried again: the kernel may have dropped the pages.

mod fs;
mod sim;

use std::{
    fmt::Debug,
    io::{self, IoSlice},
    path::Path,
};

pub use fs::{FsDisk, FsFile};
pub use sim::{SimDisk, SimFaults, SimFile};

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// For reading; must exist.
    Read,
    /// For reading and writing; must exist.
    Write,
    /// For reading and writing; created empty when missing.
    Create,
    /// For reading and writing; emptied when it exists.
    Replace,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirEntry {
    /// The name, without its folder. Names that are not UTF-8 are never ours and are left out of listings.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// An open file. Positions and lengths are bytes.
pub trait DiskFile: Debug + Send + Sync + 'static {
    /// Reads at `position` until `buf` is full or the file ends; gives the bytes read.
    ///
    /// # Errors
    /// The disk's.
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize>;

    /// Reads what is in memory already; may give fewer bytes than asked for.
    ///
    /// # Errors
    /// `WouldBlock` when nothing at `position` is in memory; else the disk's.
    fn read_at_nowait(&self, buf: &mut [u8], position: u64) -> io::Result<usize>;

    /// Writes all the slices, one after the other, at `position`. After an error any part may be written.
    ///
    /// # Errors
    /// The disk's; `StorageFull` when there is no room.
    fn write_at(&self, slices: &mut [IoSlice<'_>], position: u64) -> io::Result<()>;

    /// Makes all bytes written so far, and the length, durable.
    ///
    /// # Errors
    /// The disk's. Nothing may be assumed of the unsynced bytes then, and a second call proves nothing.
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts, or extends with zeros, to `length`.
    ///
    /// # Errors
    /// The disk's.
    fn truncate(&self, length: u64) -> io::Result<()>;

    /// Asks for room up to `length` without changing the file's size. A hint: refusal is no error.
    fn reserve(&self, length: u64);

    /// The length.
    ///
    /// # Errors
    /// The disk's.
    fn size(&self) -> io::Result<u64>;
}

/// A file system. Cloning gives another handle of the same one.
pub trait Disk: Debug + Clone + Send + Sync + 'static {
    /// Its open files.
    type File: DiskFile;

    /// Opens a file.
    ///
    /// # Errors
    /// `NotFound` when it must exist and does not; else the disk's.
    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<Self::File>;

    /// The length of the file at `path`.
    ///
    /// # Errors
    /// `NotFound`, or the disk's.
    fn file_size(&self, path: &Path) -> io::Result<u64>;

    /// Renames within one folder, replacing what had the new name.
    ///
    /// # Errors
    /// `NotFound`, or the disk's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Unlinks a file.
    ///
    /// # Errors
    /// `NotFound`, or the disk's.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    ///
    /// # Errors
    /// `NotFound`, or the disk's.
    fn remove_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes one folder in an existing one.
    ///
    /// # Errors
    /// `AlreadyExists`, or the disk's.
    fn create_dir(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, in no particular order.
    ///
    /// # Errors
    /// `NotFound`, or the disk's.
    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// The disk's.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Makes everything on the volume that holds `path` durable: one call for thousands of files.
    ///
    /// # Errors
    /// The disk's.
    fn sync_volume(&self, path: &Path) -> io::Result<()>;

    /// Bytes free for us, and bytes in all, of the volume that holds `path`.
    ///
    /// # Errors
    /// The disk's.
    fn space(&self, path: &Path) -> io::Result<Space>;

    /// Creates the file if needed and locks it against other processes until the file is dropped;
    /// `None` when another holds it.
    ///
    /// # Errors
    /// The disk's.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Self::File>>;
}

/// The room of a volume, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Free for an unprivileged process.
    pub free_bytes: u64,
    /// In all.
    pub total_bytes: u64,
}

/// The whole of a small file.
pub(crate) fn read_file<D: Disk>(disk: &D, path: &Path, limit_bytes: u64) -> io::Result<Vec<u8>> {
    let file = disk.open(path, OpenMode::Read)?;
    let size = file.size()?;
    if size > limit_bytes {
        let text = format!("{} has {size} bytes, more than {limit_bytes}", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or(0)];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Replaces a small file so that a crash leaves the old or the new content, never a mixture:
/// writes `<name>.tmp`, syncs it, renames it, and syncs the folder.
pub(crate) fn replace_file<D: Disk>(disk: &D, path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let file = disk.open(&temporary, OpenMode::Replace)?;
    file.write_at(&mut [IoSlice::new(content)], 0)?;
    file.sync_data()?;
    drop(file);
    disk.rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => disk.sync_dir(folder),
        None => Ok(()),
    }
}

/// Unlinks a file that may be gone already.
pub(crate) fn remove_if_present<D: Disk>(disk: &D, path: &Path) -> io::Result<()> {
    match disk.remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
