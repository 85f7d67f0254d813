// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareFetchRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ShareFetchRequest`, key 78, versions 1-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareFetchRequest {
    /// `GroupId`: versions 0+, groupId, null 0+, default null.
    pub group_id: Option<Str>,
    /// `MemberId`: versions 0+, null 0+.
    pub member_id: Option<Str>,
    /// `ShareSessionEpoch`: versions 0+.
    pub share_session_epoch: i32,
    /// `MaxWaitMs`: versions 0+.
    pub max_wait_ms: i32,
    /// `MinBytes`: versions 0+.
    pub min_bytes: i32,
    /// `MaxBytes`: versions 0+, default 2147483647.
    pub max_bytes: i32,
    /// `MaxRecords`: versions 1+.
    pub max_records: i32,
    /// `BatchSize`: versions 1+.
    pub batch_size: i32,
    /// `ShareAcquireMode`: versions 2+, ignorable.
    pub share_acquire_mode: i8,
    /// `IsRenewAck`: versions 2+.
    pub is_renew_ack: bool,
    /// `Topics`: versions 0+.
    pub topics: Vec<FetchTopic>,
    /// `ForgottenTopicsData`: versions 0+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

impl Default for ShareFetchRequest {
    fn default() -> Self {
        Self {
            group_id: None,
            member_id: Some(Str::EMPTY),
            share_session_epoch: 0,
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            max_records: 0,
            batch_size: 0,
            share_acquire_mode: 0,
            is_renew_ack: false,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
        }
    }
}

impl Message for ShareFetchRequest {
    const NAME: &'static str = "ShareFetchRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.nullable_str(true, "GroupId")?;
        let member_id = r.nullable_str(true, "MemberId")?;
        let share_session_epoch = r.i32("ShareSessionEpoch")?;
        let max_wait_ms = r.i32("MaxWaitMs")?;
        let min_bytes = r.i32("MinBytes")?;
        let max_bytes = r.i32("MaxBytes")?;
        let max_records = r.i32("MaxRecords")?;
        let batch_size = r.i32("BatchSize")?;
        let share_acquire_mode = if v >= 2 { r.i8("ShareAcquireMode")? } else { 0 };
        let is_renew_ack = if v >= 2 { r.bool("IsRenewAck")? } else { false };
        let topics = r.array(true, 18, "Topics", |r| FetchTopic::decode(r, v))?;
        let forgotten_topics_data =
            r.array(true, 18, "ForgottenTopicsData", |r| ForgottenTopic::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            group_id,
            member_id,
            share_session_epoch,
            max_wait_ms,
            min_bytes,
            max_bytes,
            max_records,
            batch_size,
            share_acquire_mode,
            is_renew_ack,
            topics,
            forgotten_topics_data,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.group_id.as_ref(), "GroupId")?;
        w.nullable_str(true, self.member_id.as_ref(), "MemberId")?;
        w.run::<24>()
            .with(self.share_session_epoch)
            .with(self.max_wait_ms)
            .with(self.min_bytes)
            .with(self.max_bytes)
            .with(self.max_records)
            .with(self.batch_size);
        if v >= 2 {
            w.i8(self.share_acquire_mode);
        }
        if v >= 2 {
            w.bool(self.is_renew_ack);
        } else if self.is_renew_ack {
            return Err(EncodeError::not_in_version("IsRenewAck", v));
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.array(true, &self.forgotten_topics_data, "ForgottenTopicsData", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ShareFetchRequest {
    const KEY: ApiKey = ApiKey::ShareFetch;
    type Response = super::ShareFetchResponse;
}

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 6, "Partitions", |r| FetchPartition::decode(r, v))?;
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

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `PartitionMaxBytes`: versions 0.
    pub partition_max_bytes: i32,
    /// `AcknowledgementBatches`: versions 0+.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

impl FetchPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let partition_max_bytes = 0;
        let acknowledgement_batches =
            r.array(true, 18, "AcknowledgementBatches", |r| AcknowledgementBatch::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { partition_index, partition_max_bytes, acknowledgement_batches })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        if self.partition_max_bytes != 0 {
            return Err(EncodeError::not_in_version("PartitionMaxBytes", v));
        }
        w.array(true, &self.acknowledgement_batches, "AcknowledgementBatches", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareFetchRequest`].
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

/// Part of [`ShareFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}
