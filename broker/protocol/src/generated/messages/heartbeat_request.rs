// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `HeartbeatRequest`.

use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `HeartbeatRequest`, key 12, versions 0-4, flexible 4+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeartbeatRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `GenerationId`: versions 0+.
    pub generation_id: i32,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `GroupInstanceId`: versions 3+, null 3+, default null.
    pub group_instance_id: Option<Str>,
}

impl Message for HeartbeatRequest {
    const NAME: &'static str = "HeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=4;
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
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { group_id, generation_id, member_id, group_instance_id })
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
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for HeartbeatRequest {
    const KEY: ApiKey = ApiKey::Heartbeat;
    type Response = super::HeartbeatResponse;
}
