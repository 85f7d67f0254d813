// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `SyncGroupResponse`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `SyncGroupResponse`, key 14, versions 0-5, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ProtocolType`: versions 5+, null 5+, default null, ignorable.
    pub protocol_type: Option<Str>,
    /// `ProtocolName`: versions 5+, null 5+, default null, ignorable.
    pub protocol_name: Option<Str>,
    /// `Assignment`: versions 0+.
    pub assignment: Bytes,
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let error_code = r.i16("ErrorCode")?;
        let protocol_type = if v >= 5 { r.nullable_str(true, "ProtocolType")? } else { None };
        let protocol_name = if v >= 5 { r.nullable_str(true, "ProtocolName")? } else { None };
        let assignment = r.bytes(flexible, "Assignment")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, protocol_type, protocol_name, assignment })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if v >= 5 {
            w.nullable_str(true, self.protocol_type.as_ref(), "ProtocolType")?;
        }
        if v >= 5 {
            w.nullable_str(true, self.protocol_name.as_ref(), "ProtocolName")?;
        }
        w.bytes(flexible, &self.assignment, "Assignment")?;
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
