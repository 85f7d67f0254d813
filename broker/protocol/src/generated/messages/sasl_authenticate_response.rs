// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `SaslAuthenticateResponse`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `SaslAuthenticateResponse`, key 36, versions 0-2, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct SaslAuthenticateResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+.
    pub error_message: Option<Str>,
    /// `AuthBytes`: versions 0+.
    pub auth_bytes: Bytes,
    /// `SessionLifetimeMs`: versions 1+, ignorable.
    pub session_lifetime_ms: i64,
}

impl Default for SaslAuthenticateResponse {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: Some(Str::EMPTY),
            auth_bytes: Bytes::new(),
            session_lifetime_ms: 0,
        }
    }
}

impl Message for SaslAuthenticateResponse {
    const NAME: &'static str = "SaslAuthenticateResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(flexible, "ErrorMessage")?;
        let auth_bytes = r.bytes(flexible, "AuthBytes")?;
        let session_lifetime_ms = if v >= 1 { r.i64("SessionLifetimeMs")? } else { 0 };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, error_message, auth_bytes, session_lifetime_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.i16(self.error_code);
        w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        w.bytes(flexible, &self.auth_bytes, "AuthBytes")?;
        if v >= 1 {
            w.i64(self.session_lifetime_ms);
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
