//! Requests about offsets.

use alloc::vec::Vec;
use core::time::Duration;

use broker_protocol::Str;
pub use broker_types::TransactionResult;
use broker_types::{GroupId, LeaderEpoch, PartitionId, TopicId, TopicName};

use super::{ByTopic, Partitions};
use crate::{Generation, InstanceId, MemberId, Producer};

/// `OffsetCommit`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommit {
    /// The group.
    pub group: GroupId,
    /// `None` for a consumer that manages its partitions itself, and for an administrator.
    pub member: Option<MemberId>,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// The classic generation or the KIP-848 member epoch; `None` as for `member`.
    pub generation: Option<Generation>,
    /// How long to keep them, whatever the broker's retention; only in versions 2 to 4.
    pub retention: Option<Duration>,
    /// What its version of the request understands.
    pub dialect: CommitDialect,
    /// What to commit.
    pub topics: Vec<ByTopic<CommitPartition>>,
}

/// What a version of `OffsetCommit` or `OffsetFetch` understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitDialect {
    /// Below version 9: generations only; a group that is not there is an illegal generation.
    Generations,
    /// From version 9 on: member epochs (KIP-848).
    Epochs,
}

/// One offset to commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitPartition {
    /// The partition.
    pub partition: PartitionId,
    /// As the client wrote it: no number is refused, as in Kafka.
    pub offset: i64,
    /// The leader epoch of the last record consumed (KIP-320).
    pub leader_epoch: Option<LeaderEpoch>,
    /// The client's own note; the wire's null is empty.
    pub metadata: Str,
}

/// `TxnOffsetCommit`. Its records carry the producer; they are pending until [`EndTransaction`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommit {
    /// The group.
    pub group: GroupId,
    /// Whose transaction.
    pub producer: Producer,
    /// `None` in versions below 3, and for producers that know no member.
    pub member: Option<MemberId>,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// The classic generation or the KIP-848 member epoch.
    pub generation: Option<Generation>,
    /// What to commit.
    pub topics: Vec<ByTopic<CommitPartition>>,
}

/// `OffsetFetch` of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetch {
    /// The group.
    pub group: GroupId,
    /// The member that asks, from version 9 on.
    pub member: Option<MemberId>,
    /// Its epoch, from version 9 on; `None` for the wire's negative numbers.
    pub epoch: Option<Generation>,
    /// `None` for all that the group has.
    pub topics: Option<Vec<Partitions>>,
    /// Whether a pending transactional offset makes the answer unstable (KIP-447) rather than the last one.
    pub require_stable: bool,
}

/// `OffsetDelete`.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetDelete {
    /// The group.
    pub group: GroupId,
    /// What to forget.
    pub topics: Vec<Partitions>,
}

/// A transaction's end. The shell has checked the producer's epoch and the coordinator's against the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndTransaction {
    /// Whose transaction.
    pub producer: Producer,
    /// The epoch of the transaction coordinator that says so; goes into the marker.
    pub coordinator_epoch: i32,
    /// How it ended.
    pub result: TransactionResult,
}

/// A topic that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedTopic {
    /// Its name.
    pub topic: TopicName,
    /// Its id: offsets that were committed to another topic of the name stay.
    pub id: TopicId,
}
