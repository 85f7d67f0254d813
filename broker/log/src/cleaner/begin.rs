//! The plan of one round, made under the log's lock.

use std::{
    collections::VecDeque,
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use broker_types::{Offset, Timestamp, TopicPartition};

use super::{
    batch::{LastBatch, LastBatches, Scratch},
    cleaned::Totals,
    error::CleanError,
    offset_map::OffsetMap,
    range::Cleanable,
    source::Old,
    transactions::Transactions,
};
use crate::{
    config::LogConfig, directory::Checkpoints, disk::Disk, index::AbortedTxn, log::Log,
    storage_error::StorageError,
};

/// Whether a round is still wanted; shared by the round and its log.
#[derive(Clone, Debug, Default)]
pub(super) struct Mandate(Arc<AtomicBool>);

impl Mandate {
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn is_of<D: Disk>(&self, log: &Log<D>) -> bool {
        !self.is_over() && log.cleaning.upgrade().is_some_and(|of_log| Arc::ptr_eq(&of_log, &self.0))
    }
}

/// One round of cleaning of one log.
#[derive(Debug)]
pub struct Cleaning<D: Disk> {
    pub(super) disk: D,
    pub(super) folder: PathBuf,
    pub(super) topic_partition: TopicPartition,
    pub(super) config: LogConfig,
    pub(super) checkpoints: Option<Arc<Checkpoints<D>>>,
    pub(super) mandate: Mandate,
    pub(super) range: Cleanable,
    /// All segments before the first that may not be cleaned.
    pub(super) segments: Vec<Old>,
    /// Transactions with records in those, whose abort markers lie behind them.
    pub(super) aborted_behind: Vec<AbortedTxn>,
    pub(super) last_batches: LastBatches,
    pub(super) now: Timestamp,
    /// `None` before the keys are mapped.
    pub(super) mapped: Option<Mapped>,
    pub(super) transactions: Transactions,
    pub(super) buffer: Vec<u8>,
    pub(super) scratch: Scratch,
    pub(super) totals: Totals,
}

/// What follows from the map.
#[derive(Debug)]
pub(super) struct Mapped {
    pub(super) map: OffsetMap,
    /// Everything before it is in the map.
    pub(super) end: Offset,
    /// The segments that become new ones, group by group.
    pub(super) groups: VecDeque<Range<usize>>,
}

impl<D: Disk> Cleaning<D> {
    /// The log that is cleaned.
    pub const fn topic_partition(&self) -> &TopicPartition {
        &self.topic_partition
    }

    /// What it set out to clean.
    pub const fn range(&self) -> &Cleanable {
        &self.range
    }

    /// Where the dirty part will begin when the round is complete: before the end of the range when the map was full.
    pub fn end(&self) -> Option<Offset> {
        self.mapped.as_ref().map(|mapped| mapped.end)
    }

    /// What was done so far.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// An error that has another reason: the log was cut or deleted meanwhile, and its files with it.
    pub(super) fn judged(&self, error: CleanError) -> CleanError {
        if self.mandate.is_over() { CleanError::Aborted } else { error }
    }

    pub(super) fn check_wanted(&self) -> Result<(), CleanError> {
        if self.mandate.is_over() { Err(CleanError::Aborted) } else { Ok(()) }
    }
}

impl<D: Disk> Log<D> {
    /// Plans a round. `None` when nothing is dirty; whether that is enough is the caller's to ask.
    ///
    /// While the round lives, retention waits. A cut, a deletion and a close end it.
    ///
    /// # Errors
    /// The disk's.
    pub fn begin_cleaning(&mut self, now: Timestamp) -> Result<Option<Cleaning<D>>, StorageError> {
        let Some(range) = self.cleanable(now)?.filter(|range| range.dirty_bytes > 0) else {
            return Ok(None);
        };
        let count = self.segments.partition_point(|segment| segment.base < range.end);
        let end_of = |index: usize| self.segments.get(index + 1).map_or(range.end, |next| next.base);
        let segments = self.segments[..count].iter().enumerate();
        let segments: Vec<_> = segments
            .map(|(index, segment)| Old { base: segment.base, size: segment.size, end: end_of(index) })
            .collect();
        let mut aborted_behind = Vec::new();
        for segment in &self.segments[count..] {
            let entries = segment.aborted.all(&self.disk, &self.folder);
            let entries = entries.map_err(StorageError::at("read an index in", &self.folder))?;
            aborted_behind.extend(entries.into_iter().filter(|txn| txn.first_offset < range.end));
        }
        let kept = self.recovery_point.min(self.high_watermark);
        let last_batches = self.producers.iter().map(|(id, entry)| {
            // One that a loss of power or another leader could take leaves the one before to tell the sequence.
            let last = entry.last_batch_before(kept).or(entry.last_batch());
            let last = last.map(|batch| LastBatch::Records(batch.last_offset));
            (id, last.unwrap_or(LastBatch::Marker(entry.epoch)))
        });
        let mandate = Mandate::default();
        self.cleaning = Arc::downgrade(&mandate.0);
        Ok(Some(Cleaning {
            disk: self.disk.clone(),
            folder: self.folder.clone(),
            topic_partition: self.topic_partition.clone(),
            config: self.config.clone(),
            checkpoints: self.checkpoints.clone(),
            mandate,
            range,
            segments,
            aborted_behind,
            last_batches: last_batches.collect(),
            now,
            mapped: None,
            transactions: Transactions::default(),
            buffer: Vec::new(),
            scratch: Scratch::default(),
            totals: Totals::default(),
        }))
    }

    /// Whether a round is under way.
    pub fn is_being_cleaned(&self) -> bool {
        self.cleaning.strong_count() > 0
    }

    /// Ends the round that is under way, if any: what it has not swapped in, it will not.
    pub fn give_up_cleaning(&mut self) {
        if let Some(round) = std::mem::replace(&mut self.cleaning, Weak::new()).upgrade() {
            round.store(true, Ordering::Release);
        }
    }
}
