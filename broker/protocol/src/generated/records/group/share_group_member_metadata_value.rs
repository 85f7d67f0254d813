// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareGroupMemberMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ShareGroupMemberMetadataValue`, key 10, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareGroupMemberMetadataValue {
    /// `RackId`: versions 0+, null 0+.
    pub rack_id: Option<Str>,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `SubscribedTopicNames`: versions 0+.
    pub subscribed_topic_names: Vec<Str>,
}

impl Default for ShareGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            subscribed_topic_names: Vec::new(),
        }
    }
}

impl Message for ShareGroupMemberMetadataValue {
    const NAME: &'static str = "ShareGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let rack_id = r.nullable_str(true, "RackId")?;
        let client_id = r.str(true, "ClientId")?;
        let client_host = r.str(true, "ClientHost")?;
        let subscribed_topic_names =
            r.array(true, 1, "SubscribedTopicNames", |r| r.str(true, "SubscribedTopicNames"))?;
        r.no_tags()?;
        Ok(Self { rack_id, client_id, client_host, subscribed_topic_names })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.str(true, &self.client_id, "ClientId")?;
        w.str(true, &self.client_host, "ClientHost")?;
        w.array(true, &self.subscribed_topic_names, "SubscribedTopicNames", |w, it| {
            w.str(true, it, "SubscribedTopicNames")
        })?;
        w.uvarint(0);
        Ok(())
    }
}

impl RecordMessage for ShareGroupMemberMetadataValue {
    const TYPE: i16 = 10;
}
