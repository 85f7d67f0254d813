// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `RenewDelegationTokenRequest`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `RenewDelegationTokenRequest`, key 39, versions 1-2, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RenewDelegationTokenRequest {
    /// `Hmac`: versions 0+.
    pub hmac: Bytes,
    /// `RenewPeriodMs`: versions 0+.
    pub renew_period_ms: i64,
}

impl Message for RenewDelegationTokenRequest {
    const NAME: &'static str = "RenewDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let hmac = r.bytes(flexible, "Hmac")?;
        let renew_period_ms = r.i64("RenewPeriodMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { hmac, renew_period_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.bytes(flexible, &self.hmac, "Hmac")?;
        w.i64(self.renew_period_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for RenewDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::RenewDelegationToken;
    type Response = super::RenewDelegationTokenResponse;
}
