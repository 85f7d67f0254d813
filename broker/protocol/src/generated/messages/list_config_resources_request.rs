// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListConfigResourcesRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `ListConfigResourcesRequest`, key 74, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListConfigResourcesRequest {
    /// `ResourceTypes`: versions 1+.
    pub resource_types: Vec<i8>,
}

impl Message for ListConfigResourcesRequest {
    const NAME: &'static str = "ListConfigResourcesRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let resource_types = if v >= 1 { r.fixed_array(true, "ResourceTypes")? } else { Vec::new() };
        r.no_tags()?;
        Ok(Self { resource_types })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        if v >= 1 {
            w.fixed_array(true, &self.resource_types, "ResourceTypes")?;
        } else if !self.resource_types.is_empty() {
            return Err(EncodeError::not_in_version("ResourceTypes", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ListConfigResourcesRequest {
    const KEY: ApiKey = ApiKey::ListConfigResources;
    type Response = super::ListConfigResourcesResponse;
}
