// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ReadShareGroupStateSummaryResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ReadShareGroupStateSummaryResponse`, key 87, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadShareGroupStateSummaryResponse {
    /// `Results`: versions 0+.
    pub results: Vec<ReadStateSummaryResult>,
}

impl Message for ReadShareGroupStateSummaryResponse {
    const NAME: &'static str = "ReadShareGroupStateSummaryResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let results = r.array(true, 18, "Results", |r| ReadStateSummaryResult::decode(r, v))?;
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

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadStateSummaryResult {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionResult>,
}

impl ReadStateSummaryResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 24, "Partitions", |r| PartitionResult::decode(r, v))?;
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

/// Part of [`ReadShareGroupStateSummaryResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionResult {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
    /// `StateEpoch`: versions 0+.
    pub state_epoch: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `DeliveryCompleteCount`: versions 1+, default -1, ignorable.
    pub delivery_complete_count: i32,
}

impl Default for PartitionResult {
    fn default() -> Self {
        Self {
            partition: 0,
            error_code: 0,
            error_message: None,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
        }
    }
}

impl PartitionResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        let state_epoch = r.i32("StateEpoch")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let start_offset = r.i64("StartOffset")?;
        let delivery_complete_count = if v >= 1 { r.i32("DeliveryCompleteCount")? } else { -1 };
        r.no_tags()?;
        Ok(Self {
            partition,
            error_code,
            error_message,
            state_epoch,
            leader_epoch,
            start_offset,
            delivery_complete_count,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.partition).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.run::<16>().with(self.state_epoch).with(self.leader_epoch).with(self.start_offset);
        if v >= 1 {
            w.i32(self.delivery_complete_count);
        }
        w.uvarint(0);
        Ok(())
    }
}
