// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ReadShareGroupStateResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ReadShareGroupStateResponse`, key 84, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadShareGroupStateResponse {
    /// `Results`: versions 0+.
    pub results: Vec<ReadStateResult>,
}

impl Message for ReadShareGroupStateResponse {
    const NAME: &'static str = "ReadShareGroupStateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let results = r.array(true, 18, "Results", |r| ReadStateResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.results, "Results", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ReadShareGroupStateResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadStateResult {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionResult>,
}

impl ReadStateResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 21, "Partitions", |r| PartitionResult::decode(r, v))?;
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

/// Part of [`ReadShareGroupStateResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionResult {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
    /// `StateEpoch`: versions 0+.
    pub state_epoch: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `StateBatches`: versions 0+.
    pub state_batches: Vec<StateBatch>,
}

impl PartitionResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        let state_epoch = r.i32("StateEpoch")?;
        let start_offset = r.i64("StartOffset")?;
        let state_batches = r.array(true, 20, "StateBatches", |r| StateBatch::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { partition, error_code, error_message, state_epoch, start_offset, state_batches })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.partition).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.run::<12>().with(self.state_epoch).with(self.start_offset);
        w.array(true, &self.state_batches, "StateBatches", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ReadShareGroupStateResponse`].
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
