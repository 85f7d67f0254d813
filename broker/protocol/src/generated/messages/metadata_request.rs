// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `MetadataRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{ApiKey, Message, Request, Str};

/// `MetadataRequest`, key 3, versions 0-13, flexible 9+.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    /// `Topics`: versions 0+, null 1+.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// `AllowAutoTopicCreation`: versions 4+, default true.
    pub allow_auto_topic_creation: bool,
    /// `IncludeClusterAuthorizedOperations`: versions 8-10.
    pub include_cluster_authorized_operations: bool,
    /// `IncludeTopicAuthorizedOperations`: versions 8+.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Vec::new()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: false,
            include_topic_authorized_operations: false,
        }
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        let topics = if v >= 1 {
            r.nullable_array(flexible, 1, "Topics", |r| MetadataRequestTopic::decode(r, v))?
        } else {
            Some(r.array(flexible, 1, "Topics", |r| MetadataRequestTopic::decode(r, v))?)
        };
        let allow_auto_topic_creation = if v >= 4 { r.bool("AllowAutoTopicCreation")? } else { true };
        let include_cluster_authorized_operations =
            if (8..=10).contains(&v) { r.bool("IncludeClusterAuthorizedOperations")? } else { false };
        let include_topic_authorized_operations =
            if v >= 8 { r.bool("IncludeTopicAuthorizedOperations")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            topics,
            allow_auto_topic_creation,
            include_cluster_authorized_operations,
            include_topic_authorized_operations,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        if v >= 1 {
            w.nullable_array(flexible, self.topics.as_deref(), "Topics", |w, it| it.encode(w, v))?;
        } else {
            w.array(flexible, required(&self.topics, "Topics")?, "Topics", |w, it| it.encode(w, v))?;
        }
        if v >= 4 {
            w.bool(self.allow_auto_topic_creation);
        } else if !self.allow_auto_topic_creation {
            return Err(EncodeError::not_in_version("AllowAutoTopicCreation", v));
        }
        if (8..=10).contains(&v) {
            w.bool(self.include_cluster_authorized_operations);
        } else if self.include_cluster_authorized_operations {
            return Err(EncodeError::not_in_version("IncludeClusterAuthorizedOperations", v));
        }
        if v >= 8 {
            w.bool(self.include_topic_authorized_operations);
        } else if self.include_topic_authorized_operations {
            return Err(EncodeError::not_in_version("IncludeTopicAuthorizedOperations", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for MetadataRequest {
    const KEY: ApiKey = ApiKey::Metadata;
    type Response = super::MetadataResponse;
}

/// Part of [`MetadataRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `Name`: versions 0+, topicName, null 10+.
    pub name: Option<Str>,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self { topic_id: Uuid::ZERO, name: Some(Str::EMPTY) }
    }
}

impl MetadataRequestTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let name = if v >= 10 { r.nullable_str(flexible, "Name")? } else { Some(r.str(flexible, "Name")?) };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic_id, name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        if v >= 10 {
            w.nullable_str(flexible, self.name.as_ref(), "Name")?;
        } else {
            w.str(flexible, required(&self.name, "Name")?, "Name")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
