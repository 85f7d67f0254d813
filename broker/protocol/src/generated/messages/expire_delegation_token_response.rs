// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ExpireDelegationTokenResponse`.

use core::ops::RangeInclusive;

use crate::Message;
use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};

/// `ExpireDelegationTokenResponse`, key 40, versions 1-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpireDelegationTokenResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ExpiryTimestampMs`: versions 0+.
    pub expiry_timestamp_ms: i64,
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
}

impl Message for ExpireDelegationTokenResponse {
    const NAME: &'static str = "ExpireDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let expiry_timestamp_ms = r.i64("ExpiryTimestampMs")?;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, expiry_timestamp_ms, throttle_time_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.run::<14>().with(self.error_code).with(self.expiry_timestamp_ms).with(self.throttle_time_ms);
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
