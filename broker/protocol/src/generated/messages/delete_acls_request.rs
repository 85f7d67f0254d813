// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DeleteAclsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DeleteAclsRequest`, key 31, versions 1-3, flexible 2+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteAclsRequest {
    /// `Filters`: versions 0+.
    pub filters: Vec<DeleteAclsFilter>,
}

impl Message for DeleteAclsRequest {
    const NAME: &'static str = "DeleteAclsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=3;
    const FLEXIBLE_SINCE: Option<i16> = Some(2);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        let filters = r.array(flexible, 7, "Filters", |r| DeleteAclsFilter::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { filters })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 2;
        w.array(flexible, &self.filters, "Filters", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DeleteAclsRequest {
    const KEY: ApiKey = ApiKey::DeleteAcls;
    type Response = super::DeleteAclsResponse;
}

/// Part of [`DeleteAclsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteAclsFilter {
    /// `ResourceTypeFilter`: versions 0+.
    pub resource_type_filter: i8,
    /// `ResourceNameFilter`: versions 0+, null 0+.
    pub resource_name_filter: Option<Str>,
    /// `PatternTypeFilter`: versions 1+, default 3.
    pub pattern_type_filter: i8,
    /// `PrincipalFilter`: versions 0+, null 0+.
    pub principal_filter: Option<Str>,
    /// `HostFilter`: versions 0+, null 0+.
    pub host_filter: Option<Str>,
    /// `Operation`: versions 0+.
    pub operation: i8,
    /// `PermissionType`: versions 0+.
    pub permission_type: i8,
}

impl Default for DeleteAclsFilter {
    fn default() -> Self {
        Self {
            resource_type_filter: 0,
            resource_name_filter: Some(Str::EMPTY),
            pattern_type_filter: 3,
            principal_filter: Some(Str::EMPTY),
            host_filter: Some(Str::EMPTY),
            operation: 0,
            permission_type: 0,
        }
    }
}

impl DeleteAclsFilter {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 2;
        let resource_type_filter = r.i8("ResourceTypeFilter")?;
        let resource_name_filter = r.nullable_str(flexible, "ResourceNameFilter")?;
        let pattern_type_filter = r.i8("PatternTypeFilter")?;
        let principal_filter = r.nullable_str(flexible, "PrincipalFilter")?;
        let host_filter = r.nullable_str(flexible, "HostFilter")?;
        let operation = r.i8("Operation")?;
        let permission_type = r.i8("PermissionType")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            resource_type_filter,
            resource_name_filter,
            pattern_type_filter,
            principal_filter,
            host_filter,
            operation,
            permission_type,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 2;
        w.i8(self.resource_type_filter);
        w.nullable_str(flexible, self.resource_name_filter.as_ref(), "ResourceNameFilter")?;
        w.i8(self.pattern_type_filter);
        w.nullable_str(flexible, self.principal_filter.as_ref(), "PrincipalFilter")?;
        w.nullable_str(flexible, self.host_filter.as_ref(), "HostFilter")?;
        w.run::<2>().with(self.operation).with(self.permission_type);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
