// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeGroupsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `DescribeGroupsRequest`, key 15, versions 0-6, flexible 5+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsRequest {
    /// `Groups`: versions 0+, groupId.
    pub groups: Vec<Str>,
    /// `IncludeAuthorizedOperations`: versions 3+.
    pub include_authorized_operations: bool,
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        let groups = r.array(flexible, 1, "Groups", |r| r.str(flexible, "Groups"))?;
        let include_authorized_operations =
            if v >= 3 { r.bool("IncludeAuthorizedOperations")? } else { false };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { groups, include_authorized_operations })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        w.array(flexible, &self.groups, "Groups", |w, it| w.str(flexible, it, "Groups"))?;
        if v >= 3 {
            w.bool(self.include_authorized_operations);
        } else if self.include_authorized_operations {
            return Err(EncodeError::not_in_version("IncludeAuthorizedOperations", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for DescribeGroupsRequest {
    const KEY: ApiKey = ApiKey::DescribeGroups;
    type Response = super::DescribeGroupsResponse;
}
