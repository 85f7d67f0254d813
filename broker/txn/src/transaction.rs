//! A transactional id: its producer, and its current or last transaction.

use core::time::Duration;

use broker_types::{Producer, ProducerEpoch, ProducerId, Timestamp, TransactionResult, TransactionVersion};

use crate::Partitions;

mod state;
mod transitions;

pub use state::TransactionState;

/// The timeout that means none (KIP-939), in the unit of the wire.
const NO_TIMEOUT: Duration = Duration::from_millis(0x7fff_ffff);

/// What is known of a transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Who may write.
    pub producer: Producer,
    /// The producer id before the last change, whether that changed it or not.
    pub previous_producer_id: Option<ProducerId>,
    /// The producer id after this transaction, when this one's epochs are exhausted.
    pub next_producer_id: Option<ProducerId>,
    /// How long a transaction may take.
    pub timeout: Duration,
    /// What the transaction does.
    pub state: TransactionState,
    /// What the transaction writes to; none once it is complete.
    pub partitions: Partitions,
    /// When the transaction began; `None` before the first one.
    pub started_at: Option<Timestamp>,
    /// When anything changed last.
    pub updated_at: Timestamp,
    /// How the client spoke that changed it last.
    pub client_version: TransactionVersion,
}

impl Transaction {
    /// The last epoch that a client is ever given: the coordinator must be able to fence it.
    pub const EPOCH_MAX: ProducerEpoch = ProducerEpoch::new(i16::MAX - 1);

    /// The timeout of transactions of two-phase commit (KIP-939): none.
    pub const NO_TIMEOUT: Duration = NO_TIMEOUT;

    /// Whether no epoch is left to give to a client.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.producer.epoch >= Self::EPOCH_MAX
    }

    /// How it is about to end, with markers that are being written; `None` when it is not.
    #[must_use]
    pub const fn ending(&self) -> Option<TransactionResult> {
        match self.state {
            TransactionState::PrepareCommit => Some(TransactionResult::Commit),
            TransactionState::PrepareAbort => Some(TransactionResult::Abort),
            _ => None,
        }
    }

    /// Whether it is open for longer than it may be.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.state == TransactionState::Ongoing
            && self.timeout != Self::NO_TIMEOUT
            && self.started_at.is_none_or(|started| started.plus(self.timeout) < now)
    }

    /// Whether nobody has used the transactional id for so long that it is forgotten.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp, expiration: Duration) -> bool {
        self.state.is_idle() && self.updated_at <= now.minus(expiration)
    }
}
