//! Why a partition refuses a producer or a reader.

use broker_log::{AppendError, ReadError, StorageError};
use broker_protocol::ErrorCode;
use broker_records::validate::Rejected;
use broker_replication::{NotEnoughReplicas, ProduceFailure};
use broker_types::LeaderEpoch;

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProduceError {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("the partition's log directory is offline")]
    Offline,
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    NotEnoughReplicas(#[from] NotEnoughReplicas),
    #[error(transparent)]
    NotCommitted(#[from] ProduceFailure),
    #[error("the producer's batch before this one was refused ({}); send that one first", .0.name())]
    BehindRefused(ErrorCode),
}

impl ProduceError {
    /// Whether the same batch may be taken a moment later.
    pub(crate) const fn passes(&self) -> bool {
        matches!(
            self,
            Self::NotLeader
                | Self::NotEnoughReplicas(_)
                | Self::Append(AppendError::DiskFull(_) | AppendError::Storage(_))
        )
    }
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("this broker does not lead the partition")]
    NotLeader,
    #[error("the partition's log directory is offline")]
    Offline,
    #[error("the leader epoch {given} is older than the present {present}")]
    FencedEpoch { given: LeaderEpoch, present: LeaderEpoch },
    #[error("the leader epoch {given} is not known here yet, the present one is {present}")]
    UnknownEpoch { given: LeaderEpoch, present: LeaderEpoch },
    #[error("the high watermark is still behind the records of earlier leaderships")]
    NotSettled,
    #[error("the broker that fetches has no replica of the partition")]
    UnknownReplica {
        /// Whether it says which leadership it means.
        names_epoch: bool,
    },
    #[error("the broker that fetches has registered anew since")]
    StaleReplica,
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Why a follower's log stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    #[error("this replica does not follow in that epoch")]
    NotFollower,
    #[error("the partition's log directory is offline")]
    Offline,
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}
