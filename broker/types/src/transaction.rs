//! Transactions (KIP-98, KIP-890).

use crate::text::text;

text!(
    /// The lasting name of a transactional producer (`transactional.id`).
    TransactionalId
);

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionResult {
    /// What it wrote counts from now on.
    Commit,
    /// What it wrote never counts.
    Abort,
}

/// A level of the feature `transaction.version`: of the cluster, or of the client that ended a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TransactionVersion {
    /// As before 4.0.
    #[default]
    V0,
    /// Records of `__transaction_state` may carry tagged fields.
    V1,
    /// Every end of a transaction bumps the producer's epoch (KIP-890).
    V2,
}

impl TransactionVersion {
    /// `None` for a level that is not known.
    #[must_use]
    pub const fn from_level(level: i16) -> Option<Self> {
        match level {
            0 => Some(Self::V0),
            1 => Some(Self::V1),
            2 => Some(Self::V2),
            _ => None,
        }
    }

    /// The level of the feature.
    #[must_use]
    pub const fn level(self) -> i16 {
        match self {
            Self::V0 => 0,
            Self::V1 => 1,
            Self::V2 => 2,
        }
    }

    /// Whether the end of a transaction bumps the producer's epoch.
    #[must_use]
    pub const fn bumps_epoch(self) -> bool {
        matches!(self, Self::V2)
    }
}
