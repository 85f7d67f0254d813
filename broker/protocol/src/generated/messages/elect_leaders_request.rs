// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ElectLeadersRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ElectLeadersRequest`, key 43, versions 0-2, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectLeadersRequest {
    /// `ElectionType`: versions 1+.
    pub election_type: i8,
    /// `TopicPartitions`: versions 0+, null 0+.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// `TimeoutMs`: versions 0+, default 60000.
    pub timeout_ms: i32,
}

impl Default for ElectLeadersRequest {
    fn default() -> Self {
        Self { election_type: 0, topic_partitions: Some(Vec::new()), timeout_ms: 60000 }
    }
}

impl Message for ElectLeadersRequest {
    const NAME: &'static str = "ElectLeadersRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let election_type = if v >= 1 { r.i8("ElectionType")? } else { 0 };
        let topic_partitions =
            r.nullable_array(flexible, 2, "TopicPartitions", |r| TopicPartitions::decode(r, v))?;
        let timeout_ms = r.i32("TimeoutMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { election_type, topic_partitions, timeout_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        if v >= 1 {
            w.i8(self.election_type);
        } else if self.election_type != 0 {
            return Err(EncodeError::not_in_version("ElectionType", v));
        }
        w.nullable_array(flexible, self.topic_partitions.as_deref(), "TopicPartitions", |w, it| {
            it.encode(w, v)
        })?;
        w.i32(self.timeout_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ElectLeadersRequest {
    const KEY: ApiKey = ApiKey::ElectLeaders;
    type Response = super::ElectLeadersResponse;
}

/// Part of [`ElectLeadersRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let topic = r.str(flexible, "Topic")?;
        let partitions = r.fixed_array(flexible, "Partitions")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.topic, "Topic")?;
        w.fixed_array(flexible, &self.partitions, "Partitions")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
