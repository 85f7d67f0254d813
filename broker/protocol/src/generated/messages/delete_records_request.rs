// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DeleteRecordsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DeleteRecordsRequest`, key 21, versions 0-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsRequest {
    /// `Topics`: versions 0+.
    pub topics: Vec<DeleteRecordsTopic>,
    /// `TimeoutMs`: versions 0+.
    pub timeout_ms: i32,
}

impl Message for DeleteRecordsRequest {
    const NAME: &'static str = "DeleteRecordsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let topics = r.array(flexible, 2, "Topics", |r| DeleteRecordsTopic::decode(r, v))?;
        let timeout_ms = r.i32("TimeoutMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topics, timeout_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.i32(self.timeout_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DeleteRecordsRequest {
    const KEY: ApiKey = ApiKey::DeleteRecords;
    type Response = super::DeleteRecordsResponse;
}

/// Part of [`DeleteRecordsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<DeleteRecordsPartition>,
}

impl DeleteRecordsTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let name = r.str(flexible, "Name")?;
        let partitions = r.array(flexible, 12, "Partitions", |r| DeleteRecordsPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DeleteRecordsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `Offset`: versions 0+.
    pub offset: i64,
}

impl DeleteRecordsPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let partition_index = r.i32("PartitionIndex")?;
        let offset = r.i64("Offset")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, offset })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.run::<12>().with(self.partition_index).with(self.offset);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
