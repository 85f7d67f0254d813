//! The group coordinator: one shard is one partition of `__consumer_offsets` (design, section 2).
//!
//! ```text
//! Request  JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch, DescribeGroups, …
//!    │
//!    ▼  reads State (hard: what the log says) and its live groups (soft: who joins, who waits, deadlines)
//! GroupCoordinator ──► GroupRecord ──► replayed into State ──► (ReplyId, Response), once committed
//!    ▲
//!    └─ tick: sessions that ran out, rebalances that are due, offsets that expired
//! ```
//!
//! A reply may be kept: a JoinGroup waits for the others, a SyncGroup for the leader's assignment. It is given back by
//! whichever handle or tick completes it, and waits there for the commit of what was decided before.
//!
//! Two kinds of groups: classic ones ([`ClassicGroup`] as written), soft while they rebalance; those of KIP-848
//! ([`ConsumerGroup`]), hard but for their deadlines. A group changes its kind with who joins and leaves it.
//!
//! Invariants: only replayed records change [`State`]; a group's generation only grows; a group with members has one
//! leader, who is a member; a member that was fenced or removed commits nothing; every kept reply has a deadline.
//! Deadlines are in one ordered structure, a heartbeat costs two lookups. No I/O, no clock, randomness from a seed.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod classic;
mod consumer;
mod coordinator;
mod errors;
mod groups;
mod identity;
mod lag;
mod metadata;
mod offsets;
#[cfg(test)]
mod random_runs;
mod record;
mod request;
mod response;
mod settings;
mod state;
#[cfg(test)]
mod testing;
mod timers;
mod work;

pub use coordinator::GroupCoordinator;
pub use errors::GroupError;
pub use identity::{Client, Generation, GroupState, GroupType, InstanceId, MemberId, Producer, Reader};
pub use lag::{EndHistory, GroupLag, LagTime, LogBounds, Measured, PartitionLag, Passed, Position, Watched};
pub use metadata::{GroupConfig, InvalidRegex, Metadata, TopicMetadata};
pub use record::{ConsumerRecord, Encoded, GroupRecord, UnreadableRecord};
pub use request::{
    ByTopic, CommitDialect, CommitPartition, ConsumerHeartbeat, DeletedTopic, EndTransaction, Heartbeat,
    JoinDialect, JoinGroup, LeaveGroup, Leaving, ListGroups, MemberAssignment, OffsetCommit, OffsetDelete,
    OffsetFetch, OwnedPartitions, Partitions, Protocol, Request, Survey, SurveyPlace, SyncGroup,
    TransactionResult, TxnOffsetCommit,
};
pub use response::{
    ConsumerAssignment, ConsumerDescription, ConsumerGroupDescription, ConsumerMemberDescription,
    FetchedOffset, GroupDescription, JoinRefused, Joined, JoinedMember, Left, ListedGroup, MemberDescription,
    OffsetResult, Rebalance, Response, Surveyed, SurveyedGroup, Synced,
};
pub use settings::{MigrationPolicy, Settings};
pub use state::{ClassicGroup, CommittedOffset, ConsumerGroup, ConsumerMember, Group, State};

/// The persistent ordered map that hard state is made of.
pub type Map<K, V> = rpds::RedBlackTreeMapSync<K, V>;
