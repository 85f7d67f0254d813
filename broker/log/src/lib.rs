//! The storage engine: partitions as Kafka's own files, readable by Apache Kafka and its tools.
//!
//! Synchronous: every call may block on the disk. The owner keeps a short lock around a [`Log`]; what takes long
//! is handed out as a plan that runs without the lock.
//!
//! ```text
//! LogDirectory::open(disk, path, &owner, fresh_id)      one entry of log.dirs: whose is it, lock, checkpoints
//!     .load(&LoadSpec { config_of, threads, now })       all partitions, in parallel -> Loaded { logs, deletes, .. }
//!     .create_log(tp, topic_id, config, now)             a new partition
//!     .open_log(tp, config, now)                         one partition: the metadata quorum's
//!     .begin_checkpoint(), round.add(&log).., .finish_checkpoint(round)   recovery points, starts, high watermarks
//!     .close(logs, broker_epoch)                         sync all, mark the stop as clean
//!     .fail(&error) / .is_online()                       KIP-112: a failed disk takes only its directory offline
//!
//! Log  begin_verification(producer, ..)                  -> guard, for the first batch of a transaction
//!      append_as_leader(bytes, epoch, now, terms)        stamps offsets and epoch -> AppendInfo
//!      append_as_follower(bytes, now)                    verbatim (replication, the quorum's own log)
//!      read(offset, max_bytes, up_to, min_one)           -> ReadSlice: try_read_into (never waits), read_into
//!      batch_for_time, batch_of_max_time                 -> TimedBatch; then record_at_time, record_of_max_time
//!      set_high_watermark, last_stable_offset, end_offset_for_epoch, aborted_transactions, producers, ..
//!      truncate_to, truncate_fully_and_start_at, advance_start_offset, roll
//!      retain(now) -> deletions; take_due_deletes(now) -> DeleteJob
//!      needs_flush(now) -> up_to; begin_flush(up_to) -> FlushJob; job.run(); complete_flush(&job, &outcome, now)
//!      cleanable(now) -> Cleanable; begin_cleaning(now) -> Cleaning; swap_in; complete_cleaning: see `cleaner.rs`
//!      delete(unique) -> DeleteJob
//! ```
//!
//! Durability points: a batch is durable when a flush beyond it has completed, and then so are its indexes, its
//! epoch and the names of its files. A checkpoint is durable when its call returns. A new partition's names are
//! durable with its first flush, its topic id before its first batch is written.
//!
//! Errors: [`StorageError`] means that the disk failed: the log refuses further work and its directory must go
//! offline ([`LogDirectory::fail`]). A sync is never tried again. A full disk ([`AppendError::DiskFull`]) is not
//! a failure: the log goes on when there is room.

mod append;
mod checkpoint;
mod cleaner;
mod config;
mod deletion;
mod directory;
mod disk;
mod epochs;
mod flush;
mod index;
mod log;
mod moving;
mod names;
mod producers;
mod read;
mod recovery;
mod retention;
mod roll;
mod scan;
mod segment;
mod storage_error;
mod times;
mod transactions;
mod truncate;

pub use append::{AppendError, AppendInfo};
pub use checkpoint::{
    MalformedCheckpoint,
    meta_properties::{InvalidMetaProperties, MetaProperties},
};
pub use cleaner::{
    CleanError, CleanLimits, Cleanable, Cleaned, Cleaning, Damage, DamageReason, HashKey, Recode, Tools,
    Totals,
};
pub use config::{LogConfig, TimestampType};
pub use deletion::DeleteJob;
pub use directory::{
    DirectoryError, LastStop, LoadSpec, Loaded, LogDirectory, METADATA_TOPIC, Owner, Round,
    read_meta_properties,
};
pub use disk::{DirEntry, Disk, DiskFile, FsDisk, FsFile, OpenMode, SimDisk, SimFaults, SimFile, Space};
pub use epochs::{EpochEnd, EpochStart};
pub use flush::FlushJob;
pub use index::AbortedTxn;
pub use log::{Log, SegmentInfo};
pub use moving::is_movable;
pub use names::{FolderKind, parse_folder_name};
pub use producers::{AppendOrigin, ProducerEntry, ProducerError, Terms, VerificationGuard};
pub use read::{ReadError, ReadSlice};
pub use recovery::{OpenSpec, Recovery, RecoveryReport};
pub use retention::{Deletion, DeletionReason};
pub use storage_error::StorageError;
pub use times::{TimedBatch, TimedRecord, record_at_time, record_of_max_time};
pub use truncate::BeyondHighWatermark;
