//! Log directories, their upkeep, and compaction.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::Values;

/// Log directories and what happens in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirs {
    /// The directories; never empty after the checks.
    pub dirs: Vec<String>,
    /// Directories that get no new partitions; `*` alone: all of them.
    pub cordoned: Vec<String>,
    /// Time between two looks for segments to delete.
    pub retention_check_interval: Duration,
    /// Time between two looks for logs to flush; `None`: never.
    pub flush_check_interval: Option<Duration>,
    /// Time between two writes of recovery points.
    pub recovery_point_interval: Duration,
    /// Time between two writes of start offsets.
    pub start_offset_interval: Duration,
    /// Time after the start before periodic work begins.
    pub initial_task_delay: Duration,
    /// Threads that recover each directory.
    pub recovery_threads_per_dir: usize,
    /// Time in which the controller must learn of a failed directory.
    pub dir_failure_timeout: Duration,
    /// Partitions of a topic that does not say how many.
    pub partitions_default: i32,
    /// Replicas of a topic that does not say how many.
    pub replication_factor_default: i16,
    /// Whether asking for a topic creates it.
    pub auto_create_topics: bool,
    /// Whether topics can be deleted.
    pub delete_topics: bool,
}

/// Compaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Cleaner {
    /// Whether it runs.
    pub is_enabled: bool,
    /// Threads.
    pub threads: usize,
    /// Memory of all threads for keys.
    pub dedupe_buffer_bytes: u64,
    /// Memory of all threads for reading and writing.
    pub io_buffer_bytes: u64,
    /// How full the key map may become.
    pub load_factor: f64,
    /// Most bytes a second; infinite by default.
    pub io_bytes_per_second_max: f64,
    /// Pause when there is nothing to do.
    pub backoff: Duration,
}

pub(super) fn log(values: &Values) -> LogDirs {
    let dirs = if values.is_set("log.dirs") { values.list("log.dirs") } else { values.list("log.dir") };
    let interval = values.size("log.flush.scheduler.interval.ms");
    LogDirs {
        dirs: dirs.to_vec(),
        cordoned: values.list("cordoned.log.dirs").to_vec(),
        retention_check_interval: values.duration("log.retention.check.interval.ms"),
        flush_check_interval: interval.filter(|ms| *ms != i64::MAX.unsigned_abs()).map(Duration::from_millis),
        recovery_point_interval: values.duration("log.flush.offset.checkpoint.interval.ms"),
        start_offset_interval: values.duration("log.flush.start.offset.checkpoint.interval.ms"),
        initial_task_delay: values.duration("log.initial.task.delay.ms"),
        recovery_threads_per_dir: values.count("num.recovery.threads.per.data.dir"),
        dir_failure_timeout: values.duration("log.dir.failure.timeout.ms"),
        partitions_default: i32::try_from(values.number("num.partitions")).unwrap_or(1),
        replication_factor_default: i16::try_from(values.number("default.replication.factor")).unwrap_or(1),
        auto_create_topics: values.is_on("auto.create.topics.enable"),
        delete_topics: values.is_on("delete.topic.enable"),
    }
}

pub(super) fn cleaner(values: &Values) -> Cleaner {
    Cleaner {
        is_enabled: values.is_on("log.cleaner.enable"),
        threads: values.count("log.cleaner.threads"),
        dedupe_buffer_bytes: values.size("log.cleaner.dedupe.buffer.size").unwrap_or(0),
        io_buffer_bytes: values.size("log.cleaner.io.buffer.size").unwrap_or(0),
        load_factor: values.double("log.cleaner.io.buffer.load.factor"),
        io_bytes_per_second_max: values.double("log.cleaner.io.max.bytes.per.second"),
        backoff: values.duration("log.cleaner.backoff.ms"),
    }
}
