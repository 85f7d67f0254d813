// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerProtocolAssignment`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ConsumerProtocolAssignment`, versions 0-3, flexible none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerProtocolAssignment {
    /// `AssignedPartitions`: versions 0+.
    pub assigned_partitions: Vec<TopicPartition>,
    /// `UserData`: versions 0+, null 0+, default null.
    pub user_data: Option<Bytes>,
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const VERSIONS: RangeInclusive<i16> = 0..=3;
    const FLEXIBLE_SINCE: Option<i16> = None;

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let assigned_partitions =
            r.array(false, 6, "AssignedPartitions", |r| TopicPartition::decode(r, v))?;
        let user_data = r.nullable_bytes(false, "UserData")?;
        Ok(Self { assigned_partitions, user_data })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(false, &self.assigned_partitions, "AssignedPartitions", |w, it| it.encode(w, v))?;
        w.nullable_bytes(false, self.user_data.as_ref(), "UserData")?;
        Ok(())
    }
}

/// Part of [`ConsumerProtocolAssignment`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 0+.
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
