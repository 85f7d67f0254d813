// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `JoinGroupRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `JoinGroupRequest`, key 11, versions 0-9, flexible 6+.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `SessionTimeoutMs`: versions 0+.
    pub session_timeout_ms: i32,
    /// `RebalanceTimeoutMs`: versions 1+, default -1, ignorable.
    pub rebalance_timeout_ms: i32,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 5+, null 5+, default null.
    pub group_instance_id: Option<Str>,
    /// `ProtocolType`: versions 0+.
    pub protocol_type: Str,
    /// `Protocols`: versions 0+.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// `Reason`: versions 8+, null 8+, default null, ignorable.
    pub reason: Option<Str>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            session_timeout_ms: 0,
            rebalance_timeout_ms: -1,
            member_id: Str::EMPTY,
            group_instance_id: None,
            protocol_type: Str::EMPTY,
            protocols: Vec::new(),
            reason: None,
        }
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=9;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        let group_id = r.str(flexible, "GroupId")?;
        let session_timeout_ms = r.i32("SessionTimeoutMs")?;
        let rebalance_timeout_ms = if v >= 1 { r.i32("RebalanceTimeoutMs")? } else { -1 };
        let member_id = r.str(flexible, "MemberId")?;
        let group_instance_id = if v >= 5 { r.nullable_str(flexible, "GroupInstanceId")? } else { None };
        let protocol_type = r.str(flexible, "ProtocolType")?;
        let protocols = r.array(flexible, 2, "Protocols", |r| JoinGroupRequestProtocol::decode(r, v))?;
        let reason = if v >= 8 { r.nullable_str(true, "Reason")? } else { None };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            group_id,
            session_timeout_ms,
            rebalance_timeout_ms,
            member_id,
            group_instance_id,
            protocol_type,
            protocols,
            reason,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        w.str(flexible, &self.group_id, "GroupId")?;
        w.i32(self.session_timeout_ms);
        if v >= 1 {
            w.i32(self.rebalance_timeout_ms);
        }
        w.str(flexible, &self.member_id, "MemberId")?;
        if v >= 5 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "GroupInstanceId")?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::not_in_version("GroupInstanceId", v));
        }
        w.str(flexible, &self.protocol_type, "ProtocolType")?;
        w.array(flexible, &self.protocols, "Protocols", |w, it| it.encode(w, v))?;
        if v >= 8 {
            w.nullable_str(true, self.reason.as_ref(), "Reason")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for JoinGroupRequest {
    const KEY: ApiKey = ApiKey::JoinGroup;
    type Response = super::JoinGroupResponse;
}

/// Part of [`JoinGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupRequestProtocol {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Metadata`: versions 0+.
    pub metadata: Bytes,
}

impl JoinGroupRequestProtocol {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let name = r.str(flexible, "Name")?;
        let metadata = r.bytes(flexible, "Metadata")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, metadata })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.str(flexible, &self.name, "Name")?;
        w.bytes(flexible, &self.metadata, "Metadata")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
