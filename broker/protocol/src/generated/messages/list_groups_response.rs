// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListGroupsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ListGroupsResponse`, key 16, versions 0-5, flexible 3+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Groups`: versions 0+.
    pub groups: Vec<ListedGroup>,
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(3);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let error_code = r.i16("ErrorCode")?;
        let groups = r.array(flexible, 2, "Groups", |r| ListedGroup::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, groups })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 3;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        w.array(flexible, &self.groups, "Groups", |w, it| it.encode(w, v))?;
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

/// Part of [`ListGroupsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedGroup {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `ProtocolType`: versions 0+.
    pub protocol_type: Str,
    /// `GroupState`: versions 4+, ignorable.
    pub group_state: Str,
    /// `GroupType`: versions 5+, ignorable.
    pub group_type: Str,
}

impl ListedGroup {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 3;
        let group_id = r.str(flexible, "GroupId")?;
        let protocol_type = r.str(flexible, "ProtocolType")?;
        let group_state = if v >= 4 { r.str(true, "GroupState")? } else { Str::EMPTY };
        let group_type = if v >= 5 { r.str(true, "GroupType")? } else { Str::EMPTY };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { group_id, protocol_type, group_state, group_type })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 3;
        w.str(flexible, &self.group_id, "GroupId")?;
        w.str(flexible, &self.protocol_type, "ProtocolType")?;
        if v >= 4 {
            w.str(true, &self.group_state, "GroupState")?;
        }
        if v >= 5 {
            w.str(true, &self.group_type, "GroupType")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
