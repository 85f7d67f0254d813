// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupMemberMetadataValue`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use bytes::Bytes;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, RecordMessage, Str};

/// `ConsumerGroupMemberMetadataValue`, key 5, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupMemberMetadataValue {
    /// `InstanceId`: versions 0+, null 0+.
    pub instance_id: Option<Str>,
    /// `RackId`: versions 0+, null 0+.
    pub rack_id: Option<Str>,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `SubscribedTopicNames`: versions 0+.
    pub subscribed_topic_names: Vec<Str>,
    /// `SubscribedTopicRegex`: versions 0+, null 0+.
    pub subscribed_topic_regex: Option<Str>,
    /// `RebalanceTimeoutMs`: versions 0+, default -1.
    pub rebalance_timeout_ms: i32,
    /// `ServerAssignor`: versions 0+, null 0+.
    pub server_assignor: Option<Str>,
    /// `ClassicMemberMetadata`: versions 0+, tag 0, null 0+.
    pub classic_member_metadata: Option<ClassicMemberMetadata>,
}

impl Default for ConsumerGroupMemberMetadataValue {
    fn default() -> Self {
        Self {
            instance_id: Some(Str::EMPTY),
            rack_id: Some(Str::EMPTY),
            client_id: Str::EMPTY,
            client_host: Str::EMPTY,
            subscribed_topic_names: Vec::new(),
            subscribed_topic_regex: Some(Str::EMPTY),
            rebalance_timeout_ms: -1,
            server_assignor: Some(Str::EMPTY),
            classic_member_metadata: Some(ClassicMemberMetadata::default()),
        }
    }
}

impl Message for ConsumerGroupMemberMetadataValue {
    const NAME: &'static str = "ConsumerGroupMemberMetadataValue";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let instance_id = r.nullable_str(true, "InstanceId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let client_id = r.str(true, "ClientId")?;
        let client_host = r.str(true, "ClientHost")?;
        let subscribed_topic_names =
            r.array(true, 1, "SubscribedTopicNames", |r| r.str(true, "SubscribedTopicNames"))?;
        let subscribed_topic_regex = r.nullable_str(true, "SubscribedTopicRegex")?;
        let rebalance_timeout_ms = r.i32("RebalanceTimeoutMs")?;
        let server_assignor = r.nullable_str(true, "ServerAssignor")?;
        let mut classic_member_metadata = Some(ClassicMemberMetadata::default());
        r.tags(|r, tag| {
            match tag {
                0 => {
                    classic_member_metadata = r.nullable_tagged_struct("ClassicMemberMetadata", |r| {
                        ClassicMemberMetadata::decode(r, v)
                    })?
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self {
            instance_id,
            rack_id,
            client_id,
            client_host,
            subscribed_topic_names,
            subscribed_topic_regex,
            rebalance_timeout_ms,
            server_assignor,
            classic_member_metadata,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.instance_id.as_ref(), "InstanceId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.str(true, &self.client_id, "ClientId")?;
        w.str(true, &self.client_host, "ClientHost")?;
        w.array(true, &self.subscribed_topic_names, "SubscribedTopicNames", |w, it| {
            w.str(true, it, "SubscribedTopicNames")
        })?;
        w.nullable_str(true, self.subscribed_topic_regex.as_ref(), "SubscribedTopicRegex")?;
        w.i32(self.rebalance_timeout_ms);
        w.nullable_str(true, self.server_assignor.as_ref(), "ServerAssignor")?;
        let has_classic_member_metadata =
            self.classic_member_metadata != Some(ClassicMemberMetadata::default());
        w.uvarint(u32::from(has_classic_member_metadata));
        if has_classic_member_metadata {
            w.tag(0, "ClassicMemberMetadata", |w| {
                w.nullable_tagged_struct(self.classic_member_metadata.as_ref(), |w, it| it.encode(w, v))?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl RecordMessage for ConsumerGroupMemberMetadataValue {
    const TYPE: i16 = 5;
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicMemberMetadata {
    /// `SessionTimeoutMs`: versions 0+.
    pub session_timeout_ms: i32,
    /// `SupportedProtocols`: versions 0+.
    pub supported_protocols: Vec<ClassicProtocol>,
}

impl ClassicMemberMetadata {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let session_timeout_ms = r.i32("SessionTimeoutMs")?;
        let supported_protocols =
            r.array(true, 3, "SupportedProtocols", |r| ClassicProtocol::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { session_timeout_ms, supported_protocols })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.session_timeout_ms);
        w.array(true, &self.supported_protocols, "SupportedProtocols", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ConsumerGroupMemberMetadataValue`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassicProtocol {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Metadata`: versions 0+.
    pub metadata: Bytes,
}

impl ClassicProtocol {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let metadata = r.bytes(true, "Metadata")?;
        r.no_tags()?;
        Ok(Self { name, metadata })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.bytes(true, &self.metadata, "Metadata")?;
        w.uvarint(0);
        Ok(())
    }
}
