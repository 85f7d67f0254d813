//! Transactions in a log: whether one is open, and how one may begin (KIP-890).

use std::time::Duration;

use broker_types::{Producer, Sequence, Timestamp, TransactionVersion};

use crate::{
    disk::Disk,
    log::Log,
    producers::{ProducerError, VerificationGuard},
};

/// How much longer than any timeout a transaction may be open before it counts as one that nobody will end.
const LATE_BEYOND: Duration = Duration::from_secs(5 * 60);

impl<D: Disk> Log<D> {
    /// A producer's batch came that would begin a transaction here. Gives the guard that the append needs; `None` when the
    /// transaction is open already. In between the transaction's coordinator must be asked: whether the partition is in
    /// the transaction, or, with `version` 2, to take it in.
    ///
    /// `first` is the first sequence of the batch, `None` for a coordinator's own.
    ///
    /// # Errors
    /// A newer instance of the producer has written.
    pub fn begin_verification(
        &mut self,
        producer: Producer,
        first: Option<Sequence>,
        version: TransactionVersion,
        now: Timestamp,
    ) -> Result<Option<VerificationGuard>, ProducerError> {
        self.producers.begin_verification(producer, first, version, now)
    }

    /// Whether the marker of a transaction may be appended, of an end of this `version`: for who is to have somebody else
    /// append it.
    ///
    /// # Errors
    /// Its producer or its coordinator was replaced, or it ended another transaction than the one that is open.
    pub fn check_marker(
        &self,
        producer: Producer,
        coordinator_epoch: i32,
        version: TransactionVersion,
    ) -> Result<(), ProducerError> {
        self.producers.check_end(producer, coordinator_epoch, version)
    }

    /// Whether the producer has an open transaction here, in this epoch.
    #[must_use]
    pub fn has_open_transaction(&self, producer: Producer) -> bool {
        self.producers.has_open_txn(producer)
    }

    /// Whether a transaction is open here that nobody seems to end: its producer wrote last longer ago than any timeout,
    /// `transaction.max.timeout.ms`, and some more. It holds back readers of committed data and compaction.
    #[must_use]
    pub fn has_late_transaction(&self, now: Timestamp, timeout_max: Duration) -> bool {
        let written = self.producers.oldest_txn_written_at();
        written.is_some_and(|written| now.since(written) > timeout_max + LATE_BEYOND)
    }
}
