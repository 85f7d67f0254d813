// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareGroupHeartbeatRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ShareGroupHeartbeatRequest`, key 76, versions 1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupHeartbeatRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `RackId`: versions 0+, null 0+, default null.
    pub rack_id: Option<Str>,
    /// `SubscribedTopicNames`: versions 0+, topicName, null 0+, default null.
    pub subscribed_topic_names: Option<Vec<Str>>,
}

impl Message for ShareGroupHeartbeatRequest {
    const NAME: &'static str = "ShareGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let member_id = r.str(true, "MemberId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let subscribed_topic_names =
            r.nullable_array(true, 1, "SubscribedTopicNames", |r| r.str(true, "SubscribedTopicNames"))?;
        r.no_tags()?;
        Ok(Self { group_id, member_id, member_epoch, rack_id, subscribed_topic_names })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.str(true, &self.member_id, "MemberId")?;
        w.i32(self.member_epoch);
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.nullable_array(true, self.subscribed_topic_names.as_deref(), "SubscribedTopicNames", |w, it| {
            w.str(true, it, "SubscribedTopicNames")
        })?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ShareGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::ShareGroupHeartbeat;
    type Response = super::ShareGroupHeartbeatResponse;
}
