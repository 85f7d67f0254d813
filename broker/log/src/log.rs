//! One partition's log: an ordered sequence of batches in segments, and the offsets that bound it.
//!
//! Invariants: `start <= high watermark <= end`; `recovery point <= end`; segments are in order, never none, and
//! the last is the active one; a batch's offsets are above those of all batches before it.
//!
//! All calls block on the disk; the owner keeps a short lock around them. What may take long is handed out as a
//! plan to be run without the lock: [`ReadSlice`], [`FlushJob`], [`DeleteJob`].
//!
//! [`ReadSlice`]: crate::ReadSlice
//! [`FlushJob`]: crate::FlushJob
//! [`DeleteJob`]: crate::DeleteJob

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Weak, atomic::AtomicBool},
};

use broker_types::{
    LeaderEpoch, Offset, ProducerEpoch, ProducerId, Sequence, Timestamp, TopicId, TopicPartition,
};
use parking_lot::Mutex;

use crate::{
    checkpoint::{self, partition_metadata},
    cleaner::Decided,
    config::LogConfig,
    deletion::Doomed,
    directory::Checkpoints,
    disk::{Disk, DiskFile as _, FsDisk, OpenMode},
    epochs::{EpochEnd, EpochStart, Epochs},
    producers::{ProducerEntry, Producers},
    read::BoundCache,
    segment::{Home, Segment},
    storage_error::StorageError,
};

/// One partition's log on a disk.
pub struct Log<D: Disk = FsDisk> {
    pub(crate) disk: D,
    pub(crate) folder: PathBuf,
    pub(crate) topic_partition: TopicPartition,
    pub(crate) topic_id: Option<TopicId>,
    /// `partition.metadata` is written and not synced yet.
    pub(crate) topic_id_unsynced: bool,
    pub(crate) config: LogConfig,
    pub(crate) segments: Vec<Segment<D>>,
    pub(crate) start: Offset,
    pub(crate) end: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) recovery_point: Offset,
    pub(crate) last_flush: Timestamp,
    /// Counts truncations, so that a flush begun before one does not vouch for what came after.
    pub(crate) truncations: u64,
    /// Everything before it was compacted; `None`: nothing was.
    pub(crate) cleaned_to: Option<Offset>,
    /// The round of cleaning that is under way.
    pub(crate) cleaning: Weak<AtomicBool>,
    pub(crate) decided: Decided,
    pub(crate) epochs: Epochs,
    pub(crate) producers: Producers,
    pub(crate) doomed: Vec<Doomed>,
    pub(crate) bound_cache: Mutex<Option<BoundCache>>,
    /// The directory's checkpoints, if a directory opened the log.
    pub(crate) checkpoints: Option<Arc<Checkpoints<D>>>,
    /// The disk failed in the middle of a change: memory and disk may differ.
    pub(crate) is_failed: bool,
}

impl<D: Disk> fmt::Debug for Log<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("folder", &self.folder)
            .field("start", &self.start)
            .field("high_watermark", &self.high_watermark)
            .field("end", &self.end)
            .field("segments", &self.segments.len())
            .finish_non_exhaustive()
    }
}

/// One segment, for DescribeLogDirs and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentInfo {
    /// Its first offset.
    pub base: Offset,
    /// Bytes of batches.
    pub size_bytes: u64,
}

impl<D: Disk> Log<D> {
    /// Creates the folder `<topic>-<partition>` in `directory` with an empty log in it, starting at offset 0.
    ///
    /// Durability point: none; the topic's id is synced before the first append, names at the first flush.
    ///
    /// # Errors
    /// The disk's; `AlreadyExists` when the folder is there.
    pub fn create(
        disk: &D,
        directory: &Path,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        let folder = directory.join(topic_partition.to_string());
        Self::create_in(disk, &folder, topic_partition, topic_id, config, now)
    }

    /// As [`Log::create`], in a folder of any name.
    pub(crate) fn create_in(
        disk: &D,
        folder: &Path,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        disk.create_dir(folder).map_err(StorageError::at("create", folder))?;
        Self::fill_new_folder(disk, folder, topic_partition, topic_id, config, now).inspect_err(|_| {
            // Half a folder must not pass for the partition at the next start.
            for entry in disk.list(folder).unwrap_or_default() {
                let _gone = disk.remove_file(&folder.join(entry.name));
            }
            let _gone = disk.remove_dir(folder);
        })
    }

    fn fill_new_folder(
        disk: &D,
        folder: &Path,
        topic_partition: TopicPartition,
        topic_id: Option<TopicId>,
        config: LogConfig,
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        if let Some(topic_id) = topic_id {
            let path = folder.join(partition_metadata::FILE_NAME);
            let file = disk.open(&path, OpenMode::Create).map_err(StorageError::at("create", &path))?;
            let content = partition_metadata::encode(topic_id);
            file.write_at(&mut [io::IoSlice::new(content.as_bytes())], 0)
                .map_err(StorageError::at("write", &path))?;
        }
        let mut log = Self::blank(disk.clone(), folder.to_owned(), topic_partition, config, now);
        log.topic_id = topic_id;
        log.topic_id_unsynced = topic_id.is_some();
        let reserve = log.reserve();
        let first = Segment::create(log.home(), Offset::ZERO, now, reserve)
            .map_err(StorageError::at("create a segment in", &log.folder))?;
        log.segments.push(first);
        Ok(log)
    }

    pub(crate) fn blank(
        disk: D,
        folder: PathBuf,
        topic_partition: TopicPartition,
        config: LogConfig,
        now: Timestamp,
    ) -> Self {
        Self {
            disk,
            folder,
            topic_partition,
            topic_id: None,
            topic_id_unsynced: false,
            config,
            segments: Vec::new(),
            start: Offset::ZERO,
            end: Offset::ZERO,
            high_watermark: Offset::ZERO,
            recovery_point: Offset::ZERO,
            last_flush: now,
            truncations: 0,
            cleaned_to: None,
            cleaning: Weak::new(),
            decided: Decided::default(),
            epochs: Epochs::default(),
            producers: Producers::default(),
            doomed: Vec::new(),
            bound_cache: Mutex::new(None),
            checkpoints: None,
            is_failed: false,
        }
    }

    pub(crate) fn home(&self) -> Home<'_, D> {
        Home { disk: &self.disk, folder: &self.folder }
    }

    pub(crate) fn reserve(&self) -> Option<u64> {
        self.config.preallocate.then_some(u64::from(self.config.segment_bytes))
    }

    /// Which partition this is.
    pub const fn topic_partition(&self) -> &TopicPartition {
        &self.topic_partition
    }

    /// The topic's id by `partition.metadata`; `None` when there is no such file.
    pub const fn topic_id(&self) -> Option<TopicId> {
        self.topic_id
    }

    /// The folder that the log is in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings in use.
    pub const fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Takes new settings; they hold from the next call on.
    pub fn set_config(&mut self, config: LogConfig) {
        if !config.compact_policy {
            self.give_up_cleaning();
        }
        self.config = config;
    }

    /// Whether a disk error made the log unusable until its directory is opened anew.
    pub const fn is_failed(&self) -> bool {
        self.is_failed
    }

    /// The first offset that readers may see.
    pub const fn start_offset(&self) -> Offset {
        self.start
    }

    /// The offset of the next record.
    pub const fn end_offset(&self) -> Offset {
        self.end
    }

    /// Everything before it is synced.
    pub const fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// Everything before it is on all in-sync replicas.
    pub const fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Sets the high watermark, kept within the log's bounds. It may go back: a new leader says where it is.
    pub fn set_high_watermark(&mut self, offset: Offset) {
        self.high_watermark = offset.clamp(self.start, self.end);
        self.producers.high_watermark_moved(self.high_watermark);
    }

    /// Readers of committed data may see everything before it: the first record of an open transaction, or of
    /// one whose marker is not on all in-sync replicas, else the high watermark.
    pub fn last_stable_offset(&self) -> Offset {
        let unstable = self.producers.first_unstable().map(|first| first.max(self.start));
        unstable.map_or(self.high_watermark, |first| first.min(self.high_watermark))
    }

    /// The epochs and their first offsets, in order.
    pub fn epochs(&self) -> &[EpochStart] {
        self.epochs.entries()
    }

    /// The epoch of the last batch.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest()
    }

    /// Notes that the leader of `epoch` begins to write at the end of the log (KIP-101).
    pub fn assign_epoch(&mut self, epoch: LeaderEpoch) {
        self.epochs.assign(epoch, self.end);
    }

    /// Where `epoch` ends here, for OffsetForLeaderEpoch (KIP-279): the largest epoch not beyond it, and the
    /// offset after that one's last record. `None` when the log knows no epoch as young as `epoch`.
    pub fn end_offset_for_epoch(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        self.epochs.end_for(epoch, self.end)
    }

    /// The epoch of the record at `offset`.
    pub fn epoch_of(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.epochs.epoch_of(offset)
    }

    /// The producers, for DescribeProducers, by id.
    pub fn producers(&self) -> impl Iterator<Item = (ProducerId, &ProducerEntry)> {
        self.producers.iter()
    }

    /// The sequence of the last record that the log has of a producer's epoch.
    #[must_use]
    pub fn last_sequence(&self, id: ProducerId, epoch: ProducerEpoch) -> Option<Sequence> {
        self.producers.last_sequence(id, epoch)
    }

    /// Forgets producers that were silent for `producer.id.expiration.ms`; gives how many.
    pub fn expire_producers(&mut self, now: Timestamp) -> usize {
        self.producers.expire(now, self.config.producer_id_expiry)
    }

    /// Bytes of all batches.
    pub fn size_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.size).sum()
    }

    /// The segments, oldest first.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = SegmentInfo> {
        self.segments.iter().map(|segment| SegmentInfo { base: segment.base, size_bytes: segment.size })
    }

    /// Files that are open, now.
    pub fn open_files(&self) -> usize {
        self.segments.iter().filter(|segment| segment.has_open_file()).count()
    }

    /// Closes the files; they are opened again when they are needed.
    pub fn close_files(&self) {
        self.segments.iter().for_each(Segment::close_file);
    }

    /// The content of `leader-epoch-checkpoint`, and its path.
    pub(crate) fn epochs_file(&self) -> (PathBuf, String) {
        (self.folder.join(checkpoint::epochs::FILE_NAME), checkpoint::epochs::encode(self.epochs.entries()))
    }
}
