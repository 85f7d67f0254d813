//! The files of `__cluster_metadata-0`: the log, `quorum-state`, snapshots.
//!
//! Durability points: [`MetadataDisk::flush`] for the log; the write of a state or a snapshot is durable when it
//! returns. A failure here is fatal for the node: without its metadata it knows nothing.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use broker_log::{AppendError, Log, LogConfig, LogDirectory, METADATA_TOPIC, ReadError, StorageError};
use broker_raft::QuorumState;
use broker_types::{Offset, PartitionId, Timestamp, TopicName, TopicPartition};
use bytes::Bytes;

use super::{
    contents::Unreadable,
    state_file::{self, InvalidStateFile},
    wire,
};

/// The quorum's only partition.
pub(crate) const METADATA_PARTITION: PartitionId = PartitionId::new(0);

/// A fault that ends the node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuorumDiskError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error("the metadata log could not be written: {0}")]
    Append(#[from] AppendError),
    #[error("the metadata log could not be read: {0}")]
    Read(#[from] ReadError),
    #[error("{action} {}: {source}", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{}: {reason}", path.display())]
    State { path: PathBuf, reason: InvalidStateFile },
    #[error("a snapshot could not be written: {0}")]
    Snapshot(#[from] broker_raft::SnapshotTooLarge),
    #[error("a metadata record could not be written: {0}")]
    Record(#[from] broker_protocol::wire::EncodeError),
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("the snapshot {name} that the leader sent cannot be used: {reason}")]
    Received { name: String, reason: String },
}

/// The open files.
#[derive(Debug)]
pub(crate) struct MetadataDisk {
    pub(super) log: Log,
    pub(super) folder: PathBuf,
    directory: Arc<LogDirectory>,
}

fn metadata_partition() -> TopicPartition {
    TopicPartition::new(TopicName::new(METADATA_TOPIC), METADATA_PARTITION)
}

/// The metadata log's own settings: nothing is deleted by age or size, snapshots decide.
fn log_config(segment_bytes: u32) -> LogConfig {
    LogConfig { segment_bytes, retention_age: None, retention_bytes: None, ..LogConfig::default() }
}

pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> QuorumDiskError {
    let path = path.to_owned();
    move |source| QuorumDiskError::File { action, path, source }
}

impl MetadataDisk {
    /// Opens the log, or creates it.
    pub(crate) fn open(
        directory: Arc<LogDirectory>,
        segment_bytes: u32,
        now: Timestamp,
    ) -> Result<Self, QuorumDiskError> {
        let partition = metadata_partition();
        let folder = directory.path().join(partition.to_string());
        let config = log_config(segment_bytes);
        let has_segments = fs::read_dir(&folder)
            .map(|entries| {
                entries.flatten().any(|entry| entry.file_name().to_string_lossy().ends_with(".log"))
            })
            .unwrap_or(false);
        let log = if has_segments {
            directory.open_log(partition, config, now)?.0
        } else {
            // A formatted directory has the folder with a snapshot in it and no segment yet.
            adopt_folder(&directory, &folder, config, now)?
        };
        Ok(Self { log, folder, directory })
    }

    /// Appends whole batches that carry their offsets.
    pub(crate) fn append(&mut self, batches: &[u8], now: Timestamp) -> Result<(), QuorumDiskError> {
        self.log.append_as_follower(batches, now)?;
        Ok(())
    }

    /// Reads whole batches from `from` on, before `upto`: one at least, more while they fit `max_bytes`.
    pub(crate) fn read(&self, from: Offset, upto: Offset, max_bytes: u32) -> Result<Bytes, QuorumDiskError> {
        let slice = self.log.read(from.max(self.start()), max_bytes, upto, true)?;
        slice.read_to_vec().map(Bytes::from).map_err(at("read", self.log.folder()))
    }

    /// Cuts the log, durably.
    pub(crate) fn truncate(&mut self, to: Offset, now: Timestamp) -> Result<(), QuorumDiskError> {
        self.log.truncate_to(to, now)?;
        Ok(())
    }

    /// Makes everything that was appended durable.
    pub(crate) fn flush(&mut self, now: Timestamp) -> Result<(), QuorumDiskError> {
        self.log.flush(self.log.end_offset(), now)?;
        Ok(())
    }

    /// Where the log ends.
    pub(crate) fn end(&self) -> Offset {
        self.log.end_offset()
    }

    /// Where the log starts.
    pub(crate) fn start(&self) -> Offset {
        self.log.start_offset()
    }

    /// Notes that everything before `upto` is committed.
    pub(crate) fn committed(&mut self, upto: Offset) {
        self.log.set_high_watermark(upto);
    }

    /// Makes a vote or a lead durable.
    pub(crate) fn write_state(&self, state: &QuorumState) -> Result<(), QuorumDiskError> {
        let path = self.folder.join(state_file::FILE_NAME);
        let bytes = state_file::encode(state)
            .map_err(|reason| QuorumDiskError::State { path: path.clone(), reason })?;
        replace(&path, &bytes)
    }

    /// What the node last voted or led.
    pub(crate) fn read_state(&self) -> Result<QuorumState, QuorumDiskError> {
        let path = self.folder.join(state_file::FILE_NAME);
        match fs::read(&path) {
            Ok(bytes) if bytes.is_empty() => Ok(QuorumState::default()),
            Ok(bytes) => state_file::decode(&bytes).map_err(|reason| QuorumDiskError::State { path, reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(QuorumState::default()),
            Err(error) => Err(at("read", &path)(error)),
        }
    }

    /// Closes the log; the directory's own close syncs it.
    pub(crate) fn into_log(self) -> (Log, Arc<LogDirectory>) {
        (self.log, self.directory)
    }
}

/// Creates the log in a folder that may be there already.
fn adopt_folder(
    directory: &LogDirectory,
    folder: &Path,
    config: LogConfig,
    now: Timestamp,
) -> Result<Log, QuorumDiskError> {
    let partition = metadata_partition();
    let aside = folder.with_file_name("__cluster_metadata-0.formatted");
    let was_formatted = folder.is_dir();
    if was_formatted {
        fs::rename(folder, &aside).map_err(at("rename", folder))?;
    }
    let log = directory.create_log(partition, Some(wire::metadata_topic_id()), config, now)?;
    if was_formatted {
        for entry in fs::read_dir(&aside).map_err(at("list", &aside))?.flatten() {
            fs::rename(entry.path(), folder.join(entry.file_name())).map_err(at("rename", &aside))?;
        }
        fs::remove_dir(&aside).map_err(at("remove", &aside))?;
    }
    Ok(log)
}

/// Replaces a file so that a crash leaves the old or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), QuorumDiskError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        fs::rename(&temporary, path)?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(at("replace", path))
}
