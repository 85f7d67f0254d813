// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeDelegationTokenRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DescribeDelegationTokenRequest`, key 41, versions 1-3, flexible 2+.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeDelegationTokenRequest {
    /// `Owners`: versions 0+, null 0+.
    pub owners: Option<Vec<DescribeDelegationTokenOwner>>,
}

impl Default for DescribeDelegationTokenRequest {
    fn default() -> Self {
        Self { owners: Some(Vec::new()) }
    }
}

impl Message for DescribeDelegationTokenRequest {
    const NAME: &'static str = "DescribeDelegationTokenRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let owners =
            r.nullable_array(flexible, 2, "Owners", |r| DescribeDelegationTokenOwner::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { owners })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.nullable_array(flexible, self.owners.as_deref(), "Owners", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DescribeDelegationTokenRequest {
    const KEY: ApiKey = ApiKey::DescribeDelegationToken;
    type Response = super::DescribeDelegationTokenResponse;
}

/// Part of [`DescribeDelegationTokenRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeDelegationTokenOwner {
    /// `PrincipalType`: versions 0+.
    pub principal_type: Str,
    /// `PrincipalName`: versions 0+.
    pub principal_name: Str,
}

impl DescribeDelegationTokenOwner {
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
