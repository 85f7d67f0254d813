//! What is remembered of one producer.

use broker_records::BatchHeader;
use broker_types::{Offset, ProducerEpoch, Sequence, Timestamp};

/// Batches by which a resent one is recognized: as many as an idempotent producer may have in flight.
const BATCHES_MAX: usize = 5;

/// A batch that was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ProducerBatch {
    /// `None` in batches of coordinators.
    pub(crate) last_sequence: Option<Sequence>,
    pub(crate) last_offset: Offset,
    pub(crate) offset_delta: i32,
    pub(crate) timestamp: Timestamp,
}

impl ProducerBatch {
    pub(crate) fn of(header: &BatchHeader) -> Self {
        Self {
            last_sequence: header.last_sequence(),
            last_offset: header.last_offset(),
            offset_delta: header.last_offset_delta,
            timestamp: Timestamp::from_millis(header.max_timestamp),
        }
    }

    pub(crate) fn first_offset(&self) -> Offset {
        Offset::new(self.last_offset.get().saturating_sub(i64::from(self.offset_delta)).max(0))
    }
}

/// One producer in one log, as DescribeProducers shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProducerEntry {
    /// The epoch it wrote last with.
    pub epoch: ProducerEpoch,
    /// The epoch of the coordinator that wrote its last marker; -1 before the first.
    pub coordinator_epoch: i32,
    /// Of its last batch or marker.
    pub last_timestamp: Timestamp,
    /// The first record of its open transaction.
    pub txn_first: Option<Offset>,
    batches: [Option<ProducerBatch>; BATCHES_MAX],
}

impl ProducerEntry {
    pub(crate) const fn new(epoch: ProducerEpoch) -> Self {
        Self {
            epoch,
            coordinator_epoch: -1,
            last_timestamp: Timestamp::from_millis(-1),
            txn_first: None,
            batches: [None; BATCHES_MAX],
        }
    }

    /// The sequence of its last record; `None` when this epoch has written none.
    #[must_use]
    pub fn last_sequence(&self) -> Option<Sequence> {
        self.last_batch().and_then(|batch| batch.last_sequence)
    }

    pub(crate) fn has_batches(&self) -> bool {
        self.last_batch().is_some()
    }

    pub(crate) fn last_batch(&self) -> Option<&ProducerBatch> {
        self.batches.iter().rev().flatten().next()
    }

    /// The last remembered batch that ends before `offset`.
    pub(crate) fn last_batch_before(&self, offset: Offset) -> Option<&ProducerBatch> {
        self.batches.iter().rev().flatten().find(|batch| batch.last_offset < offset)
    }

    /// The remembered batch with exactly the sequences of `header`.
    pub(crate) fn find(&self, epoch: ProducerEpoch, header: &BatchHeader) -> Option<ProducerBatch> {
        let last = header.last_sequence()?;
        let same = |batch: &&ProducerBatch| {
            batch.last_sequence == Some(last) && batch.offset_delta == header.last_offset_delta
        };
        (epoch == self.epoch).then(|| self.batches.iter().flatten().find(same).copied())?
    }

    fn set_epoch(&mut self, epoch: ProducerEpoch) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches = [None; BATCHES_MAX];
        }
    }

    pub(crate) fn add(&mut self, epoch: ProducerEpoch, batch: ProducerBatch) {
        self.set_epoch(epoch);
        self.batches.rotate_left(1);
        self.batches[BATCHES_MAX - 1] = Some(batch);
        self.last_timestamp = batch.timestamp;
    }

    /// Ends the open transaction, if any; gives its first offset.
    pub(crate) fn end_txn(
        &mut self,
        epoch: ProducerEpoch,
        coordinator_epoch: i32,
        timestamp: Timestamp,
    ) -> Option<Offset> {
        self.set_epoch(epoch);
        self.coordinator_epoch = coordinator_epoch;
        self.last_timestamp = timestamp;
        self.txn_first.take()
    }
}
