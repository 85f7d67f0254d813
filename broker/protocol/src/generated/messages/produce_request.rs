// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ProduceRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Records, Request, Str};

/// `ProduceRequest`, key 0, versions 3-13, flexible 9+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceRequest {
    /// `TransactionalId`: versions 3+, transactionalId, null 3+, default null.
    pub transactional_id: Option<Str>,
    /// `Acks`: versions 0+.
    pub acks: i16,
    /// `TimeoutMs`: versions 0+.
    pub timeout_ms: i32,
    /// `TopicData`: versions 0+.
    pub topic_data: Vec<TopicProduceData>,
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        let transactional_id = r.nullable_str(flexible, "TransactionalId")?;
        let acks = r.i16("Acks")?;
        let timeout_ms = r.i32("TimeoutMs")?;
        let topic_data = r.array(flexible, 1, "TopicData", |r| TopicProduceData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { transactional_id, acks, timeout_ms, topic_data })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        w.nullable_str(flexible, self.transactional_id.as_ref(), "TransactionalId")?;
        w.run::<6>().with(self.acks).with(self.timeout_ms);
        w.array(flexible, &self.topic_data, "TopicData", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ProduceRequest {
    const KEY: ApiKey = ApiKey::Produce;
    type Response = super::ProduceResponse;
}

/// Part of [`ProduceRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceData {
    /// `Name`: versions 0-12, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 13+, ignorable.
    pub topic_id: Uuid,
    /// `PartitionData`: versions 0+.
    pub partition_data: Vec<PartitionProduceData>,
}

impl TopicProduceData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let name = if v <= 12 { r.str(flexible, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 13 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partition_data = r.array(flexible, 5, "PartitionData", |r| PartitionProduceData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, topic_id, partition_data })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        if v <= 12 {
            w.str(flexible, &self.name, "Name")?;
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partition_data, "PartitionData", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ProduceRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionProduceData {
    /// `Index`: versions 0+.
    pub index: i32,
    /// `Records`: versions 0+, null 0+.
    pub records: Option<Records>,
}

impl PartitionProduceData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let index = r.i32("Index")?;
        let records = r.nullable_records(flexible, "Records")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { index, records })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.i32(self.index);
        w.nullable_records(flexible, self.records.as_ref(), "Records")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
