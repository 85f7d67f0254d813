// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ConsumerGroupHeartbeatRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ConsumerGroupHeartbeatRequest`, key 68, versions 0-1, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerGroupHeartbeatRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `InstanceId`: versions 0+, null 0+, default null.
    pub instance_id: Option<Str>,
    /// `RackId`: versions 0+, null 0+, default null.
    pub rack_id: Option<Str>,
    /// `RebalanceTimeoutMs`: versions 0+, default -1.
    pub rebalance_timeout_ms: i32,
    /// `SubscribedTopicNames`: versions 0+, topicName, null 0+, default null.
    pub subscribed_topic_names: Option<Vec<Str>>,
    /// `SubscribedTopicRegex`: versions 1+, null 1+, default null.
    pub subscribed_topic_regex: Option<Str>,
    /// `ServerAssignor`: versions 0+, null 0+, default null.
    pub server_assignor: Option<Str>,
    /// `TopicPartitions`: versions 0+, null 0+, default null.
    pub topic_partitions: Option<Vec<TopicPartitions>>,
}

impl Default for ConsumerGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            member_id: Str::EMPTY,
            member_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            subscribed_topic_names: None,
            subscribed_topic_regex: None,
            server_assignor: None,
            topic_partitions: None,
        }
    }
}

impl Message for ConsumerGroupHeartbeatRequest {
    const NAME: &'static str = "ConsumerGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let member_id = r.str(true, "MemberId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let instance_id = r.nullable_str(true, "InstanceId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let rebalance_timeout_ms = r.i32("RebalanceTimeoutMs")?;
        let subscribed_topic_names =
            r.nullable_array(true, 1, "SubscribedTopicNames", |r| r.str(true, "SubscribedTopicNames"))?;
        let subscribed_topic_regex =
            if v >= 1 { r.nullable_str(true, "SubscribedTopicRegex")? } else { None };
        let server_assignor = r.nullable_str(true, "ServerAssignor")?;
        let topic_partitions =
            r.nullable_array(true, 18, "TopicPartitions", |r| TopicPartitions::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            group_id,
            member_id,
            member_epoch,
            instance_id,
            rack_id,
            rebalance_timeout_ms,
            subscribed_topic_names,
            subscribed_topic_regex,
            server_assignor,
            topic_partitions,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.str(true, &self.member_id, "MemberId")?;
        w.i32(self.member_epoch);
        w.nullable_str(true, self.instance_id.as_ref(), "InstanceId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.i32(self.rebalance_timeout_ms);
        w.nullable_array(true, self.subscribed_topic_names.as_deref(), "SubscribedTopicNames", |w, it| {
            w.str(true, it, "SubscribedTopicNames")
        })?;
        if v >= 1 {
            w.nullable_str(true, self.subscribed_topic_regex.as_ref(), "SubscribedTopicRegex")?;
        } else if self.subscribed_topic_regex.is_some() {
            return Err(EncodeError::not_in_version("SubscribedTopicRegex", v));
        }
        w.nullable_str(true, self.server_assignor.as_ref(), "ServerAssignor")?;
        w.nullable_array(true, self.topic_partitions.as_deref(), "TopicPartitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ConsumerGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::ConsumerGroupHeartbeat;
    type Response = super::ConsumerGroupHeartbeatResponse;
}

/// Part of [`ConsumerGroupHeartbeatRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}
