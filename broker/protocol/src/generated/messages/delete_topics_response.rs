// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DeleteTopicsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{Message, Str};

/// `DeleteTopicsResponse`, key 20, versions 1-6, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `Responses`: versions 0+.
    pub responses: Vec<DeletableTopicResult>,
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let responses = r.array(flexible, 3, "Responses", |r| DeletableTopicResult::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, responses })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.i32(self.throttle_time_ms);
        w.array(flexible, &self.responses, "Responses", |w, it| it.encode(w, v))?;
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

/// Part of [`DeleteTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeletableTopicResult {
    /// `Name`: versions 0+, topicName, null 6+.
    pub name: Option<Str>,
    /// `TopicId`: versions 6+, ignorable.
    pub topic_id: Uuid,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 5+, null 5+, default null, ignorable.
    pub error_message: Option<Str>,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self { name: Some(Str::EMPTY), topic_id: Uuid::ZERO, error_code: 0, error_message: None }
    }
}

impl DeletableTopicResult {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let name = if v >= 6 { r.nullable_str(flexible, "Name")? } else { Some(r.str(flexible, "Name")?) };
        let topic_id = if v >= 6 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let error_code = r.i16("ErrorCode")?;
        let error_message = if v >= 5 { r.nullable_str(true, "ErrorMessage")? } else { None };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, topic_id, error_code, error_message })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        if v >= 6 {
            w.nullable_str(flexible, self.name.as_ref(), "Name")?;
        } else {
            w.str(flexible, required(&self.name, "Name")?, "Name")?;
        }
        if v >= 6 {
            w.uuid(self.topic_id);
        }
        w.i16(self.error_code);
        if v >= 5 {
            w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
