//! What the coordinator is asked. The shell authorizes, and translates versions, sentinels and topic ids.

use alloc::vec::Vec;

use broker_types::{GroupId, PartitionId, TopicId, TopicName};

mod members;
mod offsets;
mod survey;

pub use members::{
    ConsumerHeartbeat, Heartbeat, JoinDialect, JoinGroup, LeaveGroup, Leaving, ListGroups, MemberAssignment,
    OwnedPartitions, Protocol, SyncGroup,
};
pub use offsets::{
    CommitDialect, CommitPartition, DeletedTopic, EndTransaction, OffsetCommit, OffsetDelete, OffsetFetch,
    TransactionResult, TxnOffsetCommit,
};
pub use survey::{Survey, SurveyPlace};

/// A request to a shard. Each is answered by the [`crate::Response`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Become, or stay, a member of the next generation. The reply is kept until the join phase ends.
    JoinGroup(JoinGroup),
    /// Get the assignment; the leader brings everybody's. The reply is kept until the leader has come.
    SyncGroup(SyncGroup),
    /// Say that a classic member lives.
    Heartbeat(Heartbeat),
    /// Leave, or remove others (KIP-345's administrator).
    LeaveGroup(LeaveGroup),
    /// A KIP-848 member joins, lives, reports what it owns, leaves.
    ConsumerHeartbeat(ConsumerHeartbeat),
    /// Commit offsets.
    OffsetCommit(OffsetCommit),
    /// Commit offsets with a producer's transaction.
    TxnOffsetCommit(TxnOffsetCommit),
    /// Read committed offsets.
    OffsetFetch(OffsetFetch),
    /// Forget offsets of topics that a group does not consume (KIP-496).
    OffsetDelete(OffsetDelete),
    /// Describe classic groups.
    DescribeGroups(Vec<GroupId>),
    /// Describe KIP-848 groups.
    DescribeConsumerGroups(Vec<GroupId>),
    /// List the groups of this shard.
    ListGroups(ListGroups),
    /// Delete empty groups with their offsets.
    DeleteGroups(Vec<GroupId>),
    /// A producer's transaction ended (`WriteTxnMarkers` for this partition).
    EndTransaction(EndTransaction),
    /// Topics are gone: their offsets go too. Asked by the broker itself, of every shard that it leads.
    TopicsDeleted(Vec<DeletedTopic>),
    /// Topics came, went, or have other partitions: KIP-848 groups that want them are assigned anew. Asked by the
    /// broker itself.
    TopicsChanged(Vec<TopicName>),
    /// All groups and what they have committed, a part at a time. Asked by the broker itself, for lag.
    Survey(Survey),
}

/// Something about partitions of one topic. The shell fills in whichever of name and id the request did not carry;
/// topics that it does not know it answers itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByTopic<T> {
    /// The topic.
    pub topic: TopicName,
    /// Its id; of what is committed always, else when the client named it by id.
    pub id: Option<TopicId>,
    /// In the request's order.
    pub partitions: Vec<T>,
}

impl<T> ByTopic<T> {
    /// The same topic with something else about its partitions.
    pub fn with<U>(&self, partitions: Vec<U>) -> ByTopic<U> {
        ByTopic { topic: self.topic.clone(), id: self.id, partitions }
    }
}

/// One partition of a request that only names it.
pub type Partitions = ByTopic<PartitionId>;
