//! Transactions in a partition: how one may begin (KIP-890), and its end.

use broker_log::{AppendOrigin, ProducerError, Terms, VerificationGuard};
use broker_protocol::{encode_prefixed, records::control::EndTxnMarker};
use broker_records::{ControlBatch, ControlType};
use broker_replication::{Event, ProduceFailure};
use broker_types::{
    LeaderEpoch, Mono, Now, Offset, Producer, Sequence, TransactionResult, TransactionVersion,
};
use bytes::Bytes;

use super::{FetchError, News, Partition, ProduceError, Reply, state::State};

/// The end of a producer's transaction, as a coordinator of transactions says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TransactionEnd {
    pub(crate) producer: Producer,
    pub(crate) result: TransactionResult,
    /// The coordinator's: one that was replaced is refused.
    pub(crate) coordinator_epoch: i32,
    /// How strictly the producer's epoch is compared (KIP-1228).
    pub(crate) version: TransactionVersion,
}

impl TransactionEnd {
    /// The batch of its marker.
    pub(crate) fn batch(&self, base: Offset, epoch: LeaderEpoch, now: Now) -> Bytes {
        let kind = match self.result {
            TransactionResult::Commit => ControlType::Commit,
            TransactionResult::Abort => ControlType::Abort,
        };
        let value = EndTxnMarker { coordinator_epoch: self.coordinator_epoch };
        let value = encode_prefixed(&value, 0).unwrap_or_default();
        let producer = (self.producer.id, self.producer.epoch);
        let mut batch = ControlBatch::marker(base, epoch, now.wall, producer);
        let one = batch.append(kind, &value);
        debug_assert!(one.is_ok(), "an empty batch takes a record");
        batch.build()
    }
}

impl Partition {
    /// A batch came that may begin a transaction. Gives the guard that its append needs once the transaction's
    /// coordinator was asked; `None` when there is nothing to ask: the transaction is open, or nobody asks here.
    pub(crate) fn begin_verification(
        &self,
        producer: Producer,
        first: Option<Sequence>,
        version: TransactionVersion,
        now: Now,
    ) -> Result<Option<VerificationGuard>, ProduceError> {
        self.check_online().map_err(|()| ProduceError::Offline)?;
        let mut state = self.state.lock();
        let state = state.as_mut().ok_or(ProduceError::NotLeader)?;
        state.replica.leads().ok_or(ProduceError::NotLeader)?;
        // Whoever takes partitions in as it writes must have them taken in, verified or not.
        if !state.log.config().verifies_transactions && !version.bumps_epoch() {
            return Ok(None);
        }
        let begun = state.log.begin_verification(producer, first, version, now.wall);
        Ok(begun.map_err(broker_log::AppendError::from)?)
    }

    /// Whether the end of a transaction may be written here, by whoever it is that writes it.
    pub(crate) fn check_end(&self, end: &TransactionEnd) -> Result<Result<(), ProducerError>, FetchError> {
        self.with_log(None, |log| log.check_marker(end.producer, end.coordinator_epoch, end.version))
    }

    /// Appends the marker of a transaction's end. The answer comes when enough replicas have it.
    pub(crate) fn end_transaction(
        &self,
        end: &TransactionEnd,
        now: Now,
        commit_by: Mono,
    ) -> Result<Reply<Result<(), ProduceFailure>>, ProduceError> {
        self.check_online().map_err(|()| ProduceError::Offline)?;
        let (committed, moved) = {
            let mut state = self.state.lock();
            let state = state.as_mut().ok_or(ProduceError::NotLeader)?;
            let end = self.append_end(state, end, now)?;
            let log_end = state.log.end_offset();
            let moved = state.step(now, Event::Appended { log_end });
            (state.committed(now, end, commit_by), moved)
        };
        self.tell(News::of(moved));
        Ok(committed)
    }

    /// Gives the offset behind the marker.
    fn append_end(&self, state: &mut State, end: &TransactionEnd, now: Now) -> Result<Offset, ProduceError> {
        let epoch = state.replica.leads().ok_or(ProduceError::NotLeader)?;
        state.replica.check_in_sync()?;
        let batch = end.batch(state.log.end_offset(), epoch, now);
        let terms = Terms { marker_version: end.version, ..AppendOrigin::Coordinator.into() };
        let appended = state.log.append_as_leader(&batch, epoch, now.wall, terms);
        let appended = appended.inspect_err(|error| self.notice(error))?;
        Ok(appended.last_offset.next())
    }
}
