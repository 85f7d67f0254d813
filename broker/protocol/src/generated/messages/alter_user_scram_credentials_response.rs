// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterUserScramCredentialsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `AlterUserScramCredentialsResponse`, key 51, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterUserScramCredentialsResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Results`: versions 0+.
    pub results: Vec<AlterUserScramCredentialsResult>,
}

impl Message for AlterUserScramCredentialsResponse {
    const NAME: &'static str = "AlterUserScramCredentialsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let results = r.array(true, 5, "Results", |r| AlterUserScramCredentialsResult::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, results })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.throttle_time_ms);
        w.array(true, &self.results, "Results", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`AlterUserScramCredentialsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterUserScramCredentialsResult {
    /// `User`: versions 0+.
    pub user: Str,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
}

impl Default for AlterUserScramCredentialsResult {
    fn default() -> Self {
        Self { user: Str::EMPTY, error_code: 0, error_message: Some(Str::EMPTY) }
    }
}

impl AlterUserScramCredentialsResult {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let user = r.str(true, "User")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        r.no_tags()?;
        Ok(Self { user, error_code, error_message })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.user, "User")?;
        w.i16(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.uvarint(0);
        Ok(())
    }
}
