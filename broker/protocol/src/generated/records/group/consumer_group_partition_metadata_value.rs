// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupPartitionMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ConsumerGroupPartitionMetadataValue`, key 4, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerGroupPartitionMetadataValue {
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicMetadata>,
}

impl Message for ConsumerGroupPartitionMetadataValue {
    const NAME: &'static str = "ConsumerGroupPartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topics = r.array(true, 23, "Topics", |r| TopicMetadata::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupPartitionMetadataValue {
    const TYPE: i16 = 4;
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicMetadata {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `TopicName`: versions 0+.
    pub topic_name: Str,
    /// `NumPartitions`: versions 0+.
    pub num_partitions: i32,
    /// `PartitionMetadata`: versions 0+.
    pub partition_metadata: Vec<PartitionMetadata>,
}

impl TopicMetadata {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let topic_name = r.str(true, "TopicName")?;
        let num_partitions = r.i32("NumPartitions")?;
        let partition_metadata =
            r.array(true, 6, "PartitionMetadata", |r| PartitionMetadata::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_id, topic_name, num_partitions, partition_metadata })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.str(true, &self.topic_name, "TopicName")?;
        w.i32(self.num_partitions);
        w.array(true, &self.partition_metadata, "PartitionMetadata", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ConsumerGroupPartitionMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionMetadata {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `Racks`: versions 0+.
    pub racks: Vec<Str>,
}

impl PartitionMetadata {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let racks = r.array(true, 1, "Racks", |r| r.str(true, "Racks"))?;
        r.no_tags()?;
        Ok(Self { partition, racks })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.partition);
        w.array(true, &self.racks, "Racks", |w, it| w.str(true, it, "Racks"))?;
        w.uvarint(0);
        Ok(())
    }
}
