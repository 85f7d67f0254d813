// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ShareGroupDescribeResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ShareGroupDescribeResponse`, key 77, versions 1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShareGroupDescribeResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Groups`: versions 0+.
    pub groups: Vec<DescribedGroup>,
}

impl Message for ShareGroupDescribeResponse {
    const NAME: &'static str = "ShareGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 1..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let groups = r.array(true, 20, "Groups", |r| DescribedGroup::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, groups })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.throttle_time_ms);
        w.array(true, &self.groups, "Groups", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `GroupState`: versions 0+.
    pub group_state: Str,
    /// `GroupEpoch`: versions 0+.
    pub group_epoch: i32,
    /// `AssignmentEpoch`: versions 0+.
    pub assignment_epoch: i32,
    /// `AssignorName`: versions 0+.
    pub assignor_name: Str,
    /// `Members`: versions 0+.
    pub members: Vec<Member>,
    /// `AuthorizedOperations`: versions 0+, default -2147483648.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: 0,
            error_message: None,
            group_id: Str::EMPTY,
            group_state: Str::EMPTY,
            group_epoch: 0,
            assignment_epoch: 0,
            assignor_name: Str::EMPTY,
            members: Vec::new(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        let group_id = r.str(true, "GroupId")?;
        let group_state = r.str(true, "GroupState")?;
        let group_epoch = r.i32("GroupEpoch")?;
        let assignment_epoch = r.i32("AssignmentEpoch")?;
        let assignor_name = r.str(true, "AssignorName")?;
        let members = r.array(true, 12, "Members", |r| Member::decode(r, v))?;
        let authorized_operations = r.i32("AuthorizedOperations")?;
        r.no_tags()?;
        Ok(Self {
            error_code,
            error_message,
            group_id,
            group_state,
            group_epoch,
            assignment_epoch,
            assignor_name,
            members,
            authorized_operations,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.str(true, &self.group_id, "GroupId")?;
        w.str(true, &self.group_state, "GroupState")?;
        w.run::<8>().with(self.group_epoch).with(self.assignment_epoch);
        w.str(true, &self.assignor_name, "AssignorName")?;
        w.array(true, &self.members, "Members", |w, it| it.encode(w, v))?;
        w.i32(self.authorized_operations);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `RackId`: versions 0+, null 0+, default null.
    pub rack_id: Option<Str>,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `SubscribedTopicNames`: versions 0+, topicName.
    pub subscribed_topic_names: Vec<Str>,
    /// `Assignment`: versions 0+.
    pub assignment: Assignment,
}

impl Member {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let member_id = r.str(true, "MemberId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let client_id = r.str(true, "ClientId")?;
        let client_host = r.str(true, "ClientHost")?;
        let subscribed_topic_names =
            r.array(true, 1, "SubscribedTopicNames", |r| r.str(true, "SubscribedTopicNames"))?;
        let assignment = Assignment::decode(r, v)?;
        r.no_tags()?;
        Ok(Self {
            member_id,
            rack_id,
            member_epoch,
            client_id,
            client_host,
            subscribed_topic_names,
            assignment,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.member_id, "MemberId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.i32(self.member_epoch);
        w.str(true, &self.client_id, "ClientId")?;
        w.str(true, &self.client_host, "ClientHost")?;
        w.array(true, &self.subscribed_topic_names, "SubscribedTopicNames", |w, it| {
            w.str(true, it, "SubscribedTopicNames")
        })?;
        self.assignment.encode(w, v)?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartitions {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartitions {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let topic_name = r.str(true, "TopicName")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic_id, topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.str(true, &self.topic_name, "TopicName")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ShareGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assignment {
    /// `TopicPartitions`: versions 0+.
    pub topic_partitions: Vec<TopicPartitions>,
}

impl Assignment {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_partitions = r.array(true, 19, "TopicPartitions", |r| TopicPartitions::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.array(true, &self.topic_partitions, "TopicPartitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}
