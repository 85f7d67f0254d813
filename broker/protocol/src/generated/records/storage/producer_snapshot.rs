// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ProducerSnapshot`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `ProducerSnapshot`, versions 1, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerSnapshot {
    /// `Crc`: versions 1.
    pub crc: u32,
    /// `ProducerEntries`: versions 1.
    pub producer_entries: Vec<ProducerEntry>,
}

impl Message for ProducerSnapshot {
    const NAME: &'static str = "ProducerSnapshot";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let crc = r.u32("Crc")?;
        let producer_entries = r.array(false, 46, "ProducerEntries", |r| ProducerEntry::decode(r, v))?;
        Ok(Self { crc, producer_entries })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.u32(self.crc);
        w.array(false, &self.producer_entries, "ProducerEntries", |w, it| it.encode(w, v))?;
        Ok(())
    }
}

/// Part of [`ProducerSnapshot`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProducerEntry {
    /// `ProducerId`: versions 1.
    pub producer_id: i64,
    /// `Epoch`: versions 1.
    pub epoch: i16,
    /// `LastSequence`: versions 1.
    pub last_sequence: i32,
    /// `LastOffset`: versions 1.
    pub last_offset: i64,
    /// `OffsetDelta`: versions 1.
    pub offset_delta: i32,
    /// `Timestamp`: versions 1.
    pub timestamp: i64,
    /// `CoordinatorEpoch`: versions 1.
    pub coordinator_epoch: i32,
    /// `CurrentTxnFirstOffset`: versions 1.
    pub current_txn_first_offset: i64,
}

impl ProducerEntry {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let producer_id = r.i64("ProducerId")?;
        let epoch = r.i16("Epoch")?;
        let last_sequence = r.i32("LastSequence")?;
        let last_offset = r.i64("LastOffset")?;
        let offset_delta = r.i32("OffsetDelta")?;
        let timestamp = r.i64("Timestamp")?;
        let coordinator_epoch = r.i32("CoordinatorEpoch")?;
        let current_txn_first_offset = r.i64("CurrentTxnFirstOffset")?;
        Ok(Self {
            producer_id,
            epoch,
            last_sequence,
            last_offset,
            offset_delta,
            timestamp,
            coordinator_epoch,
            current_txn_first_offset,
        })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<46>()
            .with(self.producer_id)
            .with(self.epoch)
            .with(self.last_sequence)
            .with(self.last_offset)
            .with(self.offset_delta)
            .with(self.timestamp)
            .with(self.coordinator_epoch)
            .with(self.current_txn_first_offset);
        Ok(())
    }
}
