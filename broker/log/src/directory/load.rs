//! Opening all partitions of a directory, several at a time.

use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use broker_types::{Timestamp, TopicName};
use parking_lot::Mutex;

use super::{FoundFolder, LastStop, LogDirectory, is_metadata};
use crate::{
    config::LogConfig,
    deletion::DeleteJob,
    disk::{Disk, FsDisk},
    log::Log,
    names::{FolderKind, parse_folder_name},
    recovery::RecoveryReport,
    storage_error::StorageError,
};

/// How to open the partitions.
#[derive(Debug)]
pub struct LoadSpec<F> {
    /// The settings of a topic.
    pub config_of: F,
    /// `num.recovery.threads.per.data.dir`.
    pub threads: NonZeroUsize,
    /// Wall time.
    pub now: Timestamp,
}

/// What a directory holds.
#[derive(Debug)]
pub struct Loaded<D: Disk = FsDisk> {
    /// The partitions, by name.
    pub logs: Vec<Log<D>>,
    /// Partitions whose removal had begun: run these.
    pub deletes: Vec<DeleteJob<D>>,
    /// Copies that were being moved in from other directories (`-future`).
    pub futures: Vec<Log<D>>,
    /// Partitions that an earlier start found unknown to the cluster (`-stray`); left alone.
    pub strays: Vec<PathBuf>,
    /// What recovery did, summed up.
    pub recovered: RecoveryReport,
}

/// Progress is told each time so many logs were opened.
const PROGRESS_LOGS: usize = 500;

impl<D: Disk> LogDirectory<D> {
    /// Opens all partitions but the metadata quorum's.
    ///
    /// # Errors
    /// The disk's: the directory must go offline. Damage in a log is no error, see [`Log::open`].
    pub fn load<F>(&self, spec: &LoadSpec<F>) -> Result<Loaded<D>, StorageError>
    where
        F: Fn(&TopicName) -> LogConfig + Sync,
    {
        let mut loaded = Loaded {
            logs: Vec::new(),
            deletes: Vec::new(),
            futures: Vec::new(),
            strays: Vec::new(),
            recovered: RecoveryReport::default(),
        };
        let (mut partitions, mut futures) = (Vec::new(), Vec::new());
        for entry in self.disk.list(&self.path).map_err(StorageError::at("list", &self.path))? {
            let path = self.path.join(&entry.name);
            match parse_folder_name(&entry.name) {
                Some(_) if !entry.is_dir => {}
                Some(FolderKind::Partition(tp)) if !is_metadata(&tp.topic) => {
                    partitions.push(FoundFolder { topic_partition: tp, folder: path });
                }
                Some(FolderKind::Deleted) => {
                    loaded.deletes.push(DeleteJob::of_folder(self.disk.clone(), path));
                }
                Some(FolderKind::Future(tp)) => {
                    futures.push(FoundFolder { topic_partition: tp, folder: path });
                }
                Some(FolderKind::Stray) => loaded.strays.push(path),
                Some(FolderKind::Partition(_)) | None => {}
            }
        }
        partitions.sort_unstable();
        let doubled = one_of_each(&partitions, &mut futures);
        loaded.deletes.extend(doubled.into_iter().map(|path| DeleteJob::of_folder(self.disk.clone(), path)));
        let all: Vec<_> = partitions.iter().chain(&futures).cloned().collect();
        self.lower_before_recovery(&all)?;
        for (log, report) in self.open_all(&all, spec)? {
            loaded.recovered.add(&report);
            loaded.logs.push(log);
        }
        loaded.futures = loaded.logs.split_off(partitions.len());
        let points = loaded
            .logs
            .iter()
            .chain(&loaded.futures)
            .map(|log| (log.topic_partition().clone(), log.recovery_point()));
        self.checkpoints.lower_many(points.collect())?;
        self.checkpoints
            .keep_cleaned(|tp| partitions.binary_search_by(|one| one.topic_partition.cmp(tp)).is_ok());
        tracing::info!(
            directory = %self.path.display(),
            logs = loaded.logs.len(),
            last_stop = ?self.last_stop,
            segments_checked = loaded.recovered.segments_checked,
            bytes_checked = loaded.recovered.bytes_checked,
            bytes_truncated = loaded.recovered.bytes_truncated,
            "log directory loaded"
        );
        Ok(loaded)
    }

    fn open_all<F>(
        &self,
        found: &[FoundFolder],
        spec: &LoadSpec<F>,
    ) -> Result<Vec<(Log<D>, RecoveryReport)>, StorageError>
    where
        F: Fn(&TopicName) -> LogConfig + Sync,
    {
        let next = AtomicUsize::new(0);
        let results = Mutex::new(Vec::with_capacity(found.len()));
        let work = || {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(one) = found.get(index) else { break };
                let config = (spec.config_of)(&one.topic_partition.topic);
                let opened = self.recover_log(one, config, spec.now);
                let is_error = opened.is_err();
                results.lock().push((index, opened));
                if is_error {
                    next.store(found.len(), Ordering::Relaxed);
                } else if self.last_stop == LastStop::Unclean && (index + 1).is_multiple_of(PROGRESS_LOGS) {
                    let directory = self.path.display();
                    tracing::info!(%directory, opened = index + 1, of = found.len(), "recovering logs");
                }
            }
        };
        std::thread::scope(|scope| {
            let threads = spec.threads.get().min(found.len());
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
        let mut results = results.into_inner();
        results.sort_unstable_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, opened)| opened).collect()
    }
}

/// Takes out copies of what this directory has already, and all but one of several copies: their checkpoints would be the
/// other's. Nothing is lost with them: the partition is where it was.
fn one_of_each(partitions: &[FoundFolder], futures: &mut Vec<FoundFolder>) -> Vec<PathBuf> {
    futures.sort_unstable();
    let mut seen: BTreeSet<_> = partitions.iter().map(|found| found.topic_partition.clone()).collect();
    let doubled = futures.extract_if(.., |found| !seen.insert(found.topic_partition.clone()));
    doubled.map(|found| found.folder).collect()
}

impl RecoveryReport {
    fn add(&mut self, other: &Self) {
        self.segments_checked += other.segments_checked;
        self.bytes_checked += other.bytes_checked;
        self.bytes_truncated += other.bytes_truncated;
        self.segments_removed += other.segments_removed;
        self.indexes_rebuilt += other.indexes_rebuilt;
    }
}
