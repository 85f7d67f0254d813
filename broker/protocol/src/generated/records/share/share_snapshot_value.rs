// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareSnapshotValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage};

/// `ShareSnapshotValue`, key 0, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareSnapshotValue {
    /// `SnapshotEpoch`: versions 0+.
    pub snapshot_epoch: i32,
    /// `StateEpoch`: versions 0+.
    pub state_epoch: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
    /// `DeliveryCompleteCount`: versions 0+, tag 0, default -1.
    pub delivery_complete_count: i32,
    /// `CreateTimestamp`: versions 0+.
    pub create_timestamp: i64,
    /// `WriteTimestamp`: versions 0+.
    pub write_timestamp: i64,
    /// `StateBatches`: versions 0+.
    pub state_batches: Vec<StateBatch>,
}

impl Default for ShareSnapshotValue {
    fn default() -> Self {
        Self {
            snapshot_epoch: 0,
            state_epoch: 0,
            leader_epoch: 0,
            start_offset: 0,
            delivery_complete_count: -1,
            create_timestamp: 0,
            write_timestamp: 0,
            state_batches: Vec::new(),
        }
    }
}

impl Message for ShareSnapshotValue {
    const NAME: &'static str = "ShareSnapshotValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let snapshot_epoch = r.i32("SnapshotEpoch")?;
        let state_epoch = r.i32("StateEpoch")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let start_offset = r.i64("StartOffset")?;
        let mut delivery_complete_count = -1;
        let create_timestamp = r.i64("CreateTimestamp")?;
        let write_timestamp = r.i64("WriteTimestamp")?;
        let state_batches = r.array(true, 20, "StateBatches", |r| StateBatch::decode(r, v))?;
        r.tags(|r, tag| {
            match tag {
                0 => delivery_complete_count = r.i32("DeliveryCompleteCount")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            snapshot_epoch,
            state_epoch,
            leader_epoch,
            start_offset,
            delivery_complete_count,
            create_timestamp,
            write_timestamp,
            state_batches,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<20>()
            .with(self.snapshot_epoch)
            .with(self.state_epoch)
            .with(self.leader_epoch)
            .with(self.start_offset);
        w.run::<16>().with(self.create_timestamp).with(self.write_timestamp);
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

impl RecordMessage for ShareSnapshotValue {
    const TYPE: i16 = 0;
}

/// Part of [`ShareSnapshotValue`].
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
