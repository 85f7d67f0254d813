// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareUpdateValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ShareUpdateValue`, key 1, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareUpdateValue {
    /// `SnapshotEpoch`: versions 0+.
    pub snapshot_epoch: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `DeliveryCompleteCount`: versions 0+, tag 0, default -1.
    pub delivery_complete_count: i32,
    /// `StateBatches`: versions 0+.
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareUpdateValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            state_batches: Vec::new(),
        }
    }
}

impl Message for ShareUpdateValue {
    const NAME: &'static str = "ShareUpdateValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let snapshot_epoch = r.i32("SnapshotEpoch")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let start_offset = r.i64("StartOffset")?;
        let mut delivery_complete_count = -1;
        let state_batches = r.array(true, 20, "StateBatches", |r| StateBatch::decode(r, v))?;
        r.tags(|r, tag| {
            match tag {
                0 => delivery_complete_count = r.i32("DeliveryCompleteCount")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { snapshot_epoch, leader_epoch, start_offset, delivery_complete_count, state_batches })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<16>().with(self.snapshot_epoch).with(self.leader_epoch).with(self.start_offset);
        w.array(true, &self.state_batches, "StateBatches", |w, it| it.encode(w, v))?;
        let has_delivery_complete_count = self.delivery_complete_count != -1;
        w.uvarint(u32::from(has_delivery_complete_count));
        if has_delivery_complete_count {
            w.tag(0, "DeliveryCompleteCount", |w| {
                w.i32(self.delivery_complete_count);
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for ShareUpdateValue {
    const TYPE: i16 = 1;
}

/// Part of [`ShareUpdateValue`].
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
