// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `LeaveGroupRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `LeaveGroupRequest`, key 13, versions 0-5, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `MemberId`: versions 0-2.
    pub member_id: Str,
    /// `Members`: versions 3+.
    pub members: Vec<MemberIdentity>,
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let group_id = r.str(flexible, "GroupId")?;
        let member_id = if v <= 2 { r.str(false, "MemberId")? } else { Str::EMPTY };
        let members = if v >= 3 {
            r.array(flexible, 2, "Members", |r| MemberIdentity::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { group_id, member_id, members })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.str(flexible, &self.group_id, "GroupId")?;
        if v <= 2 {
            w.str(false, &self.member_id, "MemberId")?;
        } else if !self.member_id.is_empty() {
            return Err(EncodeError::not_in_version("MemberId", v));
        }
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
}

impl Request for LeaveGroupRequest {
    const KEY: ApiKey = ApiKey::LeaveGroup;
    type Response = super::LeaveGroupResponse;
}

/// Part of [`LeaveGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberIdentity {
    /// `MemberId`: versions 3+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 3+, null 3+, default null.
    pub group_instance_id: Option<Str>,
    /// `Reason`: versions 5+, null 5+, default null, ignorable.
    pub reason: Option<Str>,
}

impl MemberIdentity {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = r.nullable_str(flexible, "GroupInstanceId")?;
        let reason = if v >= 5 { r.nullable_str(true, "Reason")? } else { None };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { member_id, group_instance_id, reason })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.member_id, "MemberId")?;
        w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        if v >= 5 {
            w.nullable_str(true, self.reason.as_ref(), "Reason")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
