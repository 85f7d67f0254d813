// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `LeaveGroupResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `LeaveGroupResponse`, key 13, versions 0-5, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Members`: versions 3+.
    pub members: Vec<MemberResponse>,
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let error_code = r.i16("ErrorCode")?;
        let members = if v >= 3 {
            r.array(flexible, 4, "Members", |r| MemberResponse::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, error_code, members })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if v >= 3 {
            w.array(flexible, &self.members, "Members", |w, it| it.encode(w, v))?;
        } else if !self.members.is_empty() {
            return Err(EncodeError::not_in_version("Members", v));
        }
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

/// Part of [`LeaveGroupResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    /// `MemberId`: versions 3+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 3+, null 3+.
    pub group_instance_id: Option<Str>,
    /// `ErrorCode`: versions 3+.
    pub error_code: i16,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self { member_id: Str::EMPTY, group_instance_id: Some(Str::EMPTY), error_code: 0 }
    }
}

impl MemberResponse {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = r.nullable_str(flexible, "GroupInstanceId")?;
        let error_code = r.i16("ErrorCode")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { member_id, group_instance_id, error_code })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.member_id, "MemberId")?;
        w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        w.i16(self.error_code);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
