//! A partition's log in memory, with the part of it that a loss of power spares.
//!
//! Epochs are kept as Kafka's leader epoch cache keeps them (KIP-101, KIP-279). Every record carries a hash of all before
//! it, so that two logs are compared by one number.

use std::collections::BTreeMap;

use broker_node::fetcher::{EpochEnd, LogState};
use broker_types::{LeaderEpoch, Offset};

/// A record: who led when it was written, who wrote it as its how-manieth, and a number that tells it from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) epoch: LeaderEpoch,
    pub(super) producer: u64,
    pub(super) sequence: u32,
    pub(super) value: u64,
}

/// What a leader makes of a producer's sequence number (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    Next,
    /// It is there already, at this offset.
    Repeated(i64),
    OutOfOrder,
}

/// The log. It starts at 0.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    records: Vec<(Record, u64)>,
    epochs: Vec<(LeaderEpoch, i64)>,
    producers: BTreeMap<u64, (u32, i64)>,
    pub(super) high_watermark: i64,
    /// The high watermark in the checkpoint file.
    pub(super) checkpoint: i64,
    /// What lies before survives a loss of power.
    pub(super) durable: i64,
}

/// Mixes numbers into one.
pub(super) const fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

impl Log {
    pub(super) const fn end(&self) -> i64 {
        self.records.len() as i64
    }

    /// The hash of everything before an offset; `None` past the end.
    pub(super) fn hash_before(&self, offset: i64) -> Option<u64> {
        match offset {
            0 => Some(0),
            _ => self.records.get(offset as usize - 1).map(|(_, hash)| *hash),
        }
    }

    pub(super) fn get(&self, offset: i64) -> Option<Record> {
        self.records.get(offset as usize).map(|(record, _)| *record)
    }

    pub(super) fn read(&self, from: i64, upto: i64, max: usize) -> Vec<Record> {
        let records = self.records.iter().skip(from as usize).take((upto - from).max(0) as usize);
        records.take(max).map(|(record, _)| *record).collect()
    }

    /// A leadership begins at the end.
    pub(super) fn assign(&mut self, epoch: LeaderEpoch) {
        let end = self.end();
        if self.latest_epoch() == Some(epoch) {
            return;
        }
        while self.epochs.last().is_some_and(|(last, start)| *last >= epoch || *start >= end) {
            self.epochs.pop();
        }
        self.epochs.push((epoch, end));
    }

    pub(super) fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.last().map(|(epoch, _)| *epoch)
    }

    pub(super) fn sequence(&self, producer: u64, sequence: u32) -> Sequence {
        match self.producers.get(&producer) {
            None if sequence == 0 => Sequence::Next,
            Some((last, _)) if *last + 1 == sequence => Sequence::Next,
            Some((last, at)) if *last == sequence => Sequence::Repeated(*at),
            None | Some(_) => Sequence::OutOfOrder,
        }
    }

    pub(super) fn append(&mut self, record: Record) {
        self.assign(record.epoch);
        let hash = mix(self.records.last().map_or(0, |(_, hash)| *hash), record.value);
        let hash = mix(hash, record.epoch.get() as u64 + 1);
        self.producers.insert(record.producer, (record.sequence, self.end()));
        self.records.push((record, hash));
    }

    pub(super) fn truncate(&mut self, to: i64) {
        if to >= self.end() {
            // Who led and appended nothing has an epoch without records, which its next leader does not know.
            let end = self.end();
            return self.epochs.retain(|(_, start)| *start < end);
        }
        self.records.truncate(to as usize);
        self.epochs.retain(|(_, start)| *start < to);
        self.high_watermark = self.high_watermark.min(to);
        self.checkpoint = self.checkpoint.min(to);
        self.durable = self.durable.min(to);
        self.producers.clear();
        for (at, (record, _)) in (0..).zip(&self.records) {
            self.producers.insert(record.producer, (record.sequence, at));
        }
    }

    /// The process is gone: the high watermark is the last that was written down.
    pub(super) fn reopen(&mut self) {
        self.high_watermark = self.checkpoint;
        self.epochs.retain(|(_, start)| *start < self.records.len() as i64);
    }

    /// The largest epoch not beyond `epoch`, and its end (KIP-279).
    pub(super) fn end_for(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        let after = self.epochs.partition_point(|(known, _)| *known <= epoch);
        match self.epochs.get(after) {
            None if self.latest_epoch() == Some(epoch) => {
                Some(EpochEnd { epoch, end: Offset::new(self.end()) })
            }
            None => None,
            Some((_, end)) => {
                let floor = after.checked_sub(1).and_then(|at| self.epochs.get(at));
                Some(EpochEnd { epoch: floor.map_or(epoch, |(floor, _)| *floor), end: Offset::new(*end) })
            }
        }
    }

    pub(super) fn state(&self) -> LogState {
        LogState {
            start: Offset::ZERO,
            end: Offset::new(self.end()),
            last_epoch: self.latest_epoch(),
            high_watermark: Offset::new(self.high_watermark),
        }
    }
}
