//! One entry of `log.dirs`: a folder of partitions that belongs to one node of one cluster and fails alone
//! (KIP-112).
//!
//! Opening looks whose it is before anything in it is touched, then locks it. Checkpoints are replaced whole. The
//! mark of a clean stop is written last, after everything was synced, and removed first at the next start.

mod checkpoints;
mod identity;
mod load;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use broker_types::{BrokerEpoch, DirectoryId, Timestamp, TopicId, TopicName, TopicPartition};

pub(crate) use checkpoints::Checkpoints;
pub use checkpoints::Round;
pub use identity::{DirectoryError, Owner, read_meta_properties};
pub use load::{LoadSpec, Loaded};

use crate::{
    checkpoint::{CHECKPOINT_BYTES_MAX, clean_shutdown, meta_properties::MetaProperties},
    config::LogConfig,
    disk::{Disk, FsDisk, Space, read_file, remove_if_present, replace_file},
    log::Log,
    names::future_folder_name,
    recovery::{OpenSpec, Recovery, RecoveryReport, unsure_from},
    storage_error::StorageError,
};

/// The topic of the metadata quorum; its log is opened by the quorum, not with the others.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

/// How the last run in a directory ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastStop {
    /// Everything was synced. The epoch of the broker that wrote the mark, if it is in it (KIP-966).
    Clean(Option<BrokerEpoch>),
    /// Anything else.
    Unclean,
}

/// An open log directory.
#[derive(Debug)]
pub struct LogDirectory<D: Disk = FsDisk> {
    disk: D,
    path: PathBuf,
    meta: MetaProperties,
    last_stop: LastStop,
    checkpoints: Arc<Checkpoints<D>>,
    /// The checkpoints as they were found.
    found: Round,
    failure: OnceLock<String>,
    _lock: D::File,
}

impl<D: Disk> LogDirectory<D> {
    /// Opens the directory of `owner` at `path`: created when missing, formatted with `fresh_id` when it is
    /// empty or has no identity and no partitions yet.
    ///
    /// # Errors
    /// When it belongs to another cluster or node, or to nobody although it holds partitions: untouched then.
    /// When another process has it. The disk's.
    pub fn open(disk: D, path: &Path, owner: &Owner, fresh_id: DirectoryId) -> Result<Self, DirectoryError> {
        let known = identity::look(&disk, path, owner)?;
        identity::create_all(&disk, path).map_err(StorageError::at("create", path))?;
        let lock = identity::lock(&disk, path)?;
        let meta = identity::claim(&disk, path, owner, known, fresh_id)?;
        let last_stop = take_clean_mark(&disk, path).map_err(StorageError::at("open", path))?;
        let checkpoints = Checkpoints::read(&disk, path).map_err(StorageError::at("open", path))?;
        Ok(Self {
            found: checkpoints.found(),
            checkpoints: Arc::new(checkpoints),
            disk,
            path: path.to_owned(),
            meta,
            last_stop,
            failure: OnceLock::new(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The disk that it is on.
    pub const fn disk(&self) -> &D {
        &self.disk
    }

    /// Whose it is, as `meta.properties` says.
    pub const fn meta(&self) -> &MetaProperties {
        &self.meta
    }

    /// Its id (KIP-858).
    pub fn id(&self) -> DirectoryId {
        self.meta.directory_id.unwrap_or(DirectoryId::MIGRATING)
    }

    /// How the last run ended.
    pub const fn last_stop(&self) -> LastStop {
        self.last_stop
    }

    /// The room of its volume.
    ///
    /// # Errors
    /// The disk's.
    pub fn space(&self) -> Result<Space, StorageError> {
        self.disk.space(&self.path).map_err(StorageError::at("ask for the space of", &self.path))
    }

    /// Takes the directory offline for good: its disk failed. The first reason stays.
    pub fn fail(&self, error: &StorageError) {
        if self.failure.set(error.to_string()).is_ok() {
            tracing::error!(directory = %self.path.display(), %error, "the log directory is offline");
        }
    }

    /// Why it is offline; `None` while it is not.
    pub fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Whether it works.
    pub fn is_online(&self) -> bool {
        self.failure().is_none()
    }

    /// Creates a partition's log; see [`Log::create`].
    ///
    /// # Errors
    /// The disk's; `AlreadyExists` when there is one.
    pub fn create_log(
        &self,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<Log<D>, StorageError> {
        let folder = self.path.join(topic_partition.to_string());
        self.create_in(&folder, topic_partition, topic_id, config, now)
    }

    /// Creates an empty log into which a partition is copied from another directory, see [`Log::promote`]. `unique` is a
    /// random number of the caller's.
    ///
    /// # Errors
    /// The disk's, also when the name is too long, see [`is_movable`](crate::is_movable).
    pub fn create_future(
        &self,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
        unique: u128,
    ) -> Result<Log<D>, StorageError> {
        let folder = self.path.join(future_folder_name(&topic_partition, unique));
        self.create_in(&folder, topic_partition, topic_id, config, now)
    }

    fn create_in(
        &self,
        folder: &Path,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<Log<D>, StorageError> {
        self.checkpoints.forget(&topic_partition)?;
        let mut log = Log::create_in(&self.disk, folder, topic_partition, topic_id, config, now)?;
        log.checkpoints = Some(Arc::clone(&self.checkpoints));
        Ok(log)
    }

    /// Whether the directory has a folder for this partition.
    ///
    /// # Errors
    /// The disk's.
    pub fn has_log(&self, topic_partition: &TopicPartition) -> Result<bool, StorageError> {
        let folder = self.path.join(topic_partition.to_string());
        match self.disk.list(&folder) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StorageError::at("list", &folder)(error)),
        }
    }

    /// Opens one partition's log, as the last stop and the checkpoints found at opening tell. [`LogDirectory::load`]
    /// does it for all but the metadata quorum's.
    ///
    /// # Errors
    /// The disk's.
    pub fn open_log(
        &self,
        topic_partition: TopicPartition,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<(Log<D>, RecoveryReport), StorageError> {
        let found = FoundFolder { folder: self.path.join(topic_partition.to_string()), topic_partition };
        self.lower_before_recovery(std::slice::from_ref(&found))?;
        self.recover_log(&found, config, now)
    }

    /// Lowers the checkpointed recovery points of logs to where recovery will write indexes anew: a loss of power
    /// in the middle of it must not leave them trusted.
    fn lower_before_recovery(&self, found: &[FoundFolder]) -> Result<(), StorageError> {
        if self.last_stop != LastStop::Unclean {
            return Ok(());
        }
        let mut limits = BTreeMap::new();
        for FoundFolder { folder, topic_partition: tp } in found {
            let limit = unsure_from(&self.disk, folder, self.found.get(tp).recovery_point);
            limits.insert(tp.clone(), limit.map_err(StorageError::at("list", folder))?);
        }
        self.checkpoints.lower_many(limits)
    }

    /// Opens a log; its checkpointed recovery point has been lowered.
    fn recover_log(
        &self,
        found: &FoundFolder,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<(Log<D>, RecoveryReport), StorageError> {
        let FoundFolder { folder, topic_partition } = found.clone();
        let known = self.found.get(&topic_partition);
        let recovery = match self.last_stop {
            LastStop::Clean(_) => Recovery::Clean,
            LastStop::Unclean => Recovery::Unclean { recovery_point: known.recovery_point },
        };
        let (log_start, high_watermark) = (known.log_start, known.high_watermark);
        let spec = OpenSpec { topic_partition, config, recovery, log_start, high_watermark, now };
        Log::open_in(&self.disk, &folder, spec, Some(Arc::clone(&self.checkpoints)))
    }

    /// Begins to collect offsets for the next checkpoint: add every log of this directory, each under its own lock
    /// for a moment, then [`LogDirectory::finish_checkpoint`]. One round at a time.
    pub fn begin_checkpoint(&self) -> Round {
        self.checkpoints.begin()
    }

    /// Replaces the checkpoints of recovery points, log starts and high watermarks.
    ///
    /// Durability point: on return the files have these offsets, also after a loss of power.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish_checkpoint(&self, round: Round) -> Result<(), StorageError> {
        self.checkpoints.finish(round)
    }

    /// Both in one, for an owner that has all logs at hand.
    ///
    /// # Errors
    /// The disk's.
    pub fn checkpoint<'a>(&self, logs: impl Iterator<Item = &'a Log<D>>) -> Result<(), StorageError> {
        let mut round = self.begin_checkpoint();
        logs.for_each(|log| round.add(log));
        self.finish_checkpoint(round)
    }

    /// Ends the run cleanly: closes all logs of this directory, syncs the volume, writes the checkpoints and the
    /// mark. After an error nothing is marked and the next start recovers.
    ///
    /// # Errors
    /// The disk's.
    pub fn close(&self, logs: &mut [&mut Log<D>], epoch: Option<BrokerEpoch>) -> Result<(), StorageError> {
        for log in &mut *logs {
            log.close()?;
        }
        self.disk.sync_volume(&self.path).map_err(StorageError::at("sync the volume of", &self.path))?;
        for log in &mut *logs {
            log.closed_and_synced();
        }
        self.checkpoint(logs.iter().map(|log| &**log))?;
        let path = self.path.join(clean_shutdown::FILE_NAME);
        replace_file(&self.disk, &path, clean_shutdown::encode(epoch).as_bytes())
            .map_err(StorageError::at("write", &path))
    }
}

/// A partition's folder, or that of a copy that is being moved in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct FoundFolder {
    topic_partition: TopicPartition,
    folder: PathBuf,
}

/// Whether a folder's topic is the metadata quorum's.
fn is_metadata(topic: &TopicName) -> bool {
    topic.as_str() == METADATA_TOPIC
}

/// Reads the mark of a clean stop and removes it: from here on the directory is in use.
fn take_clean_mark<D: Disk>(disk: &D, path: &Path) -> io::Result<LastStop> {
    let mark = path.join(clean_shutdown::FILE_NAME);
    match read_file(disk, &mark, CHECKPOINT_BYTES_MAX) {
        Ok(content) => {
            remove_if_present(disk, &mark)?;
            disk.sync_dir(path)?;
            Ok(LastStop::Clean(clean_shutdown::decode(&content)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(LastStop::Unclean),
        Err(error) => Err(error),
    }
}
