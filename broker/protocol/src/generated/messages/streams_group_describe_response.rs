// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupDescribeResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `StreamsGroupDescribeResponse`, key 89, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreamsGroupDescribeResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `Groups`: versions 0+.
    pub groups: Vec<DescribedGroup>,
}

impl Message for StreamsGroupDescribeResponse {
    const NAME: &'static str = "StreamsGroupDescribeResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
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

/// Part of [`StreamsGroupDescribeResponse`].
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
    /// `Topology`: versions 0+, null 0+, default null.
    pub topology: Option<Topology>,
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
            topology: None,
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
        let topology = r.nullable_struct("Topology", |r| Topology::decode(r, v))?;
        let members = r.array(true, 28, "Members", |r| Member::decode(r, v))?;
        let authorized_operations = r.i32("AuthorizedOperations")?;
        r.no_tags()?;
        Ok(Self {
            error_code,
            error_message,
            group_id,
            group_state,
            group_epoch,
            assignment_epoch,
            topology,
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
        w.nullable_struct(self.topology.as_ref(), |w, it| it.encode(w, v))?;
        w.array(true, &self.members, "Members", |w, it| it.encode(w, v))?;
        w.i32(self.authorized_operations);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    /// `Epoch`: versions 0+.
    pub epoch: i32,
    /// `Subtopologies`: versions 0+, null 0+, default null.
    pub subtopologies: Option<Vec<Subtopology>>,
}

impl Topology {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let epoch = r.i32("Epoch")?;
        let subtopologies = r.nullable_array(true, 6, "Subtopologies", |r| Subtopology::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { epoch, subtopologies })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.epoch);
        w.nullable_array(true, self.subtopologies.as_deref(), "Subtopologies", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `SourceTopics`: versions 0+, topicName.
    pub source_topics: Vec<Str>,
    /// `RepartitionSinkTopics`: versions 0+, topicName.
    pub repartition_sink_topics: Vec<Str>,
    /// `StateChangelogTopics`: versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSourceTopics`: versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
}

impl Subtopology {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let source_topics = r.array(true, 1, "SourceTopics", |r| r.str(true, "SourceTopics"))?;
        let repartition_sink_topics =
            r.array(true, 1, "RepartitionSinkTopics", |r| r.str(true, "RepartitionSinkTopics"))?;
        let state_changelog_topics = r.array(true, 9, "StateChangelogTopics", |r| TopicInfo::decode(r, v))?;
        let repartition_source_topics =
            r.array(true, 9, "RepartitionSourceTopics", |r| TopicInfo::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            subtopology_id,
            source_topics,
            repartition_sink_topics,
            state_changelog_topics,
            repartition_source_topics,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.array(true, &self.source_topics, "SourceTopics", |w, it| w.str(true, it, "SourceTopics"))?;
        w.array(true, &self.repartition_sink_topics, "RepartitionSinkTopics", |w, it| {
            w.str(true, it, "RepartitionSinkTopics")
        })?;
        w.array(true, &self.state_changelog_topics, "StateChangelogTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.repartition_source_topics, "RepartitionSourceTopics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Member {
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `InstanceId`: versions 0+, null 0+, default null.
    pub instance_id: Option<Str>,
    /// `RackId`: versions 0+, null 0+, default null.
    pub rack_id: Option<Str>,
    /// `ClientId`: versions 0+.
    pub client_id: Str,
    /// `ClientHost`: versions 0+.
    pub client_host: Str,
    /// `TopologyEpoch`: versions 0+.
    pub topology_epoch: i32,
    /// `ProcessId`: versions 0+.
    pub process_id: Str,
    /// `UserEndpoint`: versions 0+, null 0+, default null.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`: versions 0+.
    pub client_tags: Vec<KeyValue>,
    /// `TaskOffsets`: versions 0+.
    pub task_offsets: Vec<TaskOffset>,
    /// `TaskEndOffsets`: versions 0+.
    pub task_end_offsets: Vec<TaskOffset>,
    /// `Assignment`: versions 0+.
    pub assignment: Assignment,
    /// `TargetAssignment`: versions 0+.
    pub target_assignment: Assignment,
    /// `IsClassic`: versions 0+.
    pub is_classic: bool,
}

impl Member {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let member_id = r.str(true, "MemberId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let instance_id = r.nullable_str(true, "InstanceId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let client_id = r.str(true, "ClientId")?;
        let client_host = r.str(true, "ClientHost")?;
        let topology_epoch = r.i32("TopologyEpoch")?;
        let process_id = r.str(true, "ProcessId")?;
        let user_endpoint = r.nullable_struct("UserEndpoint", |r| Endpoint::decode(r, v))?;
        let client_tags = r.array(true, 3, "ClientTags", |r| KeyValue::decode(r, v))?;
        let task_offsets = r.array(true, 14, "TaskOffsets", |r| TaskOffset::decode(r, v))?;
        let task_end_offsets = r.array(true, 14, "TaskEndOffsets", |r| TaskOffset::decode(r, v))?;
        let assignment = Assignment::decode(r, v)?;
        let target_assignment = Assignment::decode(r, v)?;
        let is_classic = r.bool("IsClassic")?;
        r.no_tags()?;
        Ok(Self {
            member_id,
            member_epoch,
            instance_id,
            rack_id,
            client_id,
            client_host,
            topology_epoch,
            process_id,
            user_endpoint,
            client_tags,
            task_offsets,
            task_end_offsets,
            assignment,
            target_assignment,
            is_classic,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.member_id, "MemberId")?;
        w.i32(self.member_epoch);
        w.nullable_str(true, self.instance_id.as_ref(), "InstanceId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.str(true, &self.client_id, "ClientId")?;
        w.str(true, &self.client_host, "ClientHost")?;
        w.i32(self.topology_epoch);
        w.str(true, &self.process_id, "ProcessId")?;
        w.nullable_struct(self.user_endpoint.as_ref(), |w, it| it.encode(w, v))?;
        w.array(true, &self.client_tags, "ClientTags", |w, it| it.encode(w, v))?;
        w.array(true, &self.task_offsets, "TaskOffsets", |w, it| it.encode(w, v))?;
        w.array(true, &self.task_end_offsets, "TaskEndOffsets", |w, it| it.encode(w, v))?;
        self.assignment.encode(w, v)?;
        self.target_assignment.encode(w, v)?;
        w.bool(self.is_classic);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: u16,
}

impl Endpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        r.no_tags()?;
        Ok(Self { host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.host, "Host")?;
        w.u16(self.port);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskOffset {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `Offset`: versions 0+.
    pub offset: i64,
}

impl TaskOffset {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let partition = r.i32("Partition")?;
        let offset = r.i64("Offset")?;
        r.no_tags()?;
        Ok(Self { subtopology_id, partition, offset })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.run::<12>().with(self.partition).with(self.offset);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assignment {
    /// `ActiveTasks`: versions 0+.
    pub active_tasks: Vec<TaskIds>,
    /// `StandbyTasks`: versions 0+.
    pub standby_tasks: Vec<TaskIds>,
    /// `WarmupTasks`: versions 0+.
    pub warmup_tasks: Vec<TaskIds>,
}

impl Assignment {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let active_tasks = r.array(true, 3, "ActiveTasks", |r| TaskIds::decode(r, v))?;
        let standby_tasks = r.array(true, 3, "StandbyTasks", |r| TaskIds::decode(r, v))?;
        let warmup_tasks = r.array(true, 3, "WarmupTasks", |r| TaskIds::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { active_tasks, standby_tasks, warmup_tasks })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.array(true, &self.active_tasks, "ActiveTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.standby_tasks, "StandbyTasks", |w, it| it.encode(w, v))?;
        w.array(true, &self.warmup_tasks, "WarmupTasks", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskIds {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TaskIds {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { subtopology_id, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyValue {
    /// `Key`: versions 0+.
    pub key: Str,
    /// `Value`: versions 0+.
    pub value: Str,
}

impl KeyValue {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let key = r.str(true, "Key")?;
        let value = r.str(true, "Value")?;
        r.no_tags()?;
        Ok(Self { key, value })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.key, "Key")?;
        w.str(true, &self.value, "Value")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupDescribeResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicInfo {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: i32,
    /// `ReplicationFactor`: versions 0+.
    pub replication_factor: i16,
    /// `TopicConfigs`: versions 0+.
    pub topic_configs: Vec<KeyValue>,
}

impl TopicInfo {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partitions = r.i32("Partitions")?;
        let replication_factor = r.i16("ReplicationFactor")?;
        let topic_configs = r.array(true, 3, "TopicConfigs", |r| KeyValue::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { name, partitions, replication_factor, topic_configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.run::<6>().with(self.partitions).with(self.replication_factor);
        w.array(true, &self.topic_configs, "TopicConfigs", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}
