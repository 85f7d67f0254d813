//! A disk in memory that can lose power, fill up and fail, from one seed.
//!
//! Model: a file's bytes since its last sync are a list of writes. When power is lost each of them is kept,
//! lost, torn to a prefix, or kept with a flipped bit, each on its own, as pages reach a device in any order.
//! A folder's names since its last sync are a list of changes of which a prefix is kept, as a journal does.
//! Synced bytes and names are never touched. Same seed and same calls give the same outcome.

mod state;

use std::{
    io::{self, IoSlice},
    path::Path,
    sync::Arc,
};

use parking_lot::Mutex;

use self::state::{NodeId, State};
use super::{DirEntry, Disk, DiskFile, OpenMode, Space};

/// What goes wrong on a [`SimDisk`], beside power loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimFaults {
    /// A defect to prove that tests notice: file syncs answer well and do nothing.
    pub ignore_sync_data: bool,
    /// A defect to prove that tests notice: folder syncs answer well and do nothing.
    pub ignore_sync_dir: bool,
    /// Power fails at this many further changing calls: that call and all later ones fail.
    pub power_fails_after: Option<u64>,
    /// The n-th next write fails with EIO, half written; then the disk works again.
    pub write_fails_after: Option<u64>,
    /// The n-th next sync of a file fails with EIO, and the unsynced bytes are gone.
    pub sync_fails_after: Option<u64>,
    /// The n-th next read fails with EIO.
    pub read_fails_after: Option<u64>,
    /// Bytes that files may hold in all; more is `StorageFull`.
    pub capacity_bytes: Option<u64>,
    /// Power loss flips no bit in so many first bytes of a write: a batch's base offset and leader epoch lie
    /// outside its checksum, so nobody can notice such flips.
    pub unflipped_bytes: usize,
    /// `read_at_nowait` finds nothing in memory.
    pub cold: bool,
}

/// A handle of a simulated disk.
#[derive(Clone, Debug)]
pub struct SimDisk(Arc<Mutex<State>>);

/// An open file of a [`SimDisk`].
#[derive(Debug)]
pub struct SimFile {
    disk: SimDisk,
    node: NodeId,
    locked: bool,
}

impl SimDisk {
    /// An empty disk whose losses come from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State::new(seed))))
    }

    /// Sets what goes wrong from now on.
    pub fn set_faults(&self, faults: SimFaults) {
        self.0.lock().faults = faults;
    }

    /// Loses power and gets it back: what was not synced is kept, lost, torn or flipped. Open files of
    /// before must not be used after. Faults are cleared except the two defects
    /// and `unflipped_bytes`.
    pub fn crash(&self) {
        self.0.lock().crash();
    }

    /// Ends the process without losing power: nothing is lost, locks are released, faults stay.
    pub fn kill_process(&self) {
        self.0.lock().locks.clear();
    }

    /// Changing calls so far (writes, syncs, truncations, names): the places where power can fail.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.0.lock().changes
    }

    /// A hash of every name and byte as they read now.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.0.lock().fingerprint()
    }

    /// An independent copy as the disk reads now, all of it synced.
    #[must_use]
    pub fn snapshot(&self, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().snapshot(seed))))
    }

    /// Replaces a file's content, synced; for tests that damage files.
    ///
    /// # Errors
    /// `NotFound` when its folder is missing.
    pub fn put(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        let node = state.create(path, true)?;
        state.put(node, content)
    }

    /// A file's content as it reads now.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.0.lock();
        let node = state.find(path)?;
        Ok(state.file(node)?.data.clone())
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.disk.0.lock();
        state.before_read()?;
        let data = &state.file(self.node)?.data;
        let start = usize::try_from(position).unwrap_or(usize::MAX).min(data.len());
        let count = buf.len().min(data.len() - start);
        buf[..count].copy_from_slice(&data[start..start + count]);
        Ok(count)
    }

    fn read_at_nowait(&self, buf: &mut [u8], position: u64) -> io::Result<usize> {
        if self.disk.0.lock().faults.cold {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.read_at(buf, position)
    }

    fn write_at(&self, slices: &mut [IoSlice<'_>], position: u64) -> io::Result<()> {
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        self.disk.0.lock().write(self.node, &bytes, position)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.disk.0.lock().sync_data(self.node)
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.disk.0.lock().truncate(self.node, length)
    }

    fn reserve(&self, _length: u64) {}

    fn size(&self) -> io::Result<u64> {
        let mut state = self.disk.0.lock();
        Ok(state.file(self.node)?.data.len() as u64)
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        if self.locked {
            self.disk.0.lock().locks.remove(&self.node);
        }
    }
}

impl Disk for SimDisk {
    type File = SimFile;

    fn open(&self, path: &Path, mode: OpenMode) -> io::Result<SimFile> {
        let mut state = self.0.lock();
        let node = match mode {
            OpenMode::Read | OpenMode::Write => state.find(path)?,
            OpenMode::Create => state.create(path, false)?,
            OpenMode::Replace => {
                let node = state.create(path, false)?;
                state.truncate(node, 0)?;
                node
            }
        };
        state.file(node)?;
        Ok(SimFile { disk: self.clone(), node, locked: false })
    }

    fn file_size(&self, path: &Path) -> io::Result<u64> {
        let mut state = self.0.lock();
        let node = state.find(path)?;
        Ok(state.file(node)?.data.len() as u64)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.lock().rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.lock().unlink(path, false)
    }

    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        self.0.lock().unlink(path, true)
    }

    fn create_dir(&self, path: &Path) -> io::Result<()> {
        self.0.lock().create_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        self.0.lock().list(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.0.lock().sync_dir(path)
    }

    fn sync_volume(&self, _path: &Path) -> io::Result<()> {
        self.0.lock().sync_volume()
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        let state = self.0.lock();
        let total_bytes = state.faults.capacity_bytes.unwrap_or(u64::MAX);
        Ok(Space { free_bytes: total_bytes.saturating_sub(state.used_bytes()), total_bytes })
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<SimFile>> {
        let mut state = self.0.lock();
        let node = state.create(path, false)?;
        Ok(state.locks.insert(node).then(|| SimFile { disk: self.clone(), node, locked: true }))
    }
}

#[cfg(test)]
mod tests;
