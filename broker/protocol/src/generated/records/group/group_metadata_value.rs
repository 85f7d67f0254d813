// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `GroupMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `GroupMetadataValue`, key 2, versions 0-4, flexible 4+.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    /// `protocolType`: versions 0+.
    pub protocol_type: Str,
    /// `generation`: versions 0+.
    pub generation: i32,
    /// `protocol`: versions 0+, null 0+.
    pub protocol: Option<Str>,
    /// `leader`: versions 0+, null 0+.
    pub leader: Option<Str>,
    /// `currentStateTimestamp`: versions 2+, default -1, ignorable.
    pub current_state_timestamp: i64,
    /// `members`: versions 0+.
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: Str::EMPTY,
            generation: 0,
            protocol: Some(Str::EMPTY),
            leader: Some(Str::EMPTY),
            current_state_timestamp: -1,
            members: Vec::new(),
        }
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let protocol_type = r.str(flexible, "protocolType")?;
        let generation = r.i32("generation")?;
        let protocol = r.nullable_str(flexible, "protocol")?;
        let leader = r.nullable_str(flexible, "leader")?;
        let current_state_timestamp = if v >= 2 { r.i64("currentStateTimestamp")? } else { -1 };
        let members = r.array(flexible, 9, "members", |r| MemberMetadata::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { protocol_type, generation, protocol, leader, current_state_timestamp, members })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        w.str(flexible, &self.protocol_type, "protocolType")?;
        w.i32(self.generation);
        w.nullable_str(flexible, self.protocol.as_ref(), "protocol")?;
        w.nullable_str(flexible, self.leader.as_ref(), "leader")?;
        if v >= 2 {
            w.i64(self.current_state_timestamp);
        }
        w.array(flexible, &self.members, "members", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl RecordMessage for GroupMetadataValue {
    const TYPE: i16 = 2;
}

/// Part of [`GroupMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    /// `memberId`: versions 0+.
    pub member_id: Str,
    /// `groupInstanceId`: versions 3+, null 3+, default null, ignorable.
    pub group_instance_id: Option<Str>,
    /// `clientId`: versions 0+.
    pub client_id: Str,
    /// `clientHost`: versions 0+.
    pub client_host: Str,
    /// `rebalanceTimeout`: versions 1+, default -1, ignorable.
    pub rebalance_timeout: i32,
    /// `sessionTimeout`: versions 0+.
    pub session_timeout: i32,
    /// `subscription`: versions 0+.
    pub subscription: Bytes,
    /// `assignment`: versions 0+.
    pub assignment: Bytes,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: Str::EMPTY,
            group_instance_id: None,
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            rebalance_timeout: -1,
            session_timeout: 0,
            subscription: Bytes::new(),
            assignment: Bytes::new(),
        }
    }
}

impl MemberMetadata {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let member_id = r.str(flexible, "memberId")?;
        let group_instance_id = if v >= 3 { r.nullable_str(flexible, "groupInstanceId")? } else { None };
        let client_id = r.str(flexible, "clientId")?;
        let client_host = r.str(flexible, "clientHost")?;
        let rebalance_timeout = if v >= 1 { r.i32("rebalanceTimeout")? } else { -1 };
        let session_timeout = r.i32("sessionTimeout")?;
        let subscription = r.bytes(flexible, "subscription")?;
        let assignment = r.bytes(flexible, "assignment")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            member_id,
            group_instance_id,
            client_id,
            client_host,
            rebalance_timeout,
            session_timeout,
            subscription,
            assignment,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.member_id, "memberId")?;
        if v >= 3 {
            w.nullable_str(flexible, self.group_instance_id.as_ref(), "groupInstanceId")?;
        }
        w.str(flexible, &self.client_id, "clientId")?;
        w.str(flexible, &self.client_host, "clientHost")?;
        if v >= 1 {
            w.i32(self.rebalance_timeout);
        }
        w.i32(self.session_timeout);
        w.bytes(flexible, &self.subscription, "subscription")?;
        w.bytes(flexible, &self.assignment, "assignment")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
