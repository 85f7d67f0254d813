//! Why a request is refused.

use broker_protocol::ErrorCode;

/// Why a request is refused. None has a text on the wire, only its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TxnError {
    /// The transactional id is empty.
    #[error("the transactional id is empty")]
    InvalidRequest,
    /// The timeout is zero or beyond `transaction.max.timeout.ms`.
    #[error("the transaction timeout is not between 1 and the broker's maximum")]
    InvalidTransactionTimeout,
    /// Two-phase commit (KIP-939) is not enabled.
    #[error("two-phase commit is not enabled")]
    TransactionalIdAuthorizationFailed,
    /// Keeping a prepared transaction (KIP-939) is not supported, as in Kafka 4.3; nor is what a client of KIP-890 does on
    /// a cluster whose `transaction.version` is 0.
    #[error("this is not supported here")]
    UnsupportedVersion,
    /// A transaction of this id is being ended: to be tried again.
    #[error("the transaction is being completed")]
    ConcurrentTransactions,
    /// A newer producer has the transactional id. Versions of requests that are older than the code get
    /// INVALID_PRODUCER_EPOCH in its place: `InitProducerId` below 4, `AddPartitionsToTxn`, `AddOffsetsToTxn` and
    /// `EndTxn` below 2.
    #[error("a newer producer has the transactional id")]
    ProducerFenced,
    /// The transactional id is unknown, or has another producer id.
    #[error("the producer id is not that of the transactional id")]
    InvalidProducerIdMapping,
    /// The transaction cannot end so now.
    #[error("the transaction is not in a state for this")]
    InvalidTxnState,
    /// The partition is not in the transaction, which should be aborted (KIP-890).
    #[error("the partition is not in the transaction")]
    TransactionAbortable,
    /// There is no such transactional id.
    #[error("the transactional id does not exist")]
    TransactionalIdNotFound,
    /// A fresh producer id is needed: the shell asks again with one. Where it has none, a client is told to try again.
    #[error("a fresh producer id is needed")]
    NeedsProducerId,
}

impl TxnError {
    /// Kafka's code.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::InvalidRequest => ErrorCode::InvalidRequest,
            Self::InvalidTransactionTimeout => ErrorCode::InvalidTransactionTimeout,
            Self::TransactionalIdAuthorizationFailed => ErrorCode::TransactionalIdAuthorizationFailed,
            Self::UnsupportedVersion => ErrorCode::UnsupportedVersion,
            Self::ConcurrentTransactions => ErrorCode::ConcurrentTransactions,
            Self::ProducerFenced => ErrorCode::ProducerFenced,
            Self::InvalidProducerIdMapping => ErrorCode::InvalidProducerIdMapping,
            Self::InvalidTxnState => ErrorCode::InvalidTxnState,
            Self::TransactionAbortable => ErrorCode::TransactionAbortable,
            Self::TransactionalIdNotFound => ErrorCode::TransactionalIdNotFound,
            Self::NeedsProducerId => ErrorCode::CoordinatorLoadInProgress,
        }
    }
}
