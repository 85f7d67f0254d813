//! The operating system's files.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IoSlice, IoSliceMut},
    os::{fd::AsFd, unix::fs::FileExt as _},
    path::Path,
};

use rustix::{
    fs::{FallocateFlags, FlockOperation},
    io::{Errno, ReadWriteFlags},
};

use super::{DirEntry, Disk, DiskFile, OpenMode, Space};

/// The file systems of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct FsDisk;

/// A file of the operating system.
#[derive(Debug)]
pub struct FsFile(File);

impl FsFile {
    /// Sends up to `bytes` bytes from `position` on to a socket, from the page cache and without a copy in between; gives
    /// the bytes sent, 0 at the file's end.
    ///
    /// # Errors
    /// `WouldBlock` when the socket takes no more; else the socket's or the disk's.
    pub fn send_to(&self, socket: impl AsFd, position: u64, bytes: usize) -> io::Result<usize> {
        let mut from = position;
        loop {
            match rustix::fs::sendfile(&socket, &self.0, Some(&mut from), bytes) {
                Err(Errno::INTR) => {}
                other => return Ok(other?),
            }
        }
    }
}

impl DiskFile for FsFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buf.len() {
            match self.0.read_at(&mut buf[done..], position + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn read_at_nowait(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let result =
            rustix::io::preadv2(&self.0, &mut [IoSliceMut::new(buf)], position, ReadWriteFlags::NOWAIT);
        match result {
            // A file system without the flag: to the caller the page is as good as cold.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR) => Err(io::ErrorKind::WouldBlock.into()),
            other => Ok(other?),
        }
    }

    fn write_at(&self, mut slices: &mut [IoSlice<'_>], mut position: u64) -> io::Result<()> {
        IoSlice::advance_slices(&mut slices, 0);
        while !slices.is_empty() {
            match rustix::io::pwritev(&self.0, slices, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    position += written as u64;
                    IoSlice::advance_slices(&mut slices, written);
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn reserve(&self, length: u64) {
        // Only a hint, so a file system that cannot is as good as one that did.
        let _ = rustix::fs::fallocate(&self.0, FallocateFlags::KEEP_SIZE, 0, length);
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }
}

impl Disk for FsDisk {
    type File = FsFile;

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<FsFile> {
        let mut options = OpenOptions::new();
        options.read(true).write(mode != OpenMode::Read);
        options.create(matches!(mode, OpenMode::Create | OpenMode::Replace));
        options.truncate(mode == OpenMode::Replace);
        Ok(FsFile(options.open(path)?))
    }

    fn file_size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                entries.push(DirEntry { name, is_dir: entry.file_type()?.is_dir() });
            }
        }
        Ok(entries)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_volume(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::syncfs(File::open(path)?)?)
    }

    fn space(&self, path: &Path) -> io::Result<Space> {
        let volume = rustix::fs::statvfs(path)?;
        Ok(Space {
            free_bytes: volume.f_bavail.saturating_mul(volume.f_frsize),
            total_bytes: volume.f_blocks.saturating_mul(volume.f_frsize),
        })
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<FsFile>> {
        let file = self.open(path, OpenMode::Create)?;
        match rustix::fs::flock(&file.0, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        // Java's FileChannel.tryLock takes a record lock, which flock does not see: an Apache broker and
        // this one meet only on the same kind of lock.
        match rustix::fs::fcntl_lock(&file.0, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(Errno::AGAIN | Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectored_writes_land_whole_and_reads_stop_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("f");
        let file = FsDisk.open(&path, OpenMode::Create).expect("opens");
        let mut slices = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        file.write_at(&mut slices, 3).expect("writes");
        file.sync_data().expect("syncs");
        let mut buf = [9; 16];
        assert_eq!(file.read_at(&mut buf, 2).expect("reads"), 6);
        assert_eq!(&buf[..6], b"\0abcde");
        assert_eq!(FsDisk.file_size(&path).expect("stats"), 8);
    }

    #[test]
    fn a_lock_keeps_a_second_holder_out_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".lock");
        let first = FsDisk.try_lock(&path).expect("locks");
        assert!(first.is_some());
        assert!(FsDisk.try_lock(&path).expect("tries").is_none());
        drop(first);
        assert!(FsDisk.try_lock(&path).expect("locks").is_some());
    }
}
