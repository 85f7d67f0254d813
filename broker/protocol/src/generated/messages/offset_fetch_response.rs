// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetFetchResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `OffsetFetchResponse`, key 9, versions 1-10, flexible 6+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponse {
    /// `ThrottleTimeMs`: versions 3+, ignorable.
    pub throttle_time_ms: i32,
    /// `Topics`: versions 0-7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// `ErrorCode`: versions 2-7, ignorable.
    pub error_code: i16,
    /// `Groups`: versions 8+.
    pub groups: Vec<OffsetFetchResponseGroup>,
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        let throttle_time_ms = if v >= 3 { r.i32("ThrottleTimeMs")? } else { 0 };
        let topics = if v <= 7 {
            r.array(flexible, 2, "Topics", |r| OffsetFetchResponseTopic::decode(r, v))?
        } else {
            Vec::new()
        };
        let error_code = if (2..=7).contains(&v) { r.i16("ErrorCode")? } else { 0 };
        let groups = if v >= 8 {
            r.array(true, 5, "Groups", |r| OffsetFetchResponseGroup::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, topics, error_code, groups })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        if v <= 7 {
            w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        } else if !self.topics.is_empty() {
            return Err(EncodeError::not_in_version("Topics", v));
        }
        if (2..=7).contains(&v) {
            w.i16(self.error_code);
        }
        if v >= 8 {
            w.array(true, &self.groups, "Groups", |w, it| it.encode(w, v))?;
        } else if !self.groups.is_empty() {
            return Err(EncodeError::not_in_version("Groups", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopic {
    /// `Name`: versions 0-7, topicName.
    pub name: Str,
    /// `Partitions`: versions 0-7.
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl OffsetFetchResponseTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let name = r.str(flexible, "Name")?;
        let partitions =
            r.array(flexible, 15, "Partitions", |r| OffsetFetchResponsePartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    /// `PartitionIndex`: versions 0-7.
    pub partition_index: i32,
    /// `CommittedOffset`: versions 0-7.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`: versions 5-7, default -1, ignorable.
    pub committed_leader_epoch: i32,
    /// `Metadata`: versions 0-7, null 0-7.
    pub metadata: Option<Str>,
    /// `ErrorCode`: versions 0-7.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::EMPTY),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let partition_index = r.i32("PartitionIndex")?;
        let committed_offset = r.i64("CommittedOffset")?;
        let committed_leader_epoch = if v >= 5 { r.i32("CommittedLeaderEpoch")? } else { -1 };
        let metadata = r.nullable_str(flexible, "Metadata")?;
        let error_code = r.i16("ErrorCode")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, committed_offset, committed_leader_epoch, metadata, error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.run::<12>().with(self.partition_index).with(self.committed_offset);
        if v >= 5 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_str(flexible, self.metadata.as_ref(), "Metadata")?;
        w.i16(self.error_code);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseGroup {
    /// `GroupId`: versions 8+, groupId.
    pub group_id: Str,
    /// `Topics`: versions 8+.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// `ErrorCode`: versions 8+.
    pub error_code: i16,
}

impl OffsetFetchResponseGroup {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let group_id = r.str(true, "GroupId")?;
        let topics = r.array(true, 2, "Topics", |r| OffsetFetchResponseTopics::decode(r, v))?;
        let error_code = r.i16("ErrorCode")?;
        r.no_tags()?;
        Ok(Self { group_id, topics, error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.group_id, "GroupId")?;
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.i16(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopics {
    /// `Name`: versions 8-9, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 8+.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl OffsetFetchResponseTopics {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = if v <= 9 { r.str(true, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions = r.array(true, 20, "Partitions", |r| OffsetFetchResponsePartitions::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { name, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if v <= 9 {
            w.str(true, &self.name, "Name")?;
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    /// `PartitionIndex`: versions 8+.
    pub partition_index: i32,
    /// `CommittedOffset`: versions 8+.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`: versions 8+, default -1, ignorable.
    pub committed_leader_epoch: i32,
    /// `Metadata`: versions 8+, null 8+.
    pub metadata: Option<Str>,
    /// `ErrorCode`: versions 8+.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            metadata: Some(Str::EMPTY),
            error_code: 0,
        }
    }
}

impl OffsetFetchResponsePartitions {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let committed_offset = r.i64("CommittedOffset")?;
        let committed_leader_epoch = r.i32("CommittedLeaderEpoch")?;
        let metadata = r.nullable_str(true, "Metadata")?;
        let error_code = r.i16("ErrorCode")?;
        r.no_tags()?;
        Ok(Self { partition_index, committed_offset, committed_leader_epoch, metadata, error_code })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<16>()
            .with(self.partition_index)
            .with(self.committed_offset)
            .with(self.committed_leader_epoch);
        w.nullable_str(true, self.metadata.as_ref(), "Metadata")?;
        w.i16(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}
