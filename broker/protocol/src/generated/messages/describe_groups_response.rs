// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeGroupsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeGroupsResponse`, key 15, versions 0-6, flexible 5+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `Groups`: versions 0+.
    pub groups: Vec<DescribedGroup>,
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=6;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        let throttle_time_ms = if v >= 1 { r.i32("ThrottleTimeMs")? } else { 0 };
        let groups = r.array(flexible, 7, "Groups", |r| DescribedGroup::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { throttle_time_ms, groups })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        if v >= 1 {
            w.i32(self.throttle_time_ms);
        }
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

/// Part of [`DescribeGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 6+, null 6+, default null.
    pub error_message: Option<Str>,
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `GroupState`: versions 0+.
    pub group_state: Str,
    /// `ProtocolType`: versions 0+.
    pub protocol_type: Str,
    /// `ProtocolData`: versions 0+.
    pub protocol_data: Str,
    /// `Members`: versions 0+.
    pub members: Vec<DescribedGroupMember>,
    /// `AuthorizedOperations`: versions 3+, default -2147483648.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: Str::EMPTY,
            group_state: Str::EMPTY,
            protocol_type: Str::EMPTY,
            protocol_data: Str::EMPTY,
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let error_code = r.i16("ErrorCode")?;
        let error_message = if v >= 6 { r.nullable_str(true, "ErrorMessage")? } else { None };
        let group_id = r.str(flexible, "GroupId")?;
        let group_state = r.str(flexible, "GroupState")?;
        let protocol_type = r.str(flexible, "ProtocolType")?;
        let protocol_data = r.str(flexible, "ProtocolData")?;
        let members = r.array(flexible, 5, "Members", |r| DescribedGroupMember::decode(r, v))?;
        let authorized_operations = if v >= 3 { r.i32("AuthorizedOperations")? } else { i32::MIN };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            error_code,
            error_message,
            group_id,
            group_state,
            protocol_type,
            protocol_data,
            members,
            authorized_operations,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.i16(self.error_code);
        if v >= 6 {
            w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        } else if self.error_message.is_some() {
            return Err(EncodeError::not_in_version("ErrorMessage", v));
        }
        w.str(flexible, &self.group_id, "GroupId")?;
        w.str(flexible, &self.group_state, "GroupState")?;
        w.str(flexible, &self.protocol_type, "ProtocolType")?;
        w.str(flexible, &self.protocol_data, "ProtocolData")?;
        w.array(flexible, &self.members, "Members", |w, it| it.encode(w, v))?;
        if v >= 3 {
            w.i32(self.authorized_operations);
        } else if self.authorized_operations != i32::MIN {
            return Err(EncodeError::not_in_version("AuthorizedOperations", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`DescribeGroupsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedGroupMember {
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 4+, null 4+, default null, ignorable.
    pub group_instance_id: Option<Str>,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `MemberMetadata`: versions 0+.
    pub member_metadata: Bytes,
    /// `MemberAssignment`: versions 0+.
    pub member_assignment: Bytes,
}

impl DescribedGroupMember {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = if v >= 4 { r.nullable_str(flexible, "GroupInstanceId")? } else { None };
        let client_id = r.str(flexible, "ClientId")?;
        let client_host = r.str(flexible, "ClientHost")?;
        let member_metadata = r.bytes(flexible, "MemberMetadata")?;
        let member_assignment = r.bytes(flexible, "MemberAssignment")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { member_id, group_instance_id, client_id, client_host, member_metadata, member_assignment })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.str(flexible, &self.member_id, "MemberId")?;
        if v >= 4 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        }
        w.str(flexible, &self.client_id, "ClientId")?;
        w.str(flexible, &self.client_host, "ClientHost")?;
        w.bytes(flexible, &self.member_metadata, "MemberMetadata")?;
        w.bytes(flexible, &self.member_assignment, "MemberAssignment")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
