// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DeleteTopicsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DeleteTopicsRequest`, key 20, versions 1-6, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsRequest {
    /// `Topics`: versions 6+.
    pub topics: Vec<DeleteTopicState>,
    /// `TopicNames`: versions 0-5, topicName, ignorable.
    pub topic_names: Vec<Str>,
    /// `TimeoutMs`: versions 0+.
    pub timeout_ms: i32,
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let topics = if v >= 6 {
            r.array(true, 18, "Topics", |r| DeleteTopicState::decode(r, v))?
        } else {
            Vec::new()
        };
        let topic_names = if v <= 5 {
            r.array(flexible, 1, "TopicNames", |r| r.str(flexible, "TopicNames"))?
        } else {
            Vec::new()
        };
        let timeout_ms = r.i32("TimeoutMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topics, topic_names, timeout_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        if v >= 6 {
            w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        } else if !self.topics.is_empty() {
            return Err(EncodeError::not_in_version("Topics", v));
        }
        if v <= 5 {
            w.array(flexible, &self.topic_names, "TopicNames", |w, it| w.str(flexible, it, "TopicNames"))?;
        }
        w.i32(self.timeout_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DeleteTopicsRequest {
    const KEY: ApiKey = ApiKey::DeleteTopics;
    type Response = super::DeleteTopicsResponse;
}

/// Part of [`DeleteTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicState {
    /// `Name`: versions 6+, topicName, null 6+, default null.
    pub name: Option<Str>,
    /// `TopicId`: versions 6+.
    pub topic_id: Uuid,
}

impl DeleteTopicState {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.nullable_str(true, "Name")?;
        let topic_id = r.uuid("TopicId")?;
        r.no_tags()?;
        Ok(Self { name, topic_id })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.nullable_str(true, self.name.as_ref(), "Name")?;
        w.uuid(self.topic_id);
        w.uvarint(0);
        Ok(())
    }
}
