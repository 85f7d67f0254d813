//! Records of `__consumer_offsets`, and how they are bytes there.

use alloc::sync::Arc;

use broker_protocol::{
    RecordError, Str, encode_prefixed,
    records::group::{
        GroupKey, GroupMetadataKey, GroupMetadataValue, GroupValue, OffsetCommitKey, OffsetCommitValue,
    },
    wire::EncodeError,
};
use broker_types::{GroupId, PartitionId, TopicName};
use bytes::Bytes;

mod consumer;

pub use consumer::ConsumerRecord;

use crate::{EndTransaction, Producer};

/// The version of a committed offset's value; with a retention of its own it is that of the last version with such.
const OFFSET_VERSION: i16 = 4;
const OFFSET_WITH_EXPIRY_VERSION: i16 = 1;
/// The version of a classic group's value.
const CLASSIC_VERSION: i16 = 3;
/// What a version 0 to 2 value says for "no time".
const NONE: i64 = -1;

/// One record. A value of `None` is a tombstone.
///
/// Values are shared: the record, both copies of the state and the live groups have the same one.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupRecord {
    /// A committed offset, or with a producer one that is pending until the producer's [`GroupRecord::End`].
    Offset {
        /// Whose offset of what.
        key: OffsetCommitKey,
        /// The offset.
        value: Option<Arc<OffsetCommitValue>>,
        /// Whose transaction; all records of one append have the same.
        producer: Option<Producer>,
    },
    /// A classic group with its members.
    Classic {
        /// The group.
        group: Str,
        /// What it is.
        value: Option<Arc<GroupMetadataValue>>,
    },
    /// A part of a KIP-848 group.
    Consumer(ConsumerRecord),
    /// A producer's transaction ended: a control batch of its own, always alone in its append.
    End(EndTransaction),
}

/// A record as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoded {
    /// A record of a batch; of the producer's transaction when there is one.
    Entry {
        /// Type and key.
        key: Bytes,
        /// Version and value; `None` is a tombstone.
        value: Option<Bytes>,
        /// Whose transaction.
        producer: Option<Producer>,
    },
    /// A control batch.
    Marker(EndTransaction),
}

/// A record that cannot be replayed. The shell reports and skips it: one of a newer program, or garbage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableRecord {
    /// The record has no key.
    #[error("a record of a group has no key")]
    NoKey,
    /// The key is of no known type, or broken.
    #[error("a record's key is unreadable: {0}")]
    Key(RecordError),
    /// The value is of no known version, or broken.
    #[error("the value of a record of type {record_type} is unreadable: {error}")]
    Value {
        /// The type that its key says.
        record_type: i16,
        /// What is wrong.
        error: RecordError,
    },
}

impl GroupRecord {
    /// Reads a record of a data batch of the log; `producer` is the batch's when it is transactional. `None`: a record
    /// that is known, of a kind of group that is not (share, streams).
    ///
    /// # Errors
    /// It is of a newer program, or broken.
    pub fn decode(
        key: Option<Bytes>,
        value: Option<Bytes>,
        producer: Option<Producer>,
    ) -> Result<Option<Self>, UnreadableRecord> {
        let key = GroupKey::decode(key.ok_or(UnreadableRecord::NoKey)?).map_err(UnreadableRecord::Key)?;
        let record_type = key.record_type();
        let read = |value: Bytes| {
            // What is kept of it outlives the batch that it came in.
            let own = if is_offset(&key) { value } else { Bytes::copy_from_slice(&value) };
            GroupValue::decode(record_type, own)
                .map_err(|error| UnreadableRecord::Value { record_type, error })
        };
        let value = value.map(read).transpose()?;
        Ok(Self::from_parts(key, value, producer))
    }

    fn from_parts(key: GroupKey, value: Option<GroupValue>, producer: Option<Producer>) -> Option<Self> {
        let record = match (key, value) {
            (GroupKey::OffsetCommit(key), None) => Self::Offset { key, value: None, producer },
            (GroupKey::OffsetCommit(key), Some(GroupValue::OffsetCommit(value))) => {
                let value = OffsetCommitValue { metadata: own(value.metadata), ..value };
                Self::Offset { key, value: Some(Arc::new(value)), producer }
            }
            (GroupKey::LegacyOffsetCommit(key), value) => {
                let key = OffsetCommitKey { group: key.group, topic: key.topic, partition: key.partition };
                let value = match value {
                    Some(GroupValue::LegacyOffsetCommit(value)) => Some(Arc::new(OffsetCommitValue {
                        offset: value.offset,
                        metadata: own(value.metadata),
                        commit_timestamp: value.commit_timestamp,
                        ..OffsetCommitValue::default()
                    })),
                    _ => None,
                };
                Self::Offset { key, value, producer }
            }
            (GroupKey::GroupMetadata(key), None) => Self::Classic { group: key.group, value: None },
            (GroupKey::GroupMetadata(key), Some(GroupValue::GroupMetadata(value))) => {
                Self::Classic { group: key.group, value: Some(Arc::new(value)) }
            }
            (key, value) => return ConsumerRecord::from_parts(key, value).map(Self::Consumer),
        };
        Some(record)
    }

    /// The tombstone of an offset, pending ones included.
    #[must_use]
    pub fn forget(group: &GroupId, topic: &TopicName, partition: PartitionId) -> Self {
        let key = OffsetCommitKey {
            group: Str::from(group.as_str()),
            topic: Str::from(topic.as_str()),
            partition: partition.get(),
        };
        Self::Offset { key, value: None, producer: None }
    }

    /// The tombstone of a classic group.
    #[must_use]
    pub fn remove_classic(group: &GroupId) -> Self {
        Self::Classic { group: Str::from(group.as_str()), value: None }
    }

    /// Writes the record as Kafka 4.3 does.
    ///
    /// # Errors
    /// A string of it is too long for the format: more than 32,767 bytes.
    pub fn encode(&self) -> Result<Encoded, EncodeError> {
        match self {
            Self::Offset { key, value, producer } => {
                let version = |value: &OffsetCommitValue| {
                    if value.expire_timestamp == NONE { OFFSET_VERSION } else { OFFSET_WITH_EXPIRY_VERSION }
                };
                let value =
                    value.as_ref().map(|value| encode_prefixed(&**value, version(value))).transpose()?;
                let key = GroupKey::OffsetCommit(key.clone()).encode()?;
                Ok(Encoded::Entry { key, value, producer: *producer })
            }
            Self::Classic { group, value } => {
                let key = GroupKey::GroupMetadata(GroupMetadataKey { group: group.clone() }).encode()?;
                let value =
                    value.as_ref().map(|value| encode_prefixed(&**value, CLASSIC_VERSION)).transpose()?;
                Ok(Encoded::Entry { key, value, producer: None })
            }
            Self::Consumer(record) => {
                let (key, value) = record.encode()?;
                Ok(Encoded::Entry { key, value, producer: None })
            }
            Self::End(end) => Ok(Encoded::Marker(*end)),
        }
    }
}

/// Offsets are many, and of their values only the note is not a number.
const fn is_offset(key: &GroupKey) -> bool {
    matches!(key, GroupKey::OffsetCommit(_) | GroupKey::LegacyOffsetCommit(_))
}

fn own(text: Str) -> Str {
    if text.is_empty() { Str::EMPTY } else { text.detached() }
}

#[cfg(test)]
mod tests;
