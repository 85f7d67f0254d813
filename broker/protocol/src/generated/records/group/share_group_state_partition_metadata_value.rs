// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareGroupStatePartitionMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ShareGroupStatePartitionMetadataValue`, key 15, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupStatePartitionMetadataValue {
    /// `InitializingTopics`: versions 0+.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// `InitializedTopics`: versions 0+.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// `DeletingTopics`: versions 0+.
    pub deleting_topics: Vec<TopicInfo>,
}

impl Message for ShareGroupStatePartitionMetadataValue {
    const NAME: &'static str = "ShareGroupStatePartitionMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let initializing_topics =
            r.array(true, 19, "InitializingTopics", |r| TopicPartitionsInfo::decode(r, v))?;
        let initialized_topics =
            r.array(true, 19, "InitializedTopics", |r| TopicPartitionsInfo::decode(r, v))?;
        let deleting_topics = r.array(true, 18, "DeletingTopics", |r| TopicInfo::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { initializing_topics, initialized_topics, deleting_topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.initializing_topics, "InitializingTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.initialized_topics, "InitializedTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.deleting_topics, "DeletingTopics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ShareGroupStatePartitionMetadataValue {
    const TYPE: i16 = 15;
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitionsInfo {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `TopicName`: versions 0+.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartitionsInfo {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let topic_name = r.str(true, "TopicName")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic_id, topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.str(true, &self.topic_name, "TopicName")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareGroupStatePartitionMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `TopicName`: versions 0+.
    pub topic_name: Str,
}

impl TopicInfo {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let topic_name = r.str(true, "TopicName")?;
        r.no_tags()?;
        Ok(Self { topic_id, topic_name })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.str(true, &self.topic_name, "TopicName")?;
        w.uvarint(0);
        Ok(())
    }
}
