//! Records of KIP-848 groups.

use alloc::sync::Arc;

use broker_protocol::{
    Message, Str, encode_prefixed,
    records::group::{
        ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue,
        ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue, ConsumerGroupMetadataKey,
        ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey, ConsumerGroupRegularExpressionKey,
        ConsumerGroupRegularExpressionValue, ConsumerGroupTargetAssignmentMemberKey,
        ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupTargetAssignmentMetadataKey,
        ConsumerGroupTargetAssignmentMetadataValue, GroupKey, GroupValue,
    },
    wire::EncodeError,
};
use bytes::Bytes;

/// The only version of every value of a KIP-848 group.
const VERSION: i16 = 0;

/// A part of a KIP-848 group. Each is a key of its own, so that a change writes what changed; `None` is a tombstone.
#[derive(Clone, Debug, PartialEq)]
pub enum ConsumerRecord {
    /// The group's epoch: the group itself.
    Group(ConsumerGroupMetadataKey, Option<ConsumerGroupMetadataValue>),
    /// What Kafka 4.0 wrote about the topics that a group wants; only its tombstones are written now.
    PartitionMetadata(ConsumerGroupPartitionMetadataKey),
    /// Who a member is and what it wants.
    Member(ConsumerGroupMemberMetadataKey, Option<Arc<ConsumerGroupMemberMetadataValue>>),
    /// The epoch of the target assignment.
    TargetEpoch(ConsumerGroupTargetAssignmentMetadataKey, Option<ConsumerGroupTargetAssignmentMetadataValue>),
    /// What a member is to own.
    Target(ConsumerGroupTargetAssignmentMemberKey, Option<Arc<ConsumerGroupTargetAssignmentMemberValue>>),
    /// What a member owns, and what it must give up.
    Current(ConsumerGroupCurrentMemberAssignmentKey, Option<Arc<ConsumerGroupCurrentMemberAssignmentValue>>),
    /// What a pattern matched last.
    Regex(ConsumerGroupRegularExpressionKey, Option<Arc<ConsumerGroupRegularExpressionValue>>),
}

impl ConsumerRecord {
    /// `None` for records of other kinds of groups, and for a value that does not belong to the key.
    pub(super) fn from_parts(key: GroupKey, value: Option<GroupValue>) -> Option<Self> {
        macro_rules! part {
            ($value:ident, $shared:expr) => {
                match value {
                    None => None,
                    Some(GroupValue::$value(value)) => Some($shared(value)),
                    Some(_) => return None,
                }
            };
        }
        Some(match key {
            GroupKey::ConsumerGroupMetadata(key) => {
                Self::Group(key, part!(ConsumerGroupMetadata, core::convert::identity))
            }
            GroupKey::ConsumerGroupPartitionMetadata(key) => Self::PartitionMetadata(key),
            GroupKey::ConsumerGroupMemberMetadata(key) => {
                Self::Member(key, part!(ConsumerGroupMemberMetadata, Arc::new))
            }
            GroupKey::ConsumerGroupTargetAssignmentMetadata(key) => {
                Self::TargetEpoch(key, part!(ConsumerGroupTargetAssignmentMetadata, core::convert::identity))
            }
            GroupKey::ConsumerGroupTargetAssignmentMember(key) => {
                Self::Target(key, part!(ConsumerGroupTargetAssignmentMember, Arc::new))
            }
            GroupKey::ConsumerGroupCurrentMemberAssignment(key) => {
                Self::Current(key, part!(ConsumerGroupCurrentMemberAssignment, Arc::new))
            }
            GroupKey::ConsumerGroupRegularExpression(key) => {
                Self::Regex(key, part!(ConsumerGroupRegularExpression, Arc::new))
            }
            _ => return None,
        })
    }

    pub(super) fn encode(&self) -> Result<(Bytes, Option<Bytes>), EncodeError> {
        Ok(match self {
            Self::Group(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_ref())?),
            Self::PartitionMetadata(key) => (GroupKey::from(key.clone()).encode()?, None),
            Self::Member(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_deref())?),
            Self::TargetEpoch(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_ref())?),
            Self::Target(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_deref())?),
            Self::Current(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_deref())?),
            Self::Regex(key, value) => (GroupKey::from(key.clone()).encode()?, write(value.as_deref())?),
        })
    }

    /// Whether it says that something is gone.
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        match self {
            Self::Group(_, value) => value.is_none(),
            Self::PartitionMetadata(_) => true,
            Self::Member(_, value) => value.is_none(),
            Self::TargetEpoch(_, value) => value.is_none(),
            Self::Target(_, value) => value.is_none(),
            Self::Current(_, value) => value.is_none(),
            Self::Regex(_, value) => value.is_none(),
        }
    }

    /// The group that it belongs to.
    #[must_use]
    pub const fn group(&self) -> &Str {
        match self {
            Self::Group(key, _) => &key.group_id,
            Self::PartitionMetadata(key) => &key.group_id,
            Self::Member(key, _) => &key.group_id,
            Self::TargetEpoch(key, _) => &key.group_id,
            Self::Target(key, _) => &key.group_id,
            Self::Current(key, _) => &key.group_id,
            Self::Regex(key, _) => &key.group_id,
        }
    }
}

fn write<M: Message>(value: Option<&M>) -> Result<Option<Bytes>, EncodeError> {
    value.map(|value| encode_prefixed(value, VERSION)).transpose()
}
