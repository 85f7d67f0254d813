// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `WriteTxnMarkersRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `WriteTxnMarkersRequest`, key 27, versions 1-2, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteTxnMarkersRequest {
    /// `Markers`: versions 0+.
    pub markers: Vec<WritableTxnMarker>,
}

impl Message for WriteTxnMarkersRequest {
    const NAME: &'static str = "WriteTxnMarkersRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let markers = r.array(true, 17, "Markers", |r| WritableTxnMarker::decode(r, v))?;
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

impl Request for WriteTxnMarkersRequest {
    const KEY: ApiKey = ApiKey::WriteTxnMarkers;
    type Response = super::WriteTxnMarkersResponse;
}

/// Part of [`WriteTxnMarkersRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarker {
    /// `ProducerId`: versions 0+, producerId.
    pub producer_id: i64,
    /// `ProducerEpoch`: versions 0+.
    pub producer_epoch: i16,
    /// `TransactionResult`: versions 0+.
    pub transaction_result: bool,
    /// `Topics`: versions 0+.
    pub topics: Vec<WritableTxnMarkerTopic>,
    /// `CoordinatorEpoch`: versions 0+.
    pub coordinator_epoch: i32,
    /// `TransactionVersion`: versions 2+, ignorable.
    pub transaction_version: i8,
}

impl WritableTxnMarker {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let producer_id = r.i64("ProducerId")?;
        let producer_epoch = r.i16("ProducerEpoch")?;
        let transaction_result = r.bool("TransactionResult")?;
        let topics = r.array(true, 3, "Topics", |r| WritableTxnMarkerTopic::decode(r, v))?;
        let coordinator_epoch = r.i32("CoordinatorEpoch")?;
        let transaction_version = if v >= 2 { r.i8("TransactionVersion")? } else { 0 };
        r.no_tags()?;
        Ok(Self {
            producer_id,
            producer_epoch,
            transaction_result,
            topics,
            coordinator_epoch,
            transaction_version,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<11>().with(self.producer_id).with(self.producer_epoch).with(self.transaction_result);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.i32(self.coordinator_epoch);
        if v >= 2 {
            w.i8(self.transaction_version);
        }
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`WriteTxnMarkersRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WritableTxnMarkerTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `PartitionIndexes`: versions 0+.
    pub partition_indexes: Vec<i32>,
}

impl WritableTxnMarkerTopic {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partition_indexes = r.fixed_array(true, "PartitionIndexes")?;
        r.no_tags()?;
        Ok(Self { name, partition_indexes })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.fixed_array(true, &self.partition_indexes, "PartitionIndexes")?;
        w.uvarint(0);
        Ok(())
    }
}
