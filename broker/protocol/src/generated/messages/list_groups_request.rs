// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListGroupsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ListGroupsRequest`, key 16, versions 0-5, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsRequest {
    /// `StatesFilter`: versions 4+.
    pub states_filter: Vec<Str>,
    /// `TypesFilter`: versions 5+.
    pub types_filter: Vec<Str>,
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let states_filter = if v >= 4 {
            r.array(true, 1, "StatesFilter", |r| r.str(true, "StatesFilter"))?
        } else {
            Vec::new()
        };
        let types_filter = if v >= 5 {
            r.array(true, 1, "TypesFilter", |r| r.str(true, "TypesFilter"))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { states_filter, types_filter })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v >= 4 {
            w.array(true, &self.states_filter, "StatesFilter", |w, it| w.str(true, it, "StatesFilter"))?;
        } else if !self.states_filter.is_empty() {
            return Err(EncodeError::not_in_version("StatesFilter", v));
        }
        if v >= 5 {
            w.array(true, &self.types_filter, "TypesFilter", |w, it| w.str(true, it, "TypesFilter"))?;
        } else if !self.types_filter.is_empty() {
            return Err(EncodeError::not_in_version("TypesFilter", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ListGroupsRequest {
    const KEY: ApiKey = ApiKey::ListGroups;
    type Response = super::ListGroupsResponse;
}
