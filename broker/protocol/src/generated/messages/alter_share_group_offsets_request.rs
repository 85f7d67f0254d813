// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterShareGroupOffsetsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AlterShareGroupOffsetsRequest`, key 91, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `Topics`: versions 0+.
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
}

impl Message for AlterShareGroupOffsetsRequest {
    const NAME: &'static str = "AlterShareGroupOffsetsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let topics = r.array(true, 3, "Topics", |r| AlterShareGroupOffsetsRequestTopic::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { group_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AlterShareGroupOffsetsRequest {
    const KEY: ApiKey = ApiKey::AlterShareGroupOffsets;
    type Response = super::AlterShareGroupOffsetsResponse;
}

/// Part of [`AlterShareGroupOffsetsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsRequestTopic {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
}

impl AlterShareGroupOffsetsRequestTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_name = r.str(true, "TopicName")?;
        let partitions =
            r.array(true, 13, "Partitions", |r| AlterShareGroupOffsetsRequestPartition::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic_name, "TopicName")?;
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AlterShareGroupOffsetsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterShareGroupOffsetsRequestPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `StartOffset`: versions 0+.
    pub start_offset: i64,
}

impl AlterShareGroupOffsetsRequestPartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let start_offset = r.i64("StartOffset")?;
        r.no_tags()?;
        Ok(Self { partition_index, start_offset })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.partition_index).with(self.start_offset);
        w.uvarint(0);
        Ok(())
    }
}
