// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreateDelegationTokenResponse`.

use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `CreateDelegationTokenResponse`, key 38, versions 1-3, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateDelegationTokenResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `PrincipalType`: versions 0+.
    pub principal_type: Str,
    /// `PrincipalName`: versions 0+.
    pub principal_name: Str,
    /// `TokenRequesterPrincipalType`: versions 3+.
    pub token_requester_principal_type: Str,
    /// `TokenRequesterPrincipalName`: versions 3+.
    pub token_requester_principal_name: Str,
    /// `IssueTimestampMs`: versions 0+.
    pub issue_timestamp_ms: i64,
    /// `ExpiryTimestampMs`: versions 0+.
    pub expiry_timestamp_ms: i64,
    /// `MaxTimestampMs`: versions 0+.
    pub max_timestamp_ms: i64,
    /// `TokenId`: versions 0+.
    pub token_id: Str,
    /// `Hmac`: versions 0+.
    pub hmac: Bytes,
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
}

impl Message for CreateDelegationTokenResponse {
    const NAME: &'static str = "CreateDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let principal_type = r.str(flexible, "PrincipalType")?;
        let principal_name = r.str(flexible, "PrincipalName")?;
        let token_requester_principal_type =
            if v >= 3 { r.str(true, "TokenRequesterPrincipalType")? } else { Str::EMPTY };
        let token_requester_principal_name =
            if v >= 3 { r.str(true, "TokenRequesterPrincipalName")? } else { Str::EMPTY };
        let issue_timestamp_ms = r.i64("IssueTimestampMs")?;
        let expiry_timestamp_ms = r.i64("ExpiryTimestampMs")?;
        let max_timestamp_ms = r.i64("MaxTimestampMs")?;
        let token_id = r.str(flexible, "TokenId")?;
        let hmac = r.bytes(flexible, "Hmac")?;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            error_code,
            principal_type,
            principal_name,
            token_requester_principal_type,
            token_requester_principal_name,
            issue_timestamp_ms,
            expiry_timestamp_ms,
            max_timestamp_ms,
            token_id,
            hmac,
            throttle_time_ms,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.i16(self.error_code);
        w.str(flexible, &self.principal_type, "PrincipalType")?;
        w.str(flexible, &self.principal_name, "PrincipalName")?;
        if v >= 3 {
            w.str(true, &self.token_requester_principal_type, "TokenRequesterPrincipalType")?;
        } else if !self.token_requester_principal_type.is_empty() {
            return Err(EncodeError::not_in_version("TokenRequesterPrincipalType", v));
        }
        if v >= 3 {
            w.str(true, &self.token_requester_principal_name, "TokenRequesterPrincipalName")?;
        } else if !self.token_requester_principal_name.is_empty() {
            return Err(EncodeError::not_in_version("TokenRequesterPrincipalName", v));
        }
        w.run::<24>()
            .with(self.issue_timestamp_ms)
            .with(self.expiry_timestamp_ms)
            .with(self.max_timestamp_ms);
        w.str(flexible, &self.token_id, "TokenId")?;
        w.bytes(flexible, &self.hmac, "Hmac")?;
        w.i32(self.throttle_time_ms);
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
