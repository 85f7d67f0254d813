//! A log that is copied into another directory, beside the one in use (KIP-113).
//!
//! ```text
//! <topic>-<p>.<unique>-future ─► copied into ─► Log::promote ─► <topic>-<p>
//! ```
//! Until it is promoted it is nobody's log: what a crash leaves is copied on, or put aside, as its owner decides.

use broker_types::TopicPartition;

use crate::{
    disk::Disk,
    log::Log,
    names::{NAME_LENGTH_MAX, future_folder_name},
    storage_error::StorageError,
};

/// Whether the folder of a copy of this partition can have a name: the longest topics cannot be moved.
#[must_use]
pub fn is_movable(topic_partition: &TopicPartition) -> bool {
    future_folder_name(topic_partition, 0).len() <= NAME_LENGTH_MAX
}

impl<D: Disk> Log<D> {
    /// Makes a copy the partition's log in its directory: its folder gets the partition's name.
    ///
    /// Durability point: the folder above is synced, so the name stays. What is in the log is as durable as it was.
    ///
    /// # Errors
    /// The disk's; the log is then as it was, or renamed and not synced.
    pub fn promote(&mut self) -> Result<(), StorageError> {
        let folder = self.folder.with_file_name(self.topic_partition.to_string());
        self.close_files();
        self.disk.rename(&self.folder, &folder).map_err(StorageError::at("rename", &self.folder))?;
        self.doomed.iter_mut().for_each(|doomed| doomed.moved_to(&folder));
        self.folder = folder;
        match self.folder.parent() {
            Some(directory) => self.disk.sync_dir(directory).map_err(StorageError::at("sync", directory)),
            None => Ok(()),
        }
    }
}
