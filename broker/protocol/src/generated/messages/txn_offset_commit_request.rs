// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `TxnOffsetCommitRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `TxnOffsetCommitRequest`, key 28, versions 0-5, flexible 3+.
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequest {
    /// `TransactionalId`: versions 0+, transactionalId.
    pub transactional_id: Str,
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `GenerationId`: versions 3+, default -1.
    pub generation_id: i32,
    /// `MemberId`: versions 3+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 3+, null 3+, default null.
    pub group_instance_id: Option<Str>,
    /// `Topics`: versions 0+.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

impl Default for TxnOffsetCommitRequest {
    fn default() -> Self {
        Self {
            transactional_id: Str::EMPTY,
            group_id: Str::EMPTY,
            producer_id: 0,
            producer_epoch: 0,
            generation_id: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            topics: Vec::new(),
        }
    }
}

impl Message for TxnOffsetCommitRequest {
    const NAME: &'static str = "TxnOffsetCommitRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let transactional_id = r.str(flexible, "TransactionalId")?;
        let group_id = r.str(flexible, "GroupId")?;
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let generation_id = if v >= 3 { r.i32("GenerationId")? } else { -1 };
        let member_id = if v >= 3 { r.str(true, "MemberId")? } else { Str::EMPTY };
        let group_instance_id = if v >= 3 { r.nullable_str(true, "GroupInstanceId")? } else { None };
        let topics = r.array(flexible, 2, "Topics", |r| TxnOffsetCommitRequestTopic::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            transactional_id,
            group_id,
            producer_id,
            producer_epoch,
            generation_id,
            member_id,
            group_instance_id,
            topics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        w.str(flexible, &self.transactional_id, "TransactionalId")?;
        w.str(flexible, &self.group_id, "GroupId")?;
        w.run::<10>().with(self.producer_id).with(self.producer_epoch);
        if v >= 3 {
            w.i32(self.generation_id);
        } else if self.generation_id != -1 {
            return Err(EncodeError::not_in_version("GenerationId", v));
        }
        if v >= 3 {
            w.str(true, &self.member_id, "MemberId")?;
        } else if !self.member_id.is_empty() {
            return Err(EncodeError::not_in_version("MemberId", v));
        }
        if v >= 3 {
            w.nullable_str(true, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::not_in_version("GroupInstanceId", v));
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for TxnOffsetCommitRequest {
    const KEY: ApiKey = ApiKey::TxnOffsetCommit;
    type Response = super::TxnOffsetCommitResponse;
}

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TxnOffsetCommitRequestTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

impl TxnOffsetCommitRequestTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let name = r.str(flexible, "Name")?;
        let partitions =
            r.array(flexible, 13, "Partitions", |r| TxnOffsetCommitRequestPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`TxnOffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct TxnOffsetCommitRequestPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `CommittedOffset`: versions 0+.
    pub committed_offset: i64,
    /// `CommittedLeaderEpoch`: versions 2+, default -1, ignorable.
    pub committed_leader_epoch: i32,
    /// `CommittedMetadata`: versions 0+, null 0+.
    pub committed_metadata: Option<Str>,
}

impl Default for TxnOffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: 0,
            committed_offset: 0,
            committed_leader_epoch: -1,
            committed_metadata: Some(Str::EMPTY),
        }
    }
}

impl TxnOffsetCommitRequestPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let partition_index = r.i32("PartitionIndex")?;
        let committed_offset = r.i64("CommittedOffset")?;
        let committed_leader_epoch = if v >= 2 { r.i32("CommittedLeaderEpoch")? } else { -1 };
        let committed_metadata = r.nullable_str(flexible, "CommittedMetadata")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, committed_offset, committed_leader_epoch, committed_metadata })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.run::<12>().with(self.partition_index).with(self.committed_offset);
        if v >= 2 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_str(flexible, self.committed_metadata.as_ref(), "CommittedMetadata")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
