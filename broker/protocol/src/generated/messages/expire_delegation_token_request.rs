// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ExpireDelegationTokenRequest`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `ExpireDelegationTokenRequest`, key 40, versions 1-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpireDelegationTokenRequest {
    /// `Hmac`: versions 0+.
    pub hmac: Bytes,
    /// `ExpiryTimePeriodMs`: versions 0+.
    pub expiry_time_period_ms: i64,
}

impl Message for ExpireDelegationTokenRequest {
    const NAME: &'static str = "ExpireDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let hmac = r.bytes(flexible, "Hmac")?;
        let expiry_time_period_ms = r.i64("ExpiryTimePeriodMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { hmac, expiry_time_period_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.bytes(flexible, &self.hmac, "Hmac")?;
        w.i64(self.expiry_time_period_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ExpireDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::ExpireDelegationToken;
    type Response = super::ExpireDelegationTokenResponse;
}
