// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeTopicPartitionsResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeTopicPartitionsResponse`, key 75, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeTopicPartitionsResponse {
    /// `ThrottleTimeMs`: versions 0+, ignorable.
    pub throttle_time_ms: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// `NextCursor`: versions 0+, null 0+, default null.
    pub next_cursor: Option<Cursor>,
}

impl Message for DescribeTopicPartitionsResponse {
    const NAME: &'static str = "DescribeTopicPartitionsResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let topics = r.array(true, 26, "Topics", |r| DescribeTopicPartitionsResponseTopic::decode(r, v))?;
        let next_cursor = r.nullable_struct("NextCursor", |r| Cursor::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { throttle_time_ms, topics, next_cursor })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.throttle_time_ms);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.nullable_struct(self.next_cursor.as_ref(), |w, it| it.encode(w, v))?;
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

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Name`: versions 0+, topicName, null 0+.
    pub name: Option<Str>,
    /// `TopicId`: versions 0+, ignorable.
    pub topic_id: Uuid,
    /// `IsInternal`: versions 0+, ignorable.
    pub is_internal: bool,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// `TopicAuthorizedOperations`: versions 0+, default -2147483648.
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
    fn default() -> Self {
        Self {
            error_code: 0,
            name: Some(Str::EMPTY),
            topic_id: Uuid::ZERO,
            is_internal: false,
            partitions: Vec::new(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl DescribeTopicPartitionsResponseTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let error_code = r.i16("ErrorCode")?;
        let name = r.nullable_str(true, "Name")?;
        let topic_id = r.uuid("TopicId")?;
        let is_internal = r.bool("IsInternal")?;
        let partitions =
            r.array(true, 20, "Partitions", |r| DescribeTopicPartitionsResponsePartition::decode(r, v))?;
        let topic_authorized_operations = r.i32("TopicAuthorizedOperations")?;
        r.no_tags()?;
        Ok(Self { error_code, name, topic_id, is_internal, partitions, topic_authorized_operations })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.nullable_str(true, self.name.as_ref(), "Name")?;
        w.run::<17>().with(self.topic_id).with(self.is_internal);
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.i32(self.topic_authorized_operations);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+, default -1, ignorable.
    pub leader_epoch: i32,
    /// `ReplicaNodes`: versions 0+, brokerId.
    pub replica_nodes: Vec<i32>,
    /// `IsrNodes`: versions 0+, brokerId.
    pub isr_nodes: Vec<i32>,
    /// `EligibleLeaderReplicas`: versions 0+, brokerId, null 0+, default null.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// `LastKnownElr`: versions 0+, brokerId, null 0+, default null.
    pub last_known_elr: Option<Vec<i32>>,
    /// `OfflineReplicas`: versions 0+, brokerId, ignorable.
    pub offline_replicas: Vec<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Vec::new(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let error_code = r.i16("ErrorCode")?;
        let partition_index = r.i32("PartitionIndex")?;
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let replica_nodes = r.fixed_array(true, "ReplicaNodes")?;
        let isr_nodes = r.fixed_array(true, "IsrNodes")?;
        let eligible_leader_replicas = r.nullable_fixed_array(true, "EligibleLeaderReplicas")?;
        let last_known_elr = r.nullable_fixed_array(true, "LastKnownElr")?;
        let offline_replicas = r.fixed_array(true, "OfflineReplicas")?;
        r.no_tags()?;
        Ok(Self {
            error_code,
            partition_index,
            leader_id,
            leader_epoch,
            replica_nodes,
            isr_nodes,
            eligible_leader_replicas,
            last_known_elr,
            offline_replicas,
        })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<14>()
            .with(self.error_code)
            .with(self.partition_index)
            .with(self.leader_id)
            .with(self.leader_epoch);
        w.fixed_array(true, &self.replica_nodes, "ReplicaNodes")?;
        w.fixed_array(true, &self.isr_nodes, "IsrNodes")?;
        w.nullable_fixed_array(true, self.eligible_leader_replicas.as_deref(), "EligibleLeaderReplicas")?;
        w.nullable_fixed_array(true, self.last_known_elr.as_deref(), "LastKnownElr")?;
        w.fixed_array(true, &self.offline_replicas, "OfflineReplicas")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
}

impl Cursor {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic_name = r.str(true, "TopicName")?;
        let partition_index = r.i32("PartitionIndex")?;
        r.no_tags()?;
        Ok(Self { topic_name, partition_index })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic_name, "TopicName")?;
        w.i32(self.partition_index);
        w.uvarint(0);
        Ok(())
    }
}
