//! How a transactional id changes: each change gives its next value. What may change when is decided elsewhere.

use core::time::Duration;

use broker_types::{Producer, ProducerEpoch, ProducerId, Timestamp, TransactionResult, TransactionVersion};

use super::{Transaction, TransactionState};
use crate::Partitions;

const FIRST: ProducerEpoch = ProducerEpoch::new(0);

impl Transaction {
    /// A new transactional id.
    pub(crate) fn new(id: ProducerId, timeout: Duration, now: Timestamp) -> Self {
        Self {
            producer: Producer { id, epoch: FIRST },
            previous_producer_id: Some(id),
            next_producer_id: None,
            timeout,
            state: TransactionState::Empty,
            partitions: Partitions::default(),
            started_at: None,
            updated_at: now,
            client_version: TransactionVersion::V0,
        }
    }

    /// The producer is `producer` from now on, and has begun nothing.
    pub(crate) fn initialized(&self, producer: Producer, timeout: Duration, now: Timestamp) -> Self {
        Self {
            producer,
            timeout,
            state: TransactionState::Empty,
            partitions: Partitions::default(),
            started_at: None,
            ..self.changed(now)
        }
    }

    /// It has these partitions too.
    pub(crate) fn adding(
        &self,
        partitions: &Partitions,
        client_version: TransactionVersion,
        now: Timestamp,
    ) -> Self {
        let mut next = self.changed(now);
        next.partitions.extend(partitions);
        if self.state.is_idle() {
            next.started_at = Some(now);
        }
        Self { state: TransactionState::Ongoing, client_version, ..next }
    }

    /// It is about to end. With `client_version` 2 the epoch is bumped, so that nothing that was sent before can become
    /// part of the next transaction; `next_id` takes over where epochs are exhausted.
    pub(crate) fn preparing(
        &self,
        result: TransactionResult,
        client_version: TransactionVersion,
        next_id: Option<ProducerId>,
        now: Timestamp,
    ) -> Self {
        let state = match result {
            TransactionResult::Commit => TransactionState::PrepareCommit,
            TransactionResult::Abort => TransactionState::PrepareAbort,
        };
        // Nothing was added: the transaction begins and ends now.
        let started_at = if self.state.is_idle() { Some(now) } else { self.started_at };
        let producer = if client_version.bumps_epoch() { self.bumped() } else { self.producer };
        Self { producer, state, started_at, client_version, next_producer_id: next_id, ..self.changed(now) }
    }

    /// It is aborted by the coordinator, without a word of the producer: whoever that is, it is fenced.
    pub(crate) fn fencing(
        &self,
        version: TransactionVersion,
        next_id: Option<ProducerId>,
        now: Timestamp,
    ) -> Self {
        if version.bumps_epoch() {
            return self.preparing(TransactionResult::Abort, version, next_id, now);
        }
        let fenced = self.preparing(TransactionResult::Abort, TransactionVersion::V0, None, now);
        Self { producer: self.bumped(), ..fenced }
    }

    /// All markers are written.
    pub(crate) fn completed(&self, now: Timestamp) -> Self {
        let state = match self.state {
            TransactionState::PrepareCommit => TransactionState::CompleteCommit,
            _ => TransactionState::CompleteAbort,
        };
        let producer = match self.next_producer_id.filter(|_| self.client_version.bumps_epoch()) {
            Some(id) => Producer { id, epoch: FIRST },
            None => self.producer,
        };
        let partitions = Partitions::default();
        Self { producer, state, partitions, next_producer_id: None, ..self.changed(now) }
    }

    /// The producer with the next epoch; the very last one stays, which no client ever has.
    pub(crate) fn bumped(&self) -> Producer {
        let epoch = self.producer.epoch.get().saturating_add(1);
        Producer { epoch: ProducerEpoch::new(epoch), ..self.producer }
    }

    /// What every change has in common.
    fn changed(&self, now: Timestamp) -> Self {
        Self { previous_producer_id: Some(self.producer.id), updated_at: now, ..self.clone() }
    }
}
