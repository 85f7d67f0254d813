// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetCommitRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `OffsetCommitRequest`, key 8, versions 2-10, flexible 8+.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `GenerationIdOrMemberEpoch`: versions 1+, default -1, ignorable.
    pub generation_id_or_member_epoch: i32,
    /// `MemberId`: versions 1+, ignorable.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 7+, null 7+, default null.
    pub group_instance_id: Option<Str>,
    /// `RetentionTimeMs`: versions 2-4, default -1, ignorable.
    pub retention_time_ms: i64,
    /// `Topics`: versions 0+.
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            generation_id_or_member_epoch: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Vec::new(),
        }
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(8);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 8;
        let group_id = r.str(flexible, "GroupId")?;
        let generation_id_or_member_epoch = r.i32("GenerationIdOrMemberEpoch")?;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = if v >= 7 { r.nullable_str(flexible, "GroupInstanceId")? } else { None };
        let retention_time_ms = if v <= 4 { r.i64("RetentionTimeMs")? } else { -1 };
        let topics = r.array(flexible, 1, "Topics", |r| OffsetCommitRequestTopic::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            group_id,
            generation_id_or_member_epoch,
            member_id,
            group_instance_id,
            retention_time_ms,
            topics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 8;
        w.str(flexible, &self.group_id, "GroupId")?;
        w.i32(self.generation_id_or_member_epoch);
        w.str(flexible, &self.member_id, "MemberId")?;
        if v >= 7 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::not_in_version("GroupInstanceId", v));
        }
        if v <= 4 {
            w.i64(self.retention_time_ms);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for OffsetCommitRequest {
    const KEY: ApiKey = ApiKey::OffsetCommit;
    type Response = super::OffsetCommitResponse;
}

/// Part of [`OffsetCommitRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitRequestTopic {
    /// `Name`: versions 0-9, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl OffsetCommitRequestTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 8;
        let name = if v <= 9 { r.str(flexible, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions =
            r.array(flexible, 13, "Partitions", |r| OffsetCommitRequestPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 8;
        if v <= 9 {
            w.str(flexible, &self.name, "Name")?;
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `CommittedOffset`: versions 0+.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`: versions 6+, default -1, ignorable.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`: versions 0+, null 0+.
    pub committed_metadata: Option<Str>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::EMPTY),
        }
    }
}

impl OffsetCommitRequestPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 8;
        let partition_index = r.i32("PartitionIndex")?;
        let committed_offset = r.i64("CommittedOffset")?;
        let committed_leader_epoch = if v >= 6 { r.i32("CommittedLeaderEpoch")? } else { -1 };
        let committed_metadata = r.nullable_str(flexible, "CommittedMetadata")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, committed_offset, committed_leader_epoch, committed_metadata })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 8;
        w.run::<12>().with(self.partition_index).with(self.committed_offset);
        if v >= 6 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_str(flexible, self.committed_metadata.as_ref(), "CommittedMetadata")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
