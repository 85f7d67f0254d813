// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `WriteTxnMarkersResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `WriteTxnMarkersResponse`, key 27, versions 1-2, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteTxnMarkersResponse {
    /// `Markers`: versions 0+.
    pub markers: Vec<WritableTxnMarkerResult>,
}

impl Message for WriteTxnMarkersResponse {
    const NAME: &'static str = "WriteTxnMarkersResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let markers = r.array(true, 10, "Markers", |r| WritableTxnMarkerResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { markers })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.markers, "Markers", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarkerResult {
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `Topics`: versions 0+.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
}

impl WritableTxnMarkerResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let producer_id = r.i64("ProducerId")?;
        let topics = r.array(true, 3, "Topics", |r| WritableTxnMarkerTopicResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { producer_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i64(self.producer_id);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarkerTopicResult {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
}

impl WritableTxnMarkerTopicResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partitions =
            r.array(true, 7, "Partitions", |r| WritableTxnMarkerPartitionResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarkerPartitionResult {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
}

impl WritableTxnMarkerPartitionResult {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let error_code = r.i16("ErrorCode")?;
        r.no_tags()?;
        Ok(Self { partition_index, error_code })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.partition_index).with(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}
