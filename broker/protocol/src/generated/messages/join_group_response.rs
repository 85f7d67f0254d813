// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `JoinGroupResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{Message, Str};

/// `JoinGroupResponse`, key 11, versions 0-9, flexible 6+.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// `ThrottleTimeMs`: versions 2+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `GenerationId`: versions 0+, default -1.
    pub generation_id: i32,
    /// `ProtocolType`: versions 7+, null 7+, default null, ignorable.
    pub protocol_type: Option<Str>,
    /// `ProtocolName`: versions 0+, null 7+.
    pub protocol_name: Option<Str>,
    /// `Leader`: versions 0+.
    pub leader: Str,
    /// `SkipAssignment`: versions 9+.
    pub skip_assignment: bool,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `Members`: versions 0+.
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Str::EMPTY),
            leader: Str::EMPTY,
            skip_assignment: false,
            member_id: Str::EMPTY,
            members: Vec::new(),
        }
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        let throttle_time_ms = if v >= 2 { r.i32("ThrottleTimeMs")? } else { 0 };
        let error_code = r.i16("ErrorCode")?;
        let generation_id = r.i32("GenerationId")?;
        let protocol_type = if v >= 7 { r.nullable_str(true, "ProtocolType")? } else { None };
        let protocol_name = if v >= 7 {
            r.nullable_str(flexible, "ProtocolName")?
        } else {
            Some(r.str(flexible, "ProtocolName")?)
        };
        let leader = r.str(flexible, "Leader")?;
        let skip_assignment = if v >= 9 { r.bool("SkipAssignment")? } else { false };
        let member_id = r.str(flexible, "MemberId")?;
        let members = r.array(flexible, 2, "Members", |r| JoinGroupResponseMember::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            throttle_time_ms,
            error_code,
            generation_id,
            protocol_type,
            protocol_name,
            leader,
            skip_assignment,
            member_id,
            members,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        if v >= 2 {
            w.i32(self.throttle_time_ms);
        }
        w.run::<6>().with(self.error_code).with(self.generation_id);
        if v >= 7 {
            w.nullable_str(true, self.protocol_type.as_ref(), "ProtocolType")?;
        }
        if v >= 7 {
            w.nullable_str(flexible, self.protocol_name.as_ref(), "ProtocolName")?;
        } else {
            w.str(flexible, required(&self.protocol_name, "ProtocolName")?, "ProtocolName")?;
        }
        w.str(flexible, &self.leader, "Leader")?;
        if v >= 9 {
            w.bool(self.skip_assignment);
        } else if self.skip_assignment {
            return Err(EncodeError::not_in_version("SkipAssignment", v));
        }
        w.str(flexible, &self.member_id, "MemberId")?;
        w.array(flexible, &self.members, "Members", |w, it| it.encode(w, v))?;
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

/// Part of [`JoinGroupResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupResponseMember {
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 5+, null 5+, default null, ignorable.
    pub group_instance_id: Option<Str>,
    /// `Metadata`: versions 0+.
    pub metadata: Bytes,
}

impl JoinGroupResponseMember {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = if v >= 5 { r.nullable_str(flexible, "GroupInstanceId")? } else { None };
        let metadata = r.bytes(flexible, "Metadata")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { member_id, group_instance_id, metadata })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.str(flexible, &self.member_id, "MemberId")?;
        if v >= 5 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        }
        w.bytes(flexible, &self.metadata, "Metadata")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
