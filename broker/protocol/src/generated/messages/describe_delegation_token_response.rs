// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeDelegationTokenResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeDelegationTokenResponse`, key 41, versions 1-3, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Tokens`: versions 0+.
    pub tokens: Vec<DescribedDelegationToken>,
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
}

impl Message for DescribeDelegationTokenResponse {
    const NAME: &'static str = "DescribeDelegationTokenResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let error_code = r.i16("ErrorCode")?;
        let tokens = r.array(flexible, 29, "Tokens", |r| DescribedDelegationToken::decode(r, v))?;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, tokens, throttle_time_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.i16(self.error_code);
        w.array(flexible, &self.tokens, "Tokens", |w, it| it.encode(w, v))?;
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

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationToken {
    /// `PrincipalType`: versions 0+.
    pub principal_type: Str,
    /// `PrincipalName`: versions 0+.
    pub principal_name: Str,
    /// `TokenRequesterPrincipalType`: versions 3+.
    pub token_requester_principal_type: Str,
    /// `TokenRequesterPrincipalName`: versions 3+.
    pub token_requester_principal_name: Str,
    /// `IssueTimestamp`: versions 0+.
    pub issue_timestamp: i64,
    /// `ExpiryTimestamp`: versions 0+.
    pub expiry_timestamp: i64,
    /// `MaxTimestamp`: versions 0+.
    pub max_timestamp: i64,
    /// `TokenId`: versions 0+.
    pub token_id: Str,
    /// `Hmac`: versions 0+.
    pub hmac: Bytes,
    /// `Renewers`: versions 0+.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

impl DescribedDelegationToken {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let principal_type = r.str(flexible, "PrincipalType")?;
        let principal_name = r.str(flexible, "PrincipalName")?;
        let token_requester_principal_type =
            if v >= 3 { r.str(true, "TokenRequesterPrincipalType")? } else { Str::EMPTY };
        let token_requester_principal_name =
            if v >= 3 { r.str(true, "TokenRequesterPrincipalName")? } else { Str::EMPTY };
        let issue_timestamp = r.i64("IssueTimestamp")?;
        let expiry_timestamp = r.i64("ExpiryTimestamp")?;
        let max_timestamp = r.i64("MaxTimestamp")?;
        let token_id = r.str(flexible, "TokenId")?;
        let hmac = r.bytes(flexible, "Hmac")?;
        let renewers = r.array(flexible, 2, "Renewers", |r| DescribedDelegationTokenRenewer::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            principal_type,
            principal_name,
            token_requester_principal_type,
            token_requester_principal_name,
            issue_timestamp,
            expiry_timestamp,
            max_timestamp,
            token_id,
            hmac,
            renewers,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
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
        w.run::<24>().with(self.issue_timestamp).with(self.expiry_timestamp).with(self.max_timestamp);
        w.str(flexible, &self.token_id, "TokenId")?;
        w.bytes(flexible, &self.hmac, "Hmac")?;
        w.array(flexible, &self.renewers, "Renewers", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeDelegationTokenResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedDelegationTokenRenewer {
    /// `PrincipalType`: versions 0+.
    pub principal_type: Str,
    /// `PrincipalName`: versions 0+.
    pub principal_name: Str,
}

impl DescribedDelegationTokenRenewer {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let principal_type = r.str(flexible, "PrincipalType")?;
        let principal_name = r.str(flexible, "PrincipalName")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { principal_type, principal_name })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.str(flexible, &self.principal_type, "PrincipalType")?;
        w.str(flexible, &self.principal_name, "PrincipalName")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
