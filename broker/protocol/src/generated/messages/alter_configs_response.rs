// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterConfigsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `AlterConfigsResponse`, key 33, versions 0-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Responses`: versions 0+.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

impl Message for AlterConfigsResponse {
    const NAME: &'static str = "AlterConfigsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let responses = r.array(flexible, 5, "Responses", |r| AlterConfigsResourceResponse::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, responses })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
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

/// Part of [`AlterConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsResourceResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
}

impl Default for AlterConfigsResourceResponse {
    fn default() -> Self {
        Self { error_code: 0, error_message: Some(Str::EMPTY), resource_type: 0, resource_name: Str::EMPTY }
    }
}

impl AlterConfigsResourceResponse {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(flexible, "ResourceName")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, error_message, resource_type, resource_name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.i16(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        w.i8(self.resource_type);
        w.str(flexible, &self.resource_name, "ResourceName")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
