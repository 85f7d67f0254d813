// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Records of the group coordinator (`__consumer_offsets`).

pub mod consumer_group_current_member_assignment_key;
pub mod consumer_group_current_member_assignment_value;
pub mod consumer_group_member_metadata_key;
pub mod consumer_group_member_metadata_value;
pub mod consumer_group_metadata_key;
pub mod consumer_group_metadata_value;
pub mod consumer_group_partition_metadata_key;
pub mod consumer_group_partition_metadata_value;
pub mod consumer_group_regular_expression_key;
pub mod consumer_group_regular_expression_value;
pub mod consumer_group_target_assignment_member_key;
pub mod consumer_group_target_assignment_member_value;
pub mod consumer_group_target_assignment_metadata_key;
pub mod consumer_group_target_assignment_metadata_value;
pub mod group_metadata_key;
pub mod group_metadata_value;
pub mod legacy_offset_commit_key;
pub mod legacy_offset_commit_value;
pub mod offset_commit_key;
pub mod offset_commit_value;
pub mod share_group_current_member_assignment_key;
pub mod share_group_current_member_assignment_value;
pub mod share_group_member_metadata_key;
pub mod share_group_member_metadata_value;
pub mod share_group_metadata_key;
pub mod share_group_metadata_value;
pub mod share_group_state_partition_metadata_key;
pub mod share_group_state_partition_metadata_value;
pub mod share_group_target_assignment_member_key;
pub mod share_group_target_assignment_member_value;
pub mod share_group_target_assignment_metadata_key;
pub mod share_group_target_assignment_metadata_value;
pub mod streams_group_current_member_assignment_key;
pub mod streams_group_current_member_assignment_value;
pub mod streams_group_member_metadata_key;
pub mod streams_group_member_metadata_value;
pub mod streams_group_metadata_key;
pub mod streams_group_metadata_value;
pub mod streams_group_target_assignment_member_key;
pub mod streams_group_target_assignment_member_value;
pub mod streams_group_target_assignment_metadata_key;
pub mod streams_group_target_assignment_metadata_value;
pub mod streams_group_topology_key;
pub mod streams_group_topology_value;

pub use consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey;
pub use consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
pub use consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey;
pub use consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
pub use consumer_group_metadata_key::ConsumerGroupMetadataKey;
pub use consumer_group_metadata_value::ConsumerGroupMetadataValue;
pub use consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey;
pub use consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
pub use consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey;
pub use consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
pub use consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey;
pub use consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
pub use consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey;
pub use consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
pub use group_metadata_key::GroupMetadataKey;
pub use group_metadata_value::GroupMetadataValue;
pub use legacy_offset_commit_key::LegacyOffsetCommitKey;
pub use legacy_offset_commit_value::LegacyOffsetCommitValue;
pub use offset_commit_key::OffsetCommitKey;
pub use offset_commit_value::OffsetCommitValue;
pub use share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey;
pub use share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue;
pub use share_group_member_metadata_key::ShareGroupMemberMetadataKey;
pub use share_group_member_metadata_value::ShareGroupMemberMetadataValue;
pub use share_group_metadata_key::ShareGroupMetadataKey;
pub use share_group_metadata_value::ShareGroupMetadataValue;
pub use share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey;
pub use share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue;
pub use share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey;
pub use share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue;
pub use share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey;
pub use share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue;
pub use streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey;
pub use streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue;
pub use streams_group_member_metadata_key::StreamsGroupMemberMetadataKey;
pub use streams_group_member_metadata_value::StreamsGroupMemberMetadataValue;
pub use streams_group_metadata_key::StreamsGroupMetadataKey;
pub use streams_group_metadata_value::StreamsGroupMetadataValue;
pub use streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey;
pub use streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue;
pub use streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey;
pub use streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue;
pub use streams_group_topology_key::StreamsGroupTopologyKey;
pub use streams_group_topology_value::StreamsGroupTopologyValue;

use bytes::Bytes;

use crate::record_framing::{RecordError, decode_prefixed, encode_key, encode_prefixed};
use crate::wire::{EncodeError, Reader};
use crate::{Message as _, RecordMessage as _};

/// The key of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupKey {
    /// Type 0.
    LegacyOffsetCommit(LegacyOffsetCommitKey),
    /// Type 1.
    OffsetCommit(OffsetCommitKey),
    /// Type 2.
    GroupMetadata(GroupMetadataKey),
    /// Type 3.
    ConsumerGroupMetadata(ConsumerGroupMetadataKey),
    /// Type 4.
    ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey),
    /// Type 5.
    ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey),
    /// Type 6.
    ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataKey),
    /// Type 7.
    ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberKey),
    /// Type 8.
    ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentKey),
    /// Type 10.
    ShareGroupMemberMetadata(ShareGroupMemberMetadataKey),
    /// Type 11.
    ShareGroupMetadata(ShareGroupMetadataKey),
    /// Type 12.
    ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataKey),
    /// Type 13.
    ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberKey),
    /// Type 14.
    ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentKey),
    /// Type 15.
    ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataKey),
    /// Type 16.
    ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionKey),
    /// Type 17.
    StreamsGroupMetadata(StreamsGroupMetadataKey),
    /// Type 19.
    StreamsGroupMemberMetadata(StreamsGroupMemberMetadataKey),
    /// Type 20.
    StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataKey),
    /// Type 21.
    StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberKey),
    /// Type 22.
    StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentKey),
    /// Type 23.
    StreamsGroupTopology(StreamsGroupTopologyKey),
}

impl From<LegacyOffsetCommitKey> for GroupKey {
    fn from(record: LegacyOffsetCommitKey) -> Self {
        Self::LegacyOffsetCommit(record)
    }
}

impl From<OffsetCommitKey> for GroupKey {
    fn from(record: OffsetCommitKey) -> Self {
        Self::OffsetCommit(record)
    }
}

impl From<GroupMetadataKey> for GroupKey {
    fn from(record: GroupMetadataKey) -> Self {
        Self::GroupMetadata(record)
    }
}

impl From<ConsumerGroupMetadataKey> for GroupKey {
    fn from(record: ConsumerGroupMetadataKey) -> Self {
        Self::ConsumerGroupMetadata(record)
    }
}

impl From<ConsumerGroupPartitionMetadataKey> for GroupKey {
    fn from(record: ConsumerGroupPartitionMetadataKey) -> Self {
        Self::ConsumerGroupPartitionMetadata(record)
    }
}

impl From<ConsumerGroupMemberMetadataKey> for GroupKey {
    fn from(record: ConsumerGroupMemberMetadataKey) -> Self {
        Self::ConsumerGroupMemberMetadata(record)
    }
}

impl From<ConsumerGroupTargetAssignmentMetadataKey> for GroupKey {
    fn from(record: ConsumerGroupTargetAssignmentMetadataKey) -> Self {
        Self::ConsumerGroupTargetAssignmentMetadata(record)
    }
}

impl From<ConsumerGroupTargetAssignmentMemberKey> for GroupKey {
    fn from(record: ConsumerGroupTargetAssignmentMemberKey) -> Self {
        Self::ConsumerGroupTargetAssignmentMember(record)
    }
}

impl From<ConsumerGroupCurrentMemberAssignmentKey> for GroupKey {
    fn from(record: ConsumerGroupCurrentMemberAssignmentKey) -> Self {
        Self::ConsumerGroupCurrentMemberAssignment(record)
    }
}

impl From<ShareGroupMemberMetadataKey> for GroupKey {
    fn from(record: ShareGroupMemberMetadataKey) -> Self {
        Self::ShareGroupMemberMetadata(record)
    }
}

impl From<ShareGroupMetadataKey> for GroupKey {
    fn from(record: ShareGroupMetadataKey) -> Self {
        Self::ShareGroupMetadata(record)
    }
}

impl From<ShareGroupTargetAssignmentMetadataKey> for GroupKey {
    fn from(record: ShareGroupTargetAssignmentMetadataKey) -> Self {
        Self::ShareGroupTargetAssignmentMetadata(record)
    }
}

impl From<ShareGroupTargetAssignmentMemberKey> for GroupKey {
    fn from(record: ShareGroupTargetAssignmentMemberKey) -> Self {
        Self::ShareGroupTargetAssignmentMember(record)
    }
}

impl From<ShareGroupCurrentMemberAssignmentKey> for GroupKey {
    fn from(record: ShareGroupCurrentMemberAssignmentKey) -> Self {
        Self::ShareGroupCurrentMemberAssignment(record)
    }
}

impl From<ShareGroupStatePartitionMetadataKey> for GroupKey {
    fn from(record: ShareGroupStatePartitionMetadataKey) -> Self {
        Self::ShareGroupStatePartitionMetadata(record)
    }
}

impl From<ConsumerGroupRegularExpressionKey> for GroupKey {
    fn from(record: ConsumerGroupRegularExpressionKey) -> Self {
        Self::ConsumerGroupRegularExpression(record)
    }
}

impl From<StreamsGroupMetadataKey> for GroupKey {
    fn from(record: StreamsGroupMetadataKey) -> Self {
        Self::StreamsGroupMetadata(record)
    }
}

impl From<StreamsGroupMemberMetadataKey> for GroupKey {
    fn from(record: StreamsGroupMemberMetadataKey) -> Self {
        Self::StreamsGroupMemberMetadata(record)
    }
}

impl From<StreamsGroupTargetAssignmentMetadataKey> for GroupKey {
    fn from(record: StreamsGroupTargetAssignmentMetadataKey) -> Self {
        Self::StreamsGroupTargetAssignmentMetadata(record)
    }
}

impl From<StreamsGroupTargetAssignmentMemberKey> for GroupKey {
    fn from(record: StreamsGroupTargetAssignmentMemberKey) -> Self {
        Self::StreamsGroupTargetAssignmentMember(record)
    }
}

impl From<StreamsGroupCurrentMemberAssignmentKey> for GroupKey {
    fn from(record: StreamsGroupCurrentMemberAssignmentKey) -> Self {
        Self::StreamsGroupCurrentMemberAssignment(record)
    }
}

impl From<StreamsGroupTopologyKey> for GroupKey {
    fn from(record: StreamsGroupTopologyKey) -> Self {
        Self::StreamsGroupTopology(record)
    }
}

impl GroupKey {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitKey::TYPE,
            Self::OffsetCommit(_) => OffsetCommitKey::TYPE,
            Self::GroupMetadata(_) => GroupMetadataKey::TYPE,
            Self::ConsumerGroupMetadata(_) => ConsumerGroupMetadataKey::TYPE,
            Self::ConsumerGroupPartitionMetadata(_) => ConsumerGroupPartitionMetadataKey::TYPE,
            Self::ConsumerGroupMemberMetadata(_) => ConsumerGroupMemberMetadataKey::TYPE,
            Self::ConsumerGroupTargetAssignmentMetadata(_) => ConsumerGroupTargetAssignmentMetadataKey::TYPE,
            Self::ConsumerGroupTargetAssignmentMember(_) => ConsumerGroupTargetAssignmentMemberKey::TYPE,
            Self::ConsumerGroupCurrentMemberAssignment(_) => ConsumerGroupCurrentMemberAssignmentKey::TYPE,
            Self::ShareGroupMemberMetadata(_) => ShareGroupMemberMetadataKey::TYPE,
            Self::ShareGroupMetadata(_) => ShareGroupMetadataKey::TYPE,
            Self::ShareGroupTargetAssignmentMetadata(_) => ShareGroupTargetAssignmentMetadataKey::TYPE,
            Self::ShareGroupTargetAssignmentMember(_) => ShareGroupTargetAssignmentMemberKey::TYPE,
            Self::ShareGroupCurrentMemberAssignment(_) => ShareGroupCurrentMemberAssignmentKey::TYPE,
            Self::ShareGroupStatePartitionMetadata(_) => ShareGroupStatePartitionMetadataKey::TYPE,
            Self::ConsumerGroupRegularExpression(_) => ConsumerGroupRegularExpressionKey::TYPE,
            Self::StreamsGroupMetadata(_) => StreamsGroupMetadataKey::TYPE,
            Self::StreamsGroupMemberMetadata(_) => StreamsGroupMemberMetadataKey::TYPE,
            Self::StreamsGroupTargetAssignmentMetadata(_) => StreamsGroupTargetAssignmentMetadataKey::TYPE,
            Self::StreamsGroupTargetAssignmentMember(_) => StreamsGroupTargetAssignmentMemberKey::TYPE,
            Self::StreamsGroupCurrentMemberAssignment(_) => StreamsGroupCurrentMemberAssignmentKey::TYPE,
            Self::StreamsGroupTopology(_) => StreamsGroupTopologyKey::TYPE,
        }
    }

    /// Reads a record's key: its type in two bytes, then the key.
    ///
    /// # Errors
    /// The type is unknown, or the key is malformed.
    pub fn decode(key: Bytes) -> Result<Self, RecordError> {
        let mut r = Reader::new(key);
        let record_type = r.i16("record type")?;
        Ok(match record_type {
            LegacyOffsetCommitKey::TYPE => {
                Self::LegacyOffsetCommit(LegacyOffsetCommitKey::decode(&mut r, 0)?)
            }
            OffsetCommitKey::TYPE => Self::OffsetCommit(OffsetCommitKey::decode(&mut r, 0)?),
            GroupMetadataKey::TYPE => Self::GroupMetadata(GroupMetadataKey::decode(&mut r, 0)?),
            ConsumerGroupMetadataKey::TYPE => {
                Self::ConsumerGroupMetadata(ConsumerGroupMetadataKey::decode(&mut r, 0)?)
            }
            ConsumerGroupPartitionMetadataKey::TYPE => {
                Self::ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataKey::decode(&mut r, 0)?)
            }
            ConsumerGroupMemberMetadataKey::TYPE => {
                Self::ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataKey::decode(&mut r, 0)?)
            }
            ConsumerGroupTargetAssignmentMetadataKey::TYPE => Self::ConsumerGroupTargetAssignmentMetadata(
                ConsumerGroupTargetAssignmentMetadataKey::decode(&mut r, 0)?,
            ),
            ConsumerGroupTargetAssignmentMemberKey::TYPE => Self::ConsumerGroupTargetAssignmentMember(
                ConsumerGroupTargetAssignmentMemberKey::decode(&mut r, 0)?,
            ),
            ConsumerGroupCurrentMemberAssignmentKey::TYPE => Self::ConsumerGroupCurrentMemberAssignment(
                ConsumerGroupCurrentMemberAssignmentKey::decode(&mut r, 0)?,
            ),
            ShareGroupMemberMetadataKey::TYPE => {
                Self::ShareGroupMemberMetadata(ShareGroupMemberMetadataKey::decode(&mut r, 0)?)
            }
            ShareGroupMetadataKey::TYPE => {
                Self::ShareGroupMetadata(ShareGroupMetadataKey::decode(&mut r, 0)?)
            }
            ShareGroupTargetAssignmentMetadataKey::TYPE => Self::ShareGroupTargetAssignmentMetadata(
                ShareGroupTargetAssignmentMetadataKey::decode(&mut r, 0)?,
            ),
            ShareGroupTargetAssignmentMemberKey::TYPE => Self::ShareGroupTargetAssignmentMember(
                ShareGroupTargetAssignmentMemberKey::decode(&mut r, 0)?,
            ),
            ShareGroupCurrentMemberAssignmentKey::TYPE => Self::ShareGroupCurrentMemberAssignment(
                ShareGroupCurrentMemberAssignmentKey::decode(&mut r, 0)?,
            ),
            ShareGroupStatePartitionMetadataKey::TYPE => Self::ShareGroupStatePartitionMetadata(
                ShareGroupStatePartitionMetadataKey::decode(&mut r, 0)?,
            ),
            ConsumerGroupRegularExpressionKey::TYPE => {
                Self::ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionKey::decode(&mut r, 0)?)
            }
            StreamsGroupMetadataKey::TYPE => {
                Self::StreamsGroupMetadata(StreamsGroupMetadataKey::decode(&mut r, 0)?)
            }
            StreamsGroupMemberMetadataKey::TYPE => {
                Self::StreamsGroupMemberMetadata(StreamsGroupMemberMetadataKey::decode(&mut r, 0)?)
            }
            StreamsGroupTargetAssignmentMetadataKey::TYPE => Self::StreamsGroupTargetAssignmentMetadata(
                StreamsGroupTargetAssignmentMetadataKey::decode(&mut r, 0)?,
            ),
            StreamsGroupTargetAssignmentMemberKey::TYPE => Self::StreamsGroupTargetAssignmentMember(
                StreamsGroupTargetAssignmentMemberKey::decode(&mut r, 0)?,
            ),
            StreamsGroupCurrentMemberAssignmentKey::TYPE => Self::StreamsGroupCurrentMemberAssignment(
                StreamsGroupCurrentMemberAssignmentKey::decode(&mut r, 0)?,
            ),
            StreamsGroupTopologyKey::TYPE => {
                Self::StreamsGroupTopology(StreamsGroupTopologyKey::decode(&mut r, 0)?)
            }
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's key.
    ///
    /// # Errors
    /// A string is too long.
    pub fn encode(&self) -> Result<Bytes, EncodeError> {
        match self {
            Self::LegacyOffsetCommit(it) => encode_key(it),
            Self::OffsetCommit(it) => encode_key(it),
            Self::GroupMetadata(it) => encode_key(it),
            Self::ConsumerGroupMetadata(it) => encode_key(it),
            Self::ConsumerGroupPartitionMetadata(it) => encode_key(it),
            Self::ConsumerGroupMemberMetadata(it) => encode_key(it),
            Self::ConsumerGroupTargetAssignmentMetadata(it) => encode_key(it),
            Self::ConsumerGroupTargetAssignmentMember(it) => encode_key(it),
            Self::ConsumerGroupCurrentMemberAssignment(it) => encode_key(it),
            Self::ShareGroupMemberMetadata(it) => encode_key(it),
            Self::ShareGroupMetadata(it) => encode_key(it),
            Self::ShareGroupTargetAssignmentMetadata(it) => encode_key(it),
            Self::ShareGroupTargetAssignmentMember(it) => encode_key(it),
            Self::ShareGroupCurrentMemberAssignment(it) => encode_key(it),
            Self::ShareGroupStatePartitionMetadata(it) => encode_key(it),
            Self::ConsumerGroupRegularExpression(it) => encode_key(it),
            Self::StreamsGroupMetadata(it) => encode_key(it),
            Self::StreamsGroupMemberMetadata(it) => encode_key(it),
            Self::StreamsGroupTargetAssignmentMetadata(it) => encode_key(it),
            Self::StreamsGroupTargetAssignmentMember(it) => encode_key(it),
            Self::StreamsGroupCurrentMemberAssignment(it) => encode_key(it),
            Self::StreamsGroupTopology(it) => encode_key(it),
        }
    }
}

/// The value of any record.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupValue {
    /// Type 0.
    LegacyOffsetCommit(LegacyOffsetCommitValue),
    /// Type 1.
    OffsetCommit(OffsetCommitValue),
    /// Type 2.
    GroupMetadata(GroupMetadataValue),
    /// Type 3.
    ConsumerGroupMetadata(ConsumerGroupMetadataValue),
    /// Type 4.
    ConsumerGroupPartitionMetadata(ConsumerGroupPartitionMetadataValue),
    /// Type 5.
    ConsumerGroupMemberMetadata(ConsumerGroupMemberMetadataValue),
    /// Type 6.
    ConsumerGroupTargetAssignmentMetadata(ConsumerGroupTargetAssignmentMetadataValue),
    /// Type 7.
    ConsumerGroupTargetAssignmentMember(ConsumerGroupTargetAssignmentMemberValue),
    /// Type 8.
    ConsumerGroupCurrentMemberAssignment(ConsumerGroupCurrentMemberAssignmentValue),
    /// Type 10.
    ShareGroupMemberMetadata(ShareGroupMemberMetadataValue),
    /// Type 11.
    ShareGroupMetadata(ShareGroupMetadataValue),
    /// Type 12.
    ShareGroupTargetAssignmentMetadata(ShareGroupTargetAssignmentMetadataValue),
    /// Type 13.
    ShareGroupTargetAssignmentMember(ShareGroupTargetAssignmentMemberValue),
    /// Type 14.
    ShareGroupCurrentMemberAssignment(ShareGroupCurrentMemberAssignmentValue),
    /// Type 15.
    ShareGroupStatePartitionMetadata(ShareGroupStatePartitionMetadataValue),
    /// Type 16.
    ConsumerGroupRegularExpression(ConsumerGroupRegularExpressionValue),
    /// Type 17.
    StreamsGroupMetadata(StreamsGroupMetadataValue),
    /// Type 19.
    StreamsGroupMemberMetadata(StreamsGroupMemberMetadataValue),
    /// Type 20.
    StreamsGroupTargetAssignmentMetadata(StreamsGroupTargetAssignmentMetadataValue),
    /// Type 21.
    StreamsGroupTargetAssignmentMember(StreamsGroupTargetAssignmentMemberValue),
    /// Type 22.
    StreamsGroupCurrentMemberAssignment(StreamsGroupCurrentMemberAssignmentValue),
    /// Type 23.
    StreamsGroupTopology(StreamsGroupTopologyValue),
}

impl From<LegacyOffsetCommitValue> for GroupValue {
    fn from(record: LegacyOffsetCommitValue) -> Self {
        Self::LegacyOffsetCommit(record)
    }
}

impl From<OffsetCommitValue> for GroupValue {
    fn from(record: OffsetCommitValue) -> Self {
        Self::OffsetCommit(record)
    }
}

impl From<GroupMetadataValue> for GroupValue {
    fn from(record: GroupMetadataValue) -> Self {
        Self::GroupMetadata(record)
    }
}

impl From<ConsumerGroupMetadataValue> for GroupValue {
    fn from(record: ConsumerGroupMetadataValue) -> Self {
        Self::ConsumerGroupMetadata(record)
    }
}

impl From<ConsumerGroupPartitionMetadataValue> for GroupValue {
    fn from(record: ConsumerGroupPartitionMetadataValue) -> Self {
        Self::ConsumerGroupPartitionMetadata(record)
    }
}

impl From<ConsumerGroupMemberMetadataValue> for GroupValue {
    fn from(record: ConsumerGroupMemberMetadataValue) -> Self {
        Self::ConsumerGroupMemberMetadata(record)
    }
}

impl From<ConsumerGroupTargetAssignmentMetadataValue> for GroupValue {
    fn from(record: ConsumerGroupTargetAssignmentMetadataValue) -> Self {
        Self::ConsumerGroupTargetAssignmentMetadata(record)
    }
}

impl From<ConsumerGroupTargetAssignmentMemberValue> for GroupValue {
    fn from(record: ConsumerGroupTargetAssignmentMemberValue) -> Self {
        Self::ConsumerGroupTargetAssignmentMember(record)
    }
}

impl From<ConsumerGroupCurrentMemberAssignmentValue> for GroupValue {
    fn from(record: ConsumerGroupCurrentMemberAssignmentValue) -> Self {
        Self::ConsumerGroupCurrentMemberAssignment(record)
    }
}

impl From<ShareGroupMemberMetadataValue> for GroupValue {
    fn from(record: ShareGroupMemberMetadataValue) -> Self {
        Self::ShareGroupMemberMetadata(record)
    }
}

impl From<ShareGroupMetadataValue> for GroupValue {
    fn from(record: ShareGroupMetadataValue) -> Self {
        Self::ShareGroupMetadata(record)
    }
}

impl From<ShareGroupTargetAssignmentMetadataValue> for GroupValue {
    fn from(record: ShareGroupTargetAssignmentMetadataValue) -> Self {
        Self::ShareGroupTargetAssignmentMetadata(record)
    }
}

impl From<ShareGroupTargetAssignmentMemberValue> for GroupValue {
    fn from(record: ShareGroupTargetAssignmentMemberValue) -> Self {
        Self::ShareGroupTargetAssignmentMember(record)
    }
}

impl From<ShareGroupCurrentMemberAssignmentValue> for GroupValue {
    fn from(record: ShareGroupCurrentMemberAssignmentValue) -> Self {
        Self::ShareGroupCurrentMemberAssignment(record)
    }
}

impl From<ShareGroupStatePartitionMetadataValue> for GroupValue {
    fn from(record: ShareGroupStatePartitionMetadataValue) -> Self {
        Self::ShareGroupStatePartitionMetadata(record)
    }
}

impl From<ConsumerGroupRegularExpressionValue> for GroupValue {
    fn from(record: ConsumerGroupRegularExpressionValue) -> Self {
        Self::ConsumerGroupRegularExpression(record)
    }
}

impl From<StreamsGroupMetadataValue> for GroupValue {
    fn from(record: StreamsGroupMetadataValue) -> Self {
        Self::StreamsGroupMetadata(record)
    }
}

impl From<StreamsGroupMemberMetadataValue> for GroupValue {
    fn from(record: StreamsGroupMemberMetadataValue) -> Self {
        Self::StreamsGroupMemberMetadata(record)
    }
}

impl From<StreamsGroupTargetAssignmentMetadataValue> for GroupValue {
    fn from(record: StreamsGroupTargetAssignmentMetadataValue) -> Self {
        Self::StreamsGroupTargetAssignmentMetadata(record)
    }
}

impl From<StreamsGroupTargetAssignmentMemberValue> for GroupValue {
    fn from(record: StreamsGroupTargetAssignmentMemberValue) -> Self {
        Self::StreamsGroupTargetAssignmentMember(record)
    }
}

impl From<StreamsGroupCurrentMemberAssignmentValue> for GroupValue {
    fn from(record: StreamsGroupCurrentMemberAssignmentValue) -> Self {
        Self::StreamsGroupCurrentMemberAssignment(record)
    }
}

impl From<StreamsGroupTopologyValue> for GroupValue {
    fn from(record: StreamsGroupTopologyValue) -> Self {
        Self::StreamsGroupTopology(record)
    }
}

impl GroupValue {
    /// The number that stands for it in the log.
    #[must_use]
    pub const fn record_type(&self) -> i16 {
        match self {
            Self::LegacyOffsetCommit(_) => LegacyOffsetCommitValue::TYPE,
            Self::OffsetCommit(_) => OffsetCommitValue::TYPE,
            Self::GroupMetadata(_) => GroupMetadataValue::TYPE,
            Self::ConsumerGroupMetadata(_) => ConsumerGroupMetadataValue::TYPE,
            Self::ConsumerGroupPartitionMetadata(_) => ConsumerGroupPartitionMetadataValue::TYPE,
            Self::ConsumerGroupMemberMetadata(_) => ConsumerGroupMemberMetadataValue::TYPE,
            Self::ConsumerGroupTargetAssignmentMetadata(_) => {
                ConsumerGroupTargetAssignmentMetadataValue::TYPE
            }
            Self::ConsumerGroupTargetAssignmentMember(_) => ConsumerGroupTargetAssignmentMemberValue::TYPE,
            Self::ConsumerGroupCurrentMemberAssignment(_) => ConsumerGroupCurrentMemberAssignmentValue::TYPE,
            Self::ShareGroupMemberMetadata(_) => ShareGroupMemberMetadataValue::TYPE,
            Self::ShareGroupMetadata(_) => ShareGroupMetadataValue::TYPE,
            Self::ShareGroupTargetAssignmentMetadata(_) => ShareGroupTargetAssignmentMetadataValue::TYPE,
            Self::ShareGroupTargetAssignmentMember(_) => ShareGroupTargetAssignmentMemberValue::TYPE,
            Self::ShareGroupCurrentMemberAssignment(_) => ShareGroupCurrentMemberAssignmentValue::TYPE,
            Self::ShareGroupStatePartitionMetadata(_) => ShareGroupStatePartitionMetadataValue::TYPE,
            Self::ConsumerGroupRegularExpression(_) => ConsumerGroupRegularExpressionValue::TYPE,
            Self::StreamsGroupMetadata(_) => StreamsGroupMetadataValue::TYPE,
            Self::StreamsGroupMemberMetadata(_) => StreamsGroupMemberMetadataValue::TYPE,
            Self::StreamsGroupTargetAssignmentMetadata(_) => StreamsGroupTargetAssignmentMetadataValue::TYPE,
            Self::StreamsGroupTargetAssignmentMember(_) => StreamsGroupTargetAssignmentMemberValue::TYPE,
            Self::StreamsGroupCurrentMemberAssignment(_) => StreamsGroupCurrentMemberAssignmentValue::TYPE,
            Self::StreamsGroupTopology(_) => StreamsGroupTopologyValue::TYPE,
        }
    }

    /// Reads the value of a record whose key is of `record_type`: its version in two bytes, then the value.
    ///
    /// # Errors
    /// The type is unknown, or the value is malformed.
    pub fn decode(record_type: i16, value: Bytes) -> Result<Self, RecordError> {
        Ok(match record_type {
            LegacyOffsetCommitValue::TYPE => Self::LegacyOffsetCommit(decode_prefixed(value)?.0),
            OffsetCommitValue::TYPE => Self::OffsetCommit(decode_prefixed(value)?.0),
            GroupMetadataValue::TYPE => Self::GroupMetadata(decode_prefixed(value)?.0),
            ConsumerGroupMetadataValue::TYPE => Self::ConsumerGroupMetadata(decode_prefixed(value)?.0),
            ConsumerGroupPartitionMetadataValue::TYPE => {
                Self::ConsumerGroupPartitionMetadata(decode_prefixed(value)?.0)
            }
            ConsumerGroupMemberMetadataValue::TYPE => {
                Self::ConsumerGroupMemberMetadata(decode_prefixed(value)?.0)
            }
            ConsumerGroupTargetAssignmentMetadataValue::TYPE => {
                Self::ConsumerGroupTargetAssignmentMetadata(decode_prefixed(value)?.0)
            }
            ConsumerGroupTargetAssignmentMemberValue::TYPE => {
                Self::ConsumerGroupTargetAssignmentMember(decode_prefixed(value)?.0)
            }
            ConsumerGroupCurrentMemberAssignmentValue::TYPE => {
                Self::ConsumerGroupCurrentMemberAssignment(decode_prefixed(value)?.0)
            }
            ShareGroupMemberMetadataValue::TYPE => Self::ShareGroupMemberMetadata(decode_prefixed(value)?.0),
            ShareGroupMetadataValue::TYPE => Self::ShareGroupMetadata(decode_prefixed(value)?.0),
            ShareGroupTargetAssignmentMetadataValue::TYPE => {
                Self::ShareGroupTargetAssignmentMetadata(decode_prefixed(value)?.0)
            }
            ShareGroupTargetAssignmentMemberValue::TYPE => {
                Self::ShareGroupTargetAssignmentMember(decode_prefixed(value)?.0)
            }
            ShareGroupCurrentMemberAssignmentValue::TYPE => {
                Self::ShareGroupCurrentMemberAssignment(decode_prefixed(value)?.0)
            }
            ShareGroupStatePartitionMetadataValue::TYPE => {
                Self::ShareGroupStatePartitionMetadata(decode_prefixed(value)?.0)
            }
            ConsumerGroupRegularExpressionValue::TYPE => {
                Self::ConsumerGroupRegularExpression(decode_prefixed(value)?.0)
            }
            StreamsGroupMetadataValue::TYPE => Self::StreamsGroupMetadata(decode_prefixed(value)?.0),
            StreamsGroupMemberMetadataValue::TYPE => {
                Self::StreamsGroupMemberMetadata(decode_prefixed(value)?.0)
            }
            StreamsGroupTargetAssignmentMetadataValue::TYPE => {
                Self::StreamsGroupTargetAssignmentMetadata(decode_prefixed(value)?.0)
            }
            StreamsGroupTargetAssignmentMemberValue::TYPE => {
                Self::StreamsGroupTargetAssignmentMember(decode_prefixed(value)?.0)
            }
            StreamsGroupCurrentMemberAssignmentValue::TYPE => {
                Self::StreamsGroupCurrentMemberAssignment(decode_prefixed(value)?.0)
            }
            StreamsGroupTopologyValue::TYPE => Self::StreamsGroupTopology(decode_prefixed(value)?.0),
            _ => return Err(RecordError::UnknownType(record_type)),
        })
    }

    /// Writes a record's value.
    ///
    /// # Errors
    /// The version does not exist or cannot carry what is set.
    pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
        match self {
            Self::LegacyOffsetCommit(it) => encode_prefixed(it, version),
            Self::OffsetCommit(it) => encode_prefixed(it, version),
            Self::GroupMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupPartitionMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupMemberMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupTargetAssignmentMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupTargetAssignmentMember(it) => encode_prefixed(it, version),
            Self::ConsumerGroupCurrentMemberAssignment(it) => encode_prefixed(it, version),
            Self::ShareGroupMemberMetadata(it) => encode_prefixed(it, version),
            Self::ShareGroupMetadata(it) => encode_prefixed(it, version),
            Self::ShareGroupTargetAssignmentMetadata(it) => encode_prefixed(it, version),
            Self::ShareGroupTargetAssignmentMember(it) => encode_prefixed(it, version),
            Self::ShareGroupCurrentMemberAssignment(it) => encode_prefixed(it, version),
            Self::ShareGroupStatePartitionMetadata(it) => encode_prefixed(it, version),
            Self::ConsumerGroupRegularExpression(it) => encode_prefixed(it, version),
            Self::StreamsGroupMetadata(it) => encode_prefixed(it, version),
            Self::StreamsGroupMemberMetadata(it) => encode_prefixed(it, version),
            Self::StreamsGroupTargetAssignmentMetadata(it) => encode_prefixed(it, version),
            Self::StreamsGroupTargetAssignmentMember(it) => encode_prefixed(it, version),
            Self::StreamsGroupCurrentMemberAssignment(it) => encode_prefixed(it, version),
            Self::StreamsGroupTopology(it) => encode_prefixed(it, version),
        }
    }
}
