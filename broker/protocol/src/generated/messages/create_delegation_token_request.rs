// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreateDelegationTokenRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `CreateDelegationTokenRequest`, key 38, versions 1-3, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateDelegationTokenRequest {
    /// `OwnerPrincipalType`: versions 3+, null 3+.
    pub owner_principal_type: Option<Str>,
    /// `OwnerPrincipalName`: versions 3+, null 3+.
    pub owner_principal_name: Option<Str>,
    /// `Renewers`: versions 0+.
    pub renewers: Vec<CreatableRenewers>,
    /// `MaxLifetimeMs`: versions 0+.
    pub max_lifetime_ms: i64,
}

impl Default for CreateDelegationTokenRequest {
    fn default() -> Self {
        Self {
            owner_principal_type: Some(Str::EMPTY),
            owner_principal_name: Some(Str::EMPTY),
            renewers: Vec::new(),
            max_lifetime_ms: 0,
        }
    }
}

impl Message for CreateDelegationTokenRequest {
    const NAME: &'static str = "CreateDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let owner_principal_type =
            if v >= 3 { r.nullable_str(true, "OwnerPrincipalType")? } else { Some(Str::EMPTY) };
        let owner_principal_name =
            if v >= 3 { r.nullable_str(true, "OwnerPrincipalName")? } else { Some(Str::EMPTY) };
        let renewers = r.array(flexible, 2, "Renewers", |r| CreatableRenewers::decode(r, v))?;
        let max_lifetime_ms = r.i64("MaxLifetimeMs")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { owner_principal_type, owner_principal_name, renewers, max_lifetime_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        if v >= 3 {
            w.nullable_str(true, self.owner_principal_type.as_ref(), "OwnerPrincipalType")?;
        } else if self.owner_principal_type.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::not_in_version("OwnerPrincipalType", v));
        }
        if v >= 3 {
            w.nullable_str(true, self.owner_principal_name.as_ref(), "OwnerPrincipalName")?;
        } else if self.owner_principal_name.as_ref().is_none_or(|it| !it.is_empty()) {
            return Err(EncodeError::not_in_version("OwnerPrincipalName", v));
        }
        w.array(flexible, &self.renewers, "Renewers", |w, it| it.encode(w, v))?;
        w.i64(self.max_lifetime_ms);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for CreateDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::CreateDelegationToken;
    type Response = super::CreateDelegationTokenResponse;
}

/// Part of [`CreateDelegationTokenRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableRenewers {
    /// `PrincipalType`: versions 0+.
    pub principal_type: Str,
    /// `PrincipalName`: versions 0+.
    pub principal_name: Str,
}

impl CreatableRenewers {
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
