//! What the coordinator asks about the cluster.

use core::fmt::Debug;

use broker_types::TransactionVersion;

/// The cluster's finalized features, implemented by the shell over its image. Only decisions read them, never replay.
pub trait Features: Debug + Send + Sync {
    /// The finalized level of `transaction.version`: the format of new records, and how the coordinator itself ends
    /// transactions. What a client's requests mean is said by their versions.
    fn transaction_version(&self) -> TransactionVersion;
}

/// A level that does not change.
impl Features for TransactionVersion {
    fn transaction_version(&self) -> TransactionVersion {
        *self
    }
}
