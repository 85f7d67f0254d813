//! What a compacted log may hold.
//!
//! Rules, after any stop: what is there was appended, record by record at its offset, in order, once. What no round may
//! have touched is there whole. Of each key the last record that is not of an aborted transaction is there; only a
//! tombstone may be missing, and not before its time. An aborted record that is there is told as such. The last sequence
//! of each producer is known. What a completed flush covered is never missing; after a loss of power the end may be,
//! and nothing before what is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use broker_log::{Log, SimDisk};
use broker_records::{ControlType, batches};
use broker_types::{Offset, ProducerEpoch, ProducerId};
use bytes::Bytes;

use super::reading::{Batch, read};
use crate::storage::{Stop, Violation};

/// Batches that a log remembers of a producer.
const REMEMBERED: u32 = 5;

/// A batch that was appended, and when.
#[derive(Clone, Debug)]
struct Appended {
    batch: Batch,
    at: i64,
}

/// Everything that was asked of one log.
#[derive(Debug)]
pub(super) struct Oracle {
    tombstones: Duration,
    history: Vec<Appended>,
    unsure: Vec<Appended>,
    durable_end: Offset,
    /// No round was told to go further.
    exact_from: Offset,
    /// Aborted transactions whose marker was written once: that is final, also where the marker was lost.
    decided: BTreeSet<(i64, Offset, Offset)>,
    /// Producers that lost as many batches to the power or a cut as a log remembers of one: it may not know them any
    /// more.
    forgotten: BTreeSet<i64>,
}

macro_rules! ensure {
    ($holds:expr, $($text:tt)*) => {
        if !$holds {
            return Err(Violation(format!($($text)*)));
        }
    };
}

impl Oracle {
    pub(super) fn new(tombstones: Duration) -> Self {
        Self {
            tombstones,
            history: Vec::new(),
            unsure: Vec::new(),
            durable_end: Offset::ZERO,
            exact_from: Offset::ZERO,
            decided: BTreeSet::new(),
            forgotten: BTreeSet::new(),
        }
    }

    pub(super) fn appending(&mut self, bytes: &Bytes, end: Offset, at: i64) {
        let mut next = end;
        for batch in batches(bytes).map_while(Result::ok) {
            let Ok(batch) = Batch::of(&batch, next) else { continue };
            next = batch.next();
            self.unsure.push(Appended { batch, at });
        }
    }

    pub(super) fn appended(&mut self) {
        let has_marker = self.unsure.iter().any(|one| one.batch.marker.is_some());
        self.history.append(&mut self.unsure);
        if has_marker {
            self.decided.extend(self.aborted());
        }
    }

    pub(super) fn flushed(&mut self, offset: Offset) {
        self.durable_end = self.durable_end.max(offset);
    }

    /// A round begins that ends at `end` at the latest.
    pub(super) fn cleaning(&mut self, end: Offset) {
        self.exact_from = self.exact_from.max(end);
    }

    pub(super) fn truncating(&mut self, offset: Offset) {
        // A cut inside a batch takes the whole batch.
        let cut = self.history.iter().find(|one| one.batch.next() > offset);
        self.durable_end = self.durable_end.min(cut.map_or(offset, |one| one.batch.first().min(offset)));
    }

    pub(super) fn truncated(&mut self, end: Offset) {
        self.cut(end);
    }

    fn cut(&mut self, end: Offset) {
        let mut lost = BTreeMap::new();
        for one in self.history.extract_if(.., |one| one.batch.next() > end) {
            *lost.entry(one.batch.header.producer_id).or_insert(0) += 1;
        }
        self.forgotten.extend(lost.iter().filter(|(_, count)| **count >= REMEMBERED).map(|(id, _)| *id));
    }

    /// Compares a log that was just opened, and takes over what it has.
    pub(super) fn reopened(&mut self, log: &mut Log<SimDisk>, stop: Stop, now: i64) -> Result<(), Violation> {
        let end = log.end_offset();
        ensure!(end >= self.durable_end, "flushed up to {}, and the log ends at {end}", self.durable_end);
        self.history.append(&mut self.unsure);
        let known = self.history.last().map_or(Offset::ZERO, |last| last.batch.next());
        ensure!(stop == Stop::PowerLost || end >= known, "the log ended at {known}, and ends at {end}");
        self.cut(end);
        self.check(log, now)
    }

    /// Compares a log with all that it must hold.
    pub(super) fn check(&self, log: &mut Log<SimDisk>, now: i64) -> Result<(), Violation> {
        let found = read(log)?;
        self.check_origin(&found)?;
        self.check_exact(log, &found)?;
        self.check_latest(log, &found, now)?;
        self.check_aborted(log, &found)?;
        self.check_sequences(log)
    }

    /// Everything that is there was appended so.
    fn check_origin(&self, found: &[Batch]) -> Result<(), Violation> {
        let known: BTreeMap<_, _> = self.history.iter().map(|one| (one.batch.first(), &one.batch)).collect();
        for batch in found {
            let first = batch.first();
            let Some(original) = known.get(&first) else {
                return Err(Violation(format!("a batch at {first} that nobody appended")));
            };
            let place = |batch: &Batch| {
                let header = &batch.header;
                (header.last_offset_delta, header.producer_id, header.producer_epoch, header.base_sequence)
            };
            ensure!(place(batch) == place(original), "the batch at {first} has another place or producer");
            let is_known = batch.records.iter().all(|record| original.records.contains(record));
            ensure!(is_known, "a record in the batch at {first} that nobody appended");
        }
        Ok(())
    }

    /// Nothing is missing that no round has touched.
    fn check_exact(&self, log: &Log<SimDisk>, found: &[Batch]) -> Result<(), Violation> {
        let from = self.exact_from.max(log.start_offset());
        let there: BTreeMap<_, _> = found.iter().map(|batch| (batch.first(), batch)).collect();
        for one in self.history.iter().filter(|one| one.batch.first() >= from) {
            let first = one.batch.first();
            let records = there.get(&first).map(|batch| &batch.records);
            ensure!(records == Some(&one.batch.records), "the batch at {first} is not whole");
        }
        Ok(())
    }

    /// The aborted transactions: producer, first offset, marker.
    fn aborted(&self) -> Vec<(i64, Offset, Offset)> {
        let mut open = BTreeMap::new();
        let mut aborted = Vec::new();
        for Appended { batch, .. } in &self.history {
            let producer = batch.header.producer_id;
            match batch.marker {
                Some(kind) => {
                    let first = open.remove(&producer);
                    if let (Some(first), ControlType::Abort) = (first, kind) {
                        aborted.push((producer, first, batch.first()));
                    }
                }
                None if batch.header.attributes.is_transactional() => {
                    open.entry(producer).or_insert(batch.first());
                }
                None => {}
            }
        }
        aborted
    }

    fn check_latest(&self, log: &Log<SimDisk>, found: &[Batch], now: i64) -> Result<(), Violation> {
        let is_aborted = |batch: &Batch| {
            batch.header.attributes.is_transactional()
                && self.decided.iter().any(|(producer, first, marker)| {
                    *producer == batch.header.producer_id && (*first..*marker).contains(&batch.first())
                })
        };
        let mut latest = BTreeMap::new();
        for Appended { batch, at } in self.history.iter().filter(|one| !is_aborted(&one.batch)) {
            for record in batch.records.iter().filter(|(offset, ..)| *offset >= log.start_offset()) {
                latest.insert(&record.1, (record, *at));
            }
        }
        let there: BTreeSet<_> =
            found.iter().flat_map(|batch| &batch.records).map(|(offset, ..)| *offset).collect();
        let stay = i64::try_from(self.tombstones.as_millis()).unwrap_or(i64::MAX);
        for ((offset, _, value), at) in latest.values() {
            let may_be_gone = value.is_none() && *offset < self.exact_from && now >= at + stay;
            ensure!(
                there.contains(offset) || may_be_gone,
                "the last record of a key, at {offset}, is missing (tombstone: {}, age {})",
                value.is_none(),
                now - at
            );
        }
        Ok(())
    }

    /// Whoever reads committed records is told of each aborted one that is there.
    fn check_aborted(&self, log: &Log<SimDisk>, found: &[Batch]) -> Result<(), Violation> {
        let told = log.aborted_transactions(log.start_offset(), log.end_offset());
        let told = told.map_err(|error| Violation(error.to_string()))?;
        for (producer, first, marker) in self.aborted() {
            let is_of = |batch: &&Batch| {
                batch.header.producer_id == producer
                    && batch.header.attributes.is_transactional()
                    && !batch.records.is_empty()
                    && (first..marker).contains(&batch.first())
            };
            let Some(there) = found.iter().find(is_of) else { continue };
            let is_told = told.iter().any(|txn| {
                txn.producer_id.get() == producer
                    && (txn.first_offset..=txn.last_offset).contains(&there.first())
            });
            ensure!(is_told, "the aborted batch at {} is not told as such", there.first());
        }
        Ok(())
    }

    fn check_sequences(&self, log: &Log<SimDisk>) -> Result<(), Violation> {
        let mut last = BTreeMap::new();
        for Appended { batch, .. } in &self.history {
            if batch.next() > log.start_offset() && batch.header.producer().is_some() {
                last.insert(batch.header.producer_id, batch.header.last_sequence());
            }
        }
        for (producer, sequence) in last {
            let known = log.last_sequence(ProducerId::new(producer), ProducerEpoch::new(0));
            let may_be_unknown = known.is_none() && self.forgotten.contains(&producer);
            ensure!(
                known == sequence || may_be_unknown,
                "producer {producer} ended with {sequence:?}, the log has {known:?}"
            );
        }
        Ok(())
    }
}
