// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerProtocolSubscription`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ConsumerProtocolSubscription`, versions 0-3, flexible none.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolSubscription {
    /// `Topics`: versions 0+.
    pub topics: Vec<Str>,
    /// `UserData`: versions 0+, null 0+, default null.
    pub user_data: Option<Bytes>,
    /// `OwnedPartitions`: versions 1+, ignorable.
    pub owned_partitions: Vec<TopicPartition>,
    /// `GenerationId`: versions 2+, default -1, ignorable.
    pub generation_id: i32,
    /// `RackId`: versions 3+, null 3+, default null, ignorable.
    pub rack_id: Option<Str>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topics = r.array(false, 2, "Topics", |r| r.str(false, "Topics"))?;
        let user_data = r.nullable_bytes(false, "UserData")?;
        let owned_partitions = if v >= 1 {
            r.array(false, 6, "OwnedPartitions", |r| TopicPartition::decode(r, v))?
        } else {
            Vec::new()
        };
        let generation_id = if v >= 2 { r.i32("GenerationId")? } else { -1 };
        let rack_id = if v >= 3 { r.nullable_str(false, "RackId")? } else { None };
        Ok(Self { topics, user_data, owned_partitions, generation_id, rack_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(false, &self.topics, "Topics", |w, it| w.str(false, it, "Topics"))?;
        w.nullable_bytes(false, self.user_data.as_ref(), "UserData")?;
        if v >= 1 {
            w.array(false, &self.owned_partitions, "OwnedPartitions", |w, it| it.encode(w, v))?;
        }
        if v >= 2 {
            w.i32(self.generation_id);
        }
        if v >= 3 {
            w.nullable_str(false, self.rack_id.as_ref(), "RackId")?;
        }
        Ok(())
    }
}

/// Part of [`ConsumerProtocolSubscription`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// `Topic`: versions 1+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 1+.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic = r.str(false, "Topic")?;
        let partitions = r.fixed_array(false, "Partitions")?;
        Ok(Self { topic, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(false, &self.topic, "Topic")?;
        w.fixed_array(false, &self.partitions, "Partitions")?;
        Ok(())
    }
}
