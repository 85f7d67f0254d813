// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreateAclsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `CreateAclsRequest`, key 30, versions 1-3, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateAclsRequest {
    /// `Creations`: versions 0+.
    pub creations: Vec<AclCreation>,
}

impl Message for CreateAclsRequest {
    const NAME: &'static str = "CreateAclsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let creations = r.array(flexible, 7, "Creations", |r| AclCreation::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { creations })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.array(flexible, &self.creations, "Creations", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for CreateAclsRequest {
    const KEY: ApiKey = ApiKey::CreateAcls;
    type Response = super::CreateAclsResponse;
}

/// Part of [`CreateAclsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AclCreation {
    /// `ResourceType`: versions 0+.
    pub resource_type: i8,
    /// `ResourceName`: versions 0+.
    pub resource_name: Str,
    /// `ResourcePatternType`: versions 1+, default 3.
    pub resource_pattern_type: i8,
    /// `Principal`: versions 0+.
    pub principal: Str,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Operation`: versions 0+.
    pub operation: i8,
    /// `PermissionType`: versions 0+.
    pub permission_type: i8,
}

impl Default for AclCreation {
    fn default() -> Self {
        Self {
            resource_type: 0,
            resource_name: Str::EMPTY,
            resource_pattern_type: 3,
            principal: Str::EMPTY,
            host: Str::EMPTY,
            operation: 0,
            permission_type: 0,
        }
    }
}

impl AclCreation {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let resource_type = r.i8("ResourceType")?;
        let resource_name = r.str(flexible, "ResourceName")?;
        let resource_pattern_type = r.i8("ResourcePatternType")?;
        let principal = r.str(flexible, "Principal")?;
        let host = r.str(flexible, "Host")?;
        let operation = r.i8("Operation")?;
        let permission_type = r.i8("PermissionType")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            resource_type,
            resource_name,
            resource_pattern_type,
            principal,
            host,
            operation,
            permission_type,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.i8(self.resource_type);
        w.str(flexible, &self.resource_name, "ResourceName")?;
        w.i8(self.resource_pattern_type);
        w.str(flexible, &self.principal, "Principal")?;
        w.str(flexible, &self.host, "Host")?;
        w.run::<2>().with(self.operation).with(self.permission_type);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
