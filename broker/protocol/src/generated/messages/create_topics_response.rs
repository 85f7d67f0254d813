// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreateTopicsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `CreateTopicsResponse`, key 19, versions 2-7, flexible 5+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateTopicsResponse {
    /// `ThrottleTimeMs`: versions 2+, ignorable.
    pub throttle_time_ms: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<CreatableTopicResult>,
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let topics = r.array(flexible, 4, "Topics", |r| CreatableTopicResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        w.i32(self.throttle_time_ms);
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

/// Part of [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `TopicId`: versions 7+, ignorable.
    pub topic_id: Uuid,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 1+, null 0+, ignorable.
    pub error_message: Option<Str>,
    /// `TopicConfigErrorCode`: versions 5+, tag 0, ignorable.
    pub topic_config_error_code: i16,
    /// `NumPartitions`: versions 5+, default -1, ignorable.
    pub num_partitions: i32,
    /// `ReplicationFactor`: versions 5+, default -1, ignorable.
    pub replication_factor: i16,
    /// `Configs`: versions 5+, null 5+, ignorable.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            topic_id: Uuid::ZERO,
            error_code: 0,
            error_message: Some(Str::EMPTY),
            topic_config_error_code: 0,
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Vec::new()),
        }
    }
}

impl CreatableTopicResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let name = r.str(flexible, "Name")?;
        let topic_id = if v >= 7 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let mut topic_config_error_code = 0;
        let num_partitions = if v >= 5 { r.i32("NumPartitions")? } else { -1 };
        let replication_factor = if v >= 5 { r.i16("ReplicationFactor")? } else { -1 };
        let configs = if v >= 5 {
            r.nullable_array(true, 6, "Configs", |r| CreatableTopicConfigs::decode(r, v))?
        } else {
            Some(Vec::new())
        };
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => topic_config_error_code = r.i16("TopicConfigErrorCode")?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            name,
            topic_id,
            error_code,
            error_message,
            topic_config_error_code,
            num_partitions,
            replication_factor,
            configs,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.str(flexible, &self.name, "Name")?;
        if v >= 7 {
            w.uuid(self.topic_id);
        }
        w.i16(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        if v >= 5 {
            w.i32(self.num_partitions);
        }
        if v >= 5 {
            w.i16(self.replication_factor);
        }
        if v >= 5 {
            w.nullable_array(true, self.configs.as_deref(), "Configs", |w, it| it.encode(w, v))?;
        }
        if flexible {
            let has_topic_config_error_code = self.topic_config_error_code != 0;
            w.uvarint(u32::from(has_topic_config_error_code));
            if has_topic_config_error_code {
                w.tag(0, "TopicConfigErrorCode", |w| {
                    w.i16(self.topic_config_error_code);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

/// Part of [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    /// `Name`: versions 5+.
    pub name: Str,
    /// `Value`: versions 5+, null 5+.
    pub value: Option<Str>,
    /// `ReadOnly`: versions 5+.
    pub read_only: bool,
    /// `ConfigSource`: versions 5+, default -1, ignorable.
    pub config_source: i8,
    /// `IsSensitive`: versions 5+.
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Str::EMPTY,
            value: Some(Str::EMPTY),
            read_only: false,
            config_source: -1,
            is_sensitive: false,
        }
    }
}

impl CreatableTopicConfigs {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let value = r.nullable_str(true, "Value")?;
        let read_only = r.bool("ReadOnly")?;
        let config_source = r.i8("ConfigSource")?;
        let is_sensitive = r.bool("IsSensitive")?;
        r.no_tags()?;
        Ok(Self { name, value, read_only, config_source, is_sensitive })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.nullable_str(true, self.value.as_ref(), "Value")?;
        w.run::<3>().with(self.read_only).with(self.config_source).with(self.is_sensitive);
        w.uvarint(0);
        Ok(())
    }
}
