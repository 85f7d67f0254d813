// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `SyncGroupRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `SyncGroupRequest`, key 14, versions 0-5, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `GenerationId`: versions 0+.
    pub generation_id: i32,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 3+, null 3+, default null.
    pub group_instance_id: Option<Str>,
    /// `ProtocolType`: versions 5+, null 5+, default null, ignorable.
    pub protocol_type: Option<Str>,
    /// `ProtocolName`: versions 5+, null 5+, default null, ignorable.
    pub protocol_name: Option<Str>,
    /// `Assignments`: versions 0+.
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=5;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let group_id = r.str(flexible, "GroupId")?;
        let generation_id = r.i32("GenerationId")?;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = if v >= 3 { r.nullable_str(flexible, "GroupInstanceId")? } else { None };
        let protocol_type = if v >= 5 { r.nullable_str(true, "ProtocolType")? } else { None };
        let protocol_name = if v >= 5 { r.nullable_str(true, "ProtocolName")? } else { None };
        let assignments =
            r.array(flexible, 2, "Assignments", |r| SyncGroupRequestAssignment::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            group_id,
            generation_id,
            member_id,
            group_instance_id,
            protocol_type,
            protocol_name,
            assignments,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.str(flexible, &self.group_id, "GroupId")?;
        w.i32(self.generation_id);
        w.str(flexible, &self.member_id, "MemberId")?;
        if v >= 3 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::not_in_version("GroupInstanceId", v));
        }
        if v >= 5 {
            w.nullable_str(true, self.protocol_type.as_ref(), "ProtocolType")?;
        }
        if v >= 5 {
            w.nullable_str(true, self.protocol_name.as_ref(), "ProtocolName")?;
        }
        w.array(flexible, &self.assignments, "Assignments", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for SyncGroupRequest {
    const KEY: ApiKey = ApiKey::SyncGroup;
    type Response = super::SyncGroupResponse;
}

/// Part of [`SyncGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequestAssignment {
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `Assignment`: versions 0+.
    pub assignment: Bytes,
}

impl SyncGroupRequestAssignment {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let member_id = r.str(flexible, "MemberId")?;
        let assignment = r.bytes(flexible, "Assignment")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { member_id, assignment })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.member_id, "MemberId")?;
        w.bytes(flexible, &self.assignment, "Assignment")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
