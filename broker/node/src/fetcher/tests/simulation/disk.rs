//! A log in memory.

use alloc::vec::Vec;

use broker_types::{LeaderEpoch, Offset};

use crate::fetcher::{EpochEnd, LogState};

/// A record: who led when it was written, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) epoch: LeaderEpoch,
    pub(super) value: u64,
}

/// A log that starts at 0, and its epochs as Kafka's cache has them: a leader's from its first day on.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) records: Vec<Record>,
    epochs: Vec<(LeaderEpoch, Offset)>,
    pub(super) high_watermark: Offset,
}

pub(super) fn index(offset: Offset) -> usize {
    usize::try_from(offset.get()).unwrap()
}

impl Log {
    pub(super) fn end(&self) -> Offset {
        Offset::new(i64::try_from(self.records.len()).unwrap())
    }

    pub(super) fn assign(&mut self, epoch: LeaderEpoch) {
        let end = self.end();
        if self.epochs.last().is_none_or(|(last, _)| *last < epoch) {
            self.epochs.retain(|(_, start)| *start < end);
            self.epochs.push((epoch, end));
        }
    }

    pub(super) fn append(&mut self, record: Record) {
        self.assign(record.epoch);
        self.records.push(record);
    }

    pub(super) fn truncate(&mut self, to: Offset) {
        self.records.truncate(index(to));
        self.epochs.retain(|(_, start)| *start < to);
        self.high_watermark = self.high_watermark.min(to);
    }

    /// KIP-279: the largest epoch not beyond `epoch`, and its end.
    pub(super) fn end_for(&self, epoch: LeaderEpoch) -> Option<EpochEnd> {
        let after = self.epochs.partition_point(|(known, _)| *known <= epoch);
        match self.epochs.get(after) {
            None if self.epochs.last().is_some_and(|(last, _)| *last == epoch) => {
                Some(EpochEnd { epoch, end: self.end() })
            }
            None => None,
            Some((_, end)) => {
                let epoch = after.checked_sub(1).map_or(epoch, |floor| self.epochs[floor].0);
                Some(EpochEnd { epoch, end: *end })
            }
        }
    }

    pub(super) fn state(&self) -> LogState {
        LogState {
            start: Offset::ZERO,
            end: self.end(),
            last_epoch: self.epochs.last().map(|(epoch, _)| *epoch),
            high_watermark: self.high_watermark,
        }
    }
}
