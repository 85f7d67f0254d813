//! Files that were taken out of a log and wait for their removal.
//!
//! They are renamed to `.deleted` at once, and unlinked after `file.delete.delay.ms`, without the log's lock. A
//! start removes what a crash left.

use std::path::{Path, PathBuf};

use broker_types::Timestamp;

use crate::{
    disk::{Disk, remove_if_present},
    log::Log,
    names::{FolderEnding, folder_name_with_ending},
    storage_error::StorageError,
};

/// Files renamed to `.deleted`, and when.
#[derive(Debug)]
pub(crate) struct Doomed {
    paths: Vec<PathBuf>,
    since: Timestamp,
}

impl Doomed {
    pub(crate) const fn new(paths: Vec<PathBuf>, since: Timestamp) -> Self {
        Self { paths, since }
    }

    /// Their folder has this path now.
    pub(crate) fn moved_to(&mut self, folder: &Path) {
        for path in &mut self.paths {
            if let Some(name) = path.file_name() {
                *path = folder.join(name);
            }
        }
    }
}

/// Files to unlink, or a folder to remove with all in it; to be run without a lock.
#[derive(Debug)]
pub struct DeleteJob<D: Disk> {
    disk: D,
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl<D: Disk> DeleteJob<D> {
    /// Removes a folder that is out of use, and what is in it.
    pub(crate) const fn of_folder(disk: D, folder: PathBuf) -> Self {
        Self { disk, files: Vec::new(), folder: Some(folder) }
    }

    /// Unlinks the files. What is gone already is fine.
    ///
    /// # Errors
    /// The disk's; what is left is removed at the next start.
    pub fn run(self) -> Result<(), StorageError> {
        for file in &self.files {
            remove_if_present(&self.disk, file).map_err(StorageError::at("delete", file))?;
        }
        let Some(folder) = &self.folder else { return Ok(()) };
        for entry in self.disk.list(folder).map_err(StorageError::at("list", folder))? {
            let path = folder.join(&entry.name);
            remove_if_present(&self.disk, &path).map_err(StorageError::at("delete", &path))?;
        }
        self.disk.remove_dir(folder).map_err(StorageError::at("delete", folder))
    }
}

impl<D: Disk> Log<D> {
    /// The files that have waited `file.delete.delay.ms`; `None` when there are none.
    pub fn take_due_deletes(&mut self, now: Timestamp) -> Option<DeleteJob<D>> {
        let delay = self.config.file_delete_delay;
        let due = self.doomed.iter().take_while(|doomed| now.since(doomed.since) >= delay).count();
        if due == 0 {
            return None;
        }
        let files = self.doomed.drain(..due).flat_map(|doomed| doomed.paths).collect();
        Some(DeleteJob { disk: self.disk.clone(), files, folder: None })
    }

    /// Takes the whole log out of use: its folder is renamed to `<topic>-<partition>.<unique>-delete`. The
    /// job removes it; run it after `file.delete.delay.ms`, or let the next start do so. `unique` is a random
    /// number of the caller's.
    ///
    /// Durability point: the folder above is synced, so the log does not come back.
    ///
    /// # Errors
    /// The disk's; the log is then unchanged, or renamed and not synced.
    pub fn delete(self, unique: u128) -> Result<DeleteJob<D>, StorageError> {
        self.put_aside(unique, FolderEnding::Delete)
    }

    /// As [`Log::delete`], with the ending `-stray`: a partition that the cluster does not know. Nothing removes
    /// it but the job.
    ///
    /// # Errors
    /// As [`Log::delete`].
    pub fn set_stray(self, unique: u128) -> Result<DeleteJob<D>, StorageError> {
        self.put_aside(unique, FolderEnding::Stray)
    }

    fn put_aside(mut self, unique: u128, ending: FolderEnding) -> Result<DeleteJob<D>, StorageError> {
        self.give_up_cleaning();
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.forget_cleaned(&self.topic_partition);
        }
        self.close_files();
        let aside =
            self.folder.with_file_name(folder_name_with_ending(&self.topic_partition, unique, ending));
        self.disk.rename(&self.folder, &aside).map_err(StorageError::at("rename", &self.folder))?;
        if let Some(directory) = aside.parent() {
            self.disk.sync_dir(directory).map_err(StorageError::at("sync", directory))?;
        }
        Ok(DeleteJob::of_folder(self.disk, aside))
    }
}
