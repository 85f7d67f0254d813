//! What the coordinator answers.

use alloc::vec::Vec;
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, Timestamp, TopicName};
use bytes::Bytes;

use crate::{
    ByTopic, Client, Generation, GroupError, GroupState, GroupType, InstanceId, MemberId, OwnedPartitions,
};

/// An answer; each to the [`crate::Request`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// The join phase ended, or the member may not join.
    JoinGroup(Result<Joined, JoinRefused>),
    /// The assignment.
    SyncGroup(Result<Synced, GroupError>),
    /// It is heard; or what it must do.
    Heartbeat(Result<(), GroupError>),
    /// Per member in the request's order, or a refusal of all.
    LeaveGroup(Result<Vec<Left>, GroupError>),
    /// What a KIP-848 member is to do.
    ConsumerHeartbeat(Result<ConsumerAssignment, GroupError>),
    /// Per partition in the request's order, or a refusal of all.
    OffsetCommit(Result<Vec<ByTopic<OffsetResult>>, GroupError>),
    /// Per partition in the request's order, or a refusal of all.
    TxnOffsetCommit(Result<Vec<ByTopic<OffsetResult>>, GroupError>),
    /// Per partition; a refusal of all is a group-level error (KIP-848 members only).
    OffsetFetch(Result<Vec<ByTopic<FetchedOffset>>, GroupError>),
    /// Per partition in the request's order, or a refusal of all.
    OffsetDelete(Result<Vec<ByTopic<OffsetResult>>, GroupError>),
    /// In the request's order. [`GroupError::GroupIdNotFound`] shows as state `Dead`, below version 6 without an error.
    DescribeGroups(Vec<(GroupId, Result<GroupDescription, GroupError>)>),
    /// In the request's order.
    DescribeConsumerGroups(Vec<(GroupId, Result<ConsumerGroupDescription, GroupError>)>),
    /// By group id.
    ListGroups(Vec<ListedGroup>),
    /// In the request's order.
    DeleteGroups(Vec<(GroupId, Result<(), GroupError>)>),
    /// The marker is committed.
    EndTransaction,
    /// The offsets are forgotten.
    TopicsDeleted,
    /// The groups know.
    TopicsChanged,
    /// A part of the groups.
    Survey(Surveyed),
}

/// A member of a new generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The generation.
    pub generation: Generation,
    /// `consumer`, …
    pub protocol_type: Option<Str>,
    /// The protocol that all members know and most prefer.
    pub protocol: Option<Str>,
    /// Who assigns. `None` (the wire's empty string) cannot be while the group has members.
    pub leader: Option<MemberId>,
    /// The member itself.
    pub member: MemberId,
    /// All members with their metadata, for the leader; empty for others.
    pub members: Vec<JoinedMember>,
    /// The leader needs not assign (KIP-814).
    pub skip_assignment: bool,
}

/// What the leader is told of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinedMember {
    /// Its id.
    pub member: MemberId,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// Its metadata in the protocol chosen.
    pub metadata: Bytes,
}

/// Why a member does not join.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinRefused {
    /// Why.
    pub error: GroupError,
    /// The id that the answer carries: with [`GroupError::MemberIdRequired`] the one to come back with.
    pub member: Option<MemberId>,
}

/// The assignment of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Synced {
    /// `consumer`, …
    pub protocol_type: Option<Str>,
    /// The protocol chosen.
    pub protocol: Option<Str>,
    /// What the leader made; empty when it forgot the member.
    pub assignment: Bytes,
}

/// How it went for one that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// As the request named it; the real id for a static member of a KIP-848 group.
    pub member: Option<MemberId>,
    /// As the request named it.
    pub instance: Option<InstanceId>,
    /// Whether it left.
    pub result: Result<(), GroupError>,
}

/// How it went for one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetResult {
    /// The partition.
    pub partition: PartitionId,
    /// Whether it was done.
    pub result: Result<(), GroupError>,
}

/// A committed offset as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedOffset {
    /// The partition.
    pub partition: PartitionId,
    /// `Ok(None)`: nothing is committed; the wire's -1, epoch -1, empty metadata. Also with an error.
    pub result: Result<Option<crate::CommittedOffset>, GroupError>,
}

/// A classic group.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupDescription {
    /// What it does.
    pub state: GroupState,
    /// `consumer`, …; empty for a group of offsets only.
    pub protocol_type: Str,
    /// The protocol chosen; only while stable.
    pub protocol: Str,
    /// Its generation; for the admin HTTP, the wire has no place for it.
    pub generation: Generation,
    /// Its members; metadata and assignments only while stable.
    pub members: Vec<MemberDescription>,
    /// The last rebalances that this coordinator saw, the latest last; for the admin HTTP.
    pub rebalances: Vec<Rebalance>,
}

/// A member of a classic group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    /// Its id.
    pub member: MemberId,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// Who speaks for it.
    pub client: Client,
    /// In the protocol chosen.
    pub metadata: Bytes,
    /// Made by the leader.
    pub assignment: Bytes,
}

/// Why a group rebalanced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// When.
    pub at: Timestamp,
    /// The generation (or group epoch) that it ended.
    pub generation: Generation,
    /// What a human is told.
    pub reason: Str,
}

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGroup {
    /// Its id.
    pub group: GroupId,
    /// `consumer`, …; empty for a group of offsets only.
    pub protocol_type: Str,
    /// What it does.
    pub state: GroupState,
    /// What kind it is.
    pub kind: GroupType,
}

/// A part of the groups of a shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// By group id.
    pub groups: Vec<SurveyedGroup>,
    /// Where the next part begins; `None` when this was the last.
    pub next: Option<crate::SurveyPlace>,
}

/// A group and what it has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedGroup {
    /// Its id.
    pub group: GroupId,
    /// What kind it is.
    pub kind: GroupType,
    /// What it does.
    pub state: GroupState,
    /// How many members it has.
    pub members: usize,
    /// Partitions and offsets as clients wrote them; of those that lie in this part.
    pub offsets: Vec<ByTopic<(PartitionId, i64)>>,
}

/// What a KIP-848 member is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerAssignment {
    /// Its id.
    pub member: MemberId,
    /// Its epoch from now on; -1 and -2 echo a leave.
    pub epoch: i32,
    /// How often to come.
    pub heartbeat_interval: Duration,
    /// What it may own; `None` when unchanged.
    pub assignment: Option<Vec<OwnedPartitions>>,
}

/// A KIP-848 group.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupDescription {
    /// What it does.
    pub state: GroupState,
    /// Counts the changes of what it wants.
    pub epoch: i32,
    /// The epoch of its target assignment.
    pub assignment_epoch: i32,
    /// Who assigns.
    pub assignor: Str,
    /// Its members.
    pub members: Vec<ConsumerMemberDescription>,
    /// The last rebalances that this coordinator saw, the latest last; for the admin HTTP.
    pub rebalances: Vec<Rebalance>,
}

/// A member of a KIP-848 group.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerMemberDescription {
    /// Its id.
    pub member: MemberId,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// Where it runs.
    pub rack: Option<Str>,
    /// Its epoch.
    pub epoch: i32,
    /// Who speaks for it.
    pub client: Client,
    /// What it asked for by name.
    pub topics: Vec<TopicName>,
    /// What it asked for by pattern.
    pub regex: Option<Str>,
    /// What it owns.
    pub assignment: ConsumerDescription,
    /// What it is to own.
    pub target: ConsumerDescription,
    /// Whether it speaks the classic protocol inside a KIP-848 group (wire: 0; a KIP-848 member is 1).
    pub is_classic: bool,
}

/// Partitions with their topics' names; topics that are gone are left out.
pub type ConsumerDescription = Vec<(TopicName, OwnedPartitions)>;
