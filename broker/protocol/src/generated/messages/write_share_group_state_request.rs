// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `WriteShareGroupStateRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `WriteShareGroupStateRequest`, key 85, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteShareGroupStateRequest {
    /// `GroupId`: versions 0+.
    pub group_id: Str,
    /// `Topics`: versions 0+.
    pub topics: Vec<WriteStateData>,
}

impl Message for WriteShareGroupStateRequest {
    const NAME: &'static str = "WriteShareGroupStateRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let topics = r.array(true, 18, "Topics", |r| WriteStateData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { group_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for WriteShareGroupStateRequest {
    const KEY: ApiKey = ApiKey::WriteShareGroupState;
    type Response = super::WriteShareGroupStateResponse;
}

/// Part of [`WriteShareGroupStateRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteStateData {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl WriteStateData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 22, "Partitions", |r| PartitionData::decode(r, v))?;
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

/// Part of [`WriteShareGroupStateRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `StateEpoch`: versions 0+.
    pub state_epoch: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `DeliveryCompleteCount`: versions 1+, default -1, ignorable.
    pub delivery_complete_count: i32,
    /// `StateBatches`: versions 0+.
    pub state_batches: Vec<StateBatch>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            state_batches: Vec::new(),
        }
    }
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let state_epoch = r.i32("StateEpoch")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let start_offset = r.i64("StartOffset")?;
        let delivery_complete_count = if v >= 1 { r.i32("DeliveryCompleteCount")? } else { -1 };
        let state_batches = r.array(true, 20, "StateBatches", |r| StateBatch::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            partition,
            state_epoch,
            leader_epoch,
            start_offset,
            delivery_complete_count,
            state_batches,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<20>()
            .with(self.partition)
            .with(self.state_epoch)
            .with(self.leader_epoch)
            .with(self.start_offset);
        if v >= 1 {
            w.i32(self.delivery_complete_count);
        }
        w.array(true, &self.state_batches, "StateBatches", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`WriteShareGroupStateRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateBatch {
    /// `FirstOffset`: versions 0+.
    pub first_offset: i64,
    /// `LastOffset`: versions 0+.
    pub last_offset: i64,
    /// `DeliveryState`: versions 0+.
    pub delivery_state: i8,
    /// `DeliveryCount`: versions 0+.
    pub delivery_count: i16,
}

impl StateBatch {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let first_offset = r.i64("FirstOffset")?;
        let last_offset = r.i64("LastOffset")?;
        let delivery_state = r.i8("DeliveryState")?;
        let delivery_count = r.i16("DeliveryCount")?;
        r.no_tags()?;
        Ok(Self { first_offset, last_offset, delivery_state, delivery_count })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<19>()
            .with(self.first_offset)
            .with(self.last_offset)
            .with(self.delivery_state)
            .with(self.delivery_count);
        w.uvarint(0);
        Ok(())
    }
}
