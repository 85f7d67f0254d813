// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareAcknowledgeRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ShareAcknowledgeRequest`, key 79, versions 1-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareAcknowledgeRequest {
    /// `GroupId`: versions 0+, groupId, null 0+, default null.
    pub group_id: Option<Str>,
    /// `MemberId`: versions 0+, null 0+.
    pub member_id: Option<Str>,
    /// `ShareSessionEpoch`: versions 0+.
    pub share_session_epoch: i32,
    /// `IsRenewAck`: versions 2+.
    pub is_renew_ack: bool,
    /// `Topics`: versions 0+.
    pub topics: Vec<AcknowledgeTopic>,
}

impl Default for ShareAcknowledgeRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(Str::EMPTY),
            share_session_epoch: 0,
            is_renew_ack: false,
            topics: Vec::new(),
        }
    }
}

impl Message for ShareAcknowledgeRequest {
    const NAME: &'static str = "ShareAcknowledgeRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.nullable_str(true, "GroupId")?;
        let member_id = r.nullable_str(true, "MemberId")?;
        let share_session_epoch = r.i32("ShareSessionEpoch")?;
        let is_renew_ack = if v >= 2 { r.bool("IsRenewAck")? } else { false };
        let topics = r.array(true, 18, "Topics", |r| AcknowledgeTopic::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { group_id, member_id, share_session_epoch, is_renew_ack, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.group_id.as_ref(), "GroupId")?;
        w.nullable_str(true, self.member_id.as_ref(), "MemberId")?;
        w.i32(self.share_session_epoch);
        if v >= 2 {
            w.bool(self.is_renew_ack);
        } else if self.is_renew_ack {
            return Err(EncodeError::not_in_version("IsRenewAck", v));
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ShareAcknowledgeRequest {
    const KEY: ApiKey = ApiKey::ShareAcknowledge;
    type Response = super::ShareAcknowledgeResponse;
}

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgeTopic {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<AcknowledgePartition>,
}

impl AcknowledgeTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 6, "Partitions", |r| AcknowledgePartition::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgePartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `AcknowledgementBatches`: versions 0+.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl AcknowledgePartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let acknowledgement_batches =
            r.array(true, 18, "AcknowledgementBatches", |r| AcknowledgementBatch::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { partition_index, acknowledgement_batches })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.array(true, &self.acknowledgement_batches, "AcknowledgementBatches", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareAcknowledgeRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcknowledgementBatch {
    /// `FirstOffset`: versions 0+.
    pub first_offset: i64,
    /// `LastOffset`: versions 0+.
    pub last_offset: i64,
    /// `AcknowledgeTypes`: versions 0+.
    pub acknowledge_types: Vec<i8>,
}

impl AcknowledgementBatch {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let first_offset = r.i64("FirstOffset")?;
        let last_offset = r.i64("LastOffset")?;
        let acknowledge_types = r.fixed_array(true, "AcknowledgeTypes")?;
        r.no_tags()?;
        Ok(Self { first_offset, last_offset, acknowledge_types })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<16>().with(self.first_offset).with(self.last_offset);
        w.fixed_array(true, &self.acknowledge_types, "AcknowledgeTypes")?;
        w.uvarint(0);
        Ok(())
    }
}
