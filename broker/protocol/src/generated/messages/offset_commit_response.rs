// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetCommitResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `OffsetCommitResponse`, key 8, versions 2-10, flexible 8+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponse {
    /// `ThrottleTimeMs`: versions 3+, ignorable.
    pub throttle_time_ms: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<OffsetCommitResponseTopic>,
}

impl Message for OffsetCommitResponse {
    const NAME: &'static str = "OffsetCommitResponse";
    const VERSIONS: RangeInclusive<i16> = 2..=10;
    const FLEXIBLE_SINCE: Option<i16> = Some(8);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 8;
        let throttle_time_ms = if v >= 3 { r.i32("ThrottleTimeMs")? } else { 0 };
        let topics = r.array(flexible, 1, "Topics", |r| OffsetCommitResponseTopic::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 8;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`OffsetCommitResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponseTopic {
    /// `Name`: versions 0-9, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

impl OffsetCommitResponseTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 8;
        let name = if v <= 9 { r.str(flexible, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions =
            r.array(flexible, 6, "Partitions", |r| OffsetCommitResponsePartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 8;
        if v <= 9 {
            w.str(flexible, &self.name, "Name")?;
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetCommitResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponsePartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
}

impl OffsetCommitResponsePartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 8;
        let partition_index = r.i32("PartitionIndex")?;
        let error_code = r.i16("ErrorCode")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 8;
        w.run::<6>().with(self.partition_index).with(self.error_code);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
