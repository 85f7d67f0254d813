//! The log directories of this broker, and what happens when one fails (KIP-112, KIP-858).

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use broker_log::{LogDirectory, StorageError};
use broker_types::{DirectoryId, Mono};
use parking_lot::Mutex;

/// How often it is said of a directory that it is full.
const TELL_FULL_EVERY: Duration = Duration::from_secs(60);

/// Called once, when the directory goes offline.
type OnFailure = Box<dyn FnOnce(DirectoryId) + Send>;

/// One entry of `log.dirs`.
pub(crate) struct Directory {
    inner: Arc<LogDirectory>,
    on_failure: Mutex<Option<OnFailure>>,
    cordoned: AtomicBool,
    told_full: Mutex<Option<Mono>>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").field("path", &self.inner.path()).finish_non_exhaustive()
    }
}

impl Directory {
    pub(crate) fn new(inner: Arc<LogDirectory>) -> Self {
        Self {
            inner,
            on_failure: Mutex::new(None),
            cordoned: AtomicBool::new(false),
            told_full: Mutex::default(),
        }
    }

    /// Says whom to tell of a failure.
    pub(crate) fn on_failure(&self, tell: impl FnOnce(DirectoryId) + Send + 'static) {
        *self.on_failure.lock() = Some(Box::new(tell));
    }

    pub(crate) fn log_directory(&self) -> &Arc<LogDirectory> {
        &self.inner
    }

    pub(crate) fn id(&self) -> DirectoryId {
        self.inner.id()
    }

    pub(crate) fn path(&self) -> &Path {
        self.inner.path()
    }

    pub(crate) fn is_offline(&self) -> bool {
        !self.inner.is_online()
    }

    /// Whether it takes no new replicas (KIP-1066).
    pub(crate) fn is_cordoned(&self) -> bool {
        self.cordoned.load(Ordering::Relaxed)
    }

    /// Sets whether it takes new replicas; whether that is a change.
    pub(crate) fn set_cordoned(&self, cordoned: bool) -> bool {
        self.cordoned.swap(cordoned, Ordering::Relaxed) != cordoned
    }

    /// Takes the directory offline, and tells once.
    pub(crate) fn fail(&self, error: &StorageError) {
        self.inner.fail(error);
        let tell = self.on_failure.lock().take();
        if let Some(tell) = tell {
            tell(self.id());
        }
    }

    /// Takes the directory offline, unless there was merely no room for a step that is done again later. (Apache Kafka's goes
    /// offline then as well.)
    pub(crate) fn fail_unless_full(&self, error: &StorageError, now: Mono) {
        if !error.is_full() {
            return self.fail(error);
        }
        let mut told = self.told_full.lock();
        if told.is_none_or(|told| now.since(told) >= TELL_FULL_EVERY) {
            *told = Some(now);
            tracing::warn!(directory = %self.path().display(), %error, "a log directory is full");
        }
    }
}

/// All log directories, in the order of `log.dirs`. Paths of those that failed at the start are kept to be told.
#[derive(Debug)]
pub(crate) struct Directories {
    pub(crate) online: Vec<Arc<Directory>>,
    pub(crate) failed_at_start: Vec<PathBuf>,
}

impl Directories {
    /// Where a new replica goes: the first of these directories that works, or else the working one with the fewest. Not
    /// where it is full.
    pub(crate) fn place(
        &self,
        wanted: &[Option<DirectoryId>],
        full: &[DirectoryId],
        replicas_in: impl Fn(DirectoryId) -> usize,
    ) -> Option<&Arc<Directory>> {
        let is_working =
            |directory: &&Arc<Directory>| !directory.is_offline() && !full.contains(&directory.id());
        let working = || self.online.iter().filter(is_working);
        let mut named = wanted.iter().flatten().filter_map(|id| working().find(|one| one.id() == *id));
        // The controller gives a broker nothing new when all are cordoned; what comes all the same must go somewhere.
        named.next().or_else(|| {
            working().min_by_key(|directory| (directory.is_cordoned(), replicas_in(directory.id())))
        })
    }

    /// How many do not work.
    pub(crate) fn offline(&self) -> usize {
        self.failed_at_start.len() + self.online.iter().filter(|directory| directory.is_offline()).count()
    }
}
