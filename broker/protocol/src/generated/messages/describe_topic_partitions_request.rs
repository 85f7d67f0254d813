// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeTopicPartitionsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DescribeTopicPartitionsRequest`, key 75, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsRequest {
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicRequest>,
    /// `ResponsePartitionLimit`: versions 0+, default 2000.
    pub response_partition_limit: i32,
    /// `Cursor`: versions 0+, null 0+, default null.
    pub cursor: Option<Cursor>,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self { topics: Vec::new(), response_partition_limit: 2000, cursor: None }
    }
}

impl Message for DescribeTopicPartitionsRequest {
    const NAME: &'static str = "DescribeTopicPartitionsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let topics = r.array(true, 2, "Topics", |r| TopicRequest::decode(r, v))?;
        let response_partition_limit = r.i32("ResponsePartitionLimit")?;
        let cursor = r.nullable_struct("Cursor", |r| Cursor::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topics, response_partition_limit, cursor })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.i32(self.response_partition_limit);
        w.nullable_struct(self.cursor.as_ref(), |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for DescribeTopicPartitionsRequest {
    const KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    type Response = super::DescribeTopicPartitionsResponse;
}

/// Part of [`DescribeTopicPartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicRequest {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
}

impl TopicRequest {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        r.no_tags()?;
        Ok(Self { name })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeTopicPartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
}

impl Cursor {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_name = r.str(true, "TopicName")?;
        let partition_index = r.i32("PartitionIndex")?;
        r.no_tags()?;
        Ok(Self { topic_name, partition_index })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic_name, "TopicName")?;
        w.i32(self.partition_index);
        w.uvarint(0);
        Ok(())
    }
}
