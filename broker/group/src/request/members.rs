//! Requests about membership.

use alloc::vec::Vec;
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, PartitionId, TopicId, TopicName};
use bytes::Bytes;

use crate::{Client, Generation, InstanceId, MemberId, Reader};

/// `JoinGroup`.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroup {
    /// The group.
    pub group: GroupId,
    /// `None` before the coordinator gave it an id.
    pub member: Option<MemberId>,
    /// Its lasting name, when it is static.
    pub instance: Option<InstanceId>,
    /// Who asks.
    pub client: Client,
    /// `consumer`, `connect`, …
    pub protocol_type: Str,
    /// The protocols that the member knows, the best first.
    pub protocols: Vec<Protocol>,
    /// Without a heartbeat for so long it is removed. The wire's negative numbers become zero, which is refused.
    pub session_timeout: Duration,
    /// How long others wait for it in a rebalance. Version 0 has none: the session timeout stands for it.
    pub rebalance_timeout: Duration,
    /// Why it joins (KIP-800).
    pub reason: Option<Str>,
    /// What its version of the request understands.
    pub dialect: JoinDialect,
}

/// What a version of `JoinGroup` understands, each including those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JoinDialect {
    /// Versions 0 to 3: a member without an id is added at once.
    AddedAtOnce,
    /// Versions 4 to 8: it is given an id and must join again with it (KIP-394).
    RequiresMemberId,
    /// From version 9 on: a static leader that comes back is told to skip the assignment (KIP-814).
    SkipsAssignment,
}

/// One protocol that a member knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// `range`, `cooperative-sticky`, …
    pub name: Str,
    /// What the leader needs to know of the member; for consumers its subscription.
    pub metadata: Bytes,
}

/// `SyncGroup`.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncGroup {
    /// The group.
    pub group: GroupId,
    /// Who asks; `None` is answered as an unknown member.
    pub member: Option<MemberId>,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// The generation that it joined.
    pub generation: Option<Generation>,
    /// Checked when given (KIP-559).
    pub protocol_type: Option<Str>,
    /// Checked when given (KIP-559).
    pub protocol: Option<Str>,
    /// Everybody's assignment, from the leader; others send none.
    pub assignments: Vec<MemberAssignment>,
}

/// What the leader gives one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberAssignment {
    /// The member.
    pub member: MemberId,
    /// Opaque to the coordinator.
    pub assignment: Bytes,
}

/// `Heartbeat` of a classic member.
#[derive(Clone, Debug, PartialEq)]
pub struct Heartbeat {
    /// The group.
    pub group: GroupId,
    /// Who lives.
    pub member: Option<MemberId>,
    /// Its lasting name.
    pub instance: Option<InstanceId>,
    /// The generation that it is in.
    pub generation: Option<Generation>,
}

/// `LeaveGroup`.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveGroup {
    /// The group.
    pub group: GroupId,
    /// Who leaves; versions before 3 name one.
    pub members: Vec<Leaving>,
}

/// One member that leaves or is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// `None` when an administrator names a static member by its instance only.
    pub member: Option<MemberId>,
    /// The lasting name.
    pub instance: Option<InstanceId>,
    /// Why (KIP-800).
    pub reason: Option<Str>,
}

/// `ConsumerGroupHeartbeat` (KIP-848).
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerHeartbeat {
    /// The group.
    pub group: GroupId,
    /// `None` for a version 0 client that joins: the coordinator draws an id.
    pub member: Option<MemberId>,
    /// 0 joins, -1 leaves, -2 is a static member that leaves for a while; else what it was given last.
    pub epoch: i32,
    /// Its lasting name, when it is static.
    pub instance: Option<InstanceId>,
    /// Where it runs.
    pub rack: Option<Str>,
    /// How long it may take to revoke; `None` when unchanged.
    pub rebalance_timeout: Option<Duration>,
    /// The topics that it wants; `None` when unchanged.
    pub topics: Option<Vec<TopicName>>,
    /// A pattern of topics that it wants, in RE2's syntax; `None` when unchanged, empty to drop it.
    pub regex: Option<Str>,
    /// The assignor that it wants; `None` when unchanged or for the group's default.
    pub assignor: Option<Str>,
    /// What it owns; `None` when unchanged.
    pub owned: Option<Vec<OwnedPartitions>>,
    /// Who asks.
    pub client: Client,
    /// In whose name topics are looked up that match a pattern.
    pub reader: Reader,
    /// Whether its version draws its own member id (from version 1 on, KIP-1082) and knows patterns.
    pub draws_member_id: bool,
}

/// Partitions of a topic that a member owns or is to own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedPartitions {
    /// The topic.
    pub topic: TopicId,
    /// Its partitions.
    pub partitions: Vec<PartitionId>,
}

/// `ListGroups`. Empty filters let everything through; names are compared without case, unknown ones match nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroups {
    /// Names of states.
    pub states: Vec<Str>,
    /// Names of types.
    pub types: Vec<Str>,
}
