// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupHeartbeatRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `StreamsGroupHeartbeatRequest`, key 88, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatRequest {
    /// `GroupId`: versions 0+, groupId.
    pub group_id: Str,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `EndpointInformationEpoch`: versions 0+.
    pub endpoint_information_epoch: i32,
    /// `InstanceId`: versions 0+, null 0+, default null.
    pub instance_id: Option<Str>,
    /// `RackId`: versions 0+, null 0+, default null.
    pub rack_id: Option<Str>,
    /// `RebalanceTimeoutMs`: versions 0+, default -1.
    pub rebalance_timeout_ms: i32,
    /// `Topology`: versions 0+, null 0+, default null.
    pub topology: Option<Topology>,
    /// `ActiveTasks`: versions 0+, null 0+, default null.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// `StandbyTasks`: versions 0+, null 0+, default null.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// `WarmupTasks`: versions 0+, null 0+, default null.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// `ProcessId`: versions 0+, null 0+, default null.
    pub process_id: Option<Str>,
    /// `UserEndpoint`: versions 0+, null 0+, default null.
    pub user_endpoint: Option<Endpoint>,
    /// `ClientTags`: versions 0+, null 0+, default null.
    pub client_tags: Option<Vec<KeyValue>>,
    /// `TaskOffsets`: versions 0+, null 0+, default null.
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// `TaskEndOffsets`: versions 0+, null 0+, default null.
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// `ShutdownApplication`: versions 0+.
    pub shutdown_application: bool,
}

impl Default for StreamsGroupHeartbeatRequest {
    fn default() -> Self {
        Self {
            group_id: Str::EMPTY,
            member_id: Str::EMPTY,
            member_epoch: 0,
            endpoint_information_epoch: 0,
            instance_id: None,
            rack_id: None,
            rebalance_timeout_ms: -1,
            topology: None,
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            process_id: None,
            user_endpoint: None,
            client_tags: None,
            task_offsets: None,
            task_end_offsets: None,
            shutdown_application: false,
        }
    }
}

impl Message for StreamsGroupHeartbeatRequest {
    const NAME: &'static str = "StreamsGroupHeartbeatRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let member_id = r.str(true, "MemberId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let endpoint_information_epoch = r.i32("EndpointInformationEpoch")?;
        let instance_id = r.nullable_str(true, "InstanceId")?;
        let rack_id = r.nullable_str(true, "RackId")?;
        let rebalance_timeout_ms = r.i32("RebalanceTimeoutMs")?;
        let topology = r.nullable_struct("Topology", |r| Topology::decode(r, v))?;
        let active_tasks = r.nullable_array(true, 3, "ActiveTasks", |r| TaskIds::decode(r, v))?;
        let standby_tasks = r.nullable_array(true, 3, "StandbyTasks", |r| TaskIds::decode(r, v))?;
        let warmup_tasks = r.nullable_array(true, 3, "WarmupTasks", |r| TaskIds::decode(r, v))?;
        let process_id = r.nullable_str(true, "ProcessId")?;
        let user_endpoint = r.nullable_struct("UserEndpoint", |r| Endpoint::decode(r, v))?;
        let client_tags = r.nullable_array(true, 3, "ClientTags", |r| KeyValue::decode(r, v))?;
        let task_offsets = r.nullable_array(true, 14, "TaskOffsets", |r| TaskOffset::decode(r, v))?;
        let task_end_offsets = r.nullable_array(true, 14, "TaskEndOffsets", |r| TaskOffset::decode(r, v))?;
        let shutdown_application = r.bool("ShutdownApplication")?;
        r.no_tags()?;
        Ok(Self {
            group_id,
            member_id,
            member_epoch,
            endpoint_information_epoch,
            instance_id,
            rack_id,
            rebalance_timeout_ms,
            topology,
            active_tasks,
            standby_tasks,
            warmup_tasks,
            process_id,
            user_endpoint,
            client_tags,
            task_offsets,
            task_end_offsets,
            shutdown_application,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.str(true, &self.member_id, "MemberId")?;
        w.run::<8>().with(self.member_epoch).with(self.endpoint_information_epoch);
        w.nullable_str(true, self.instance_id.as_ref(), "InstanceId")?;
        w.nullable_str(true, self.rack_id.as_ref(), "RackId")?;
        w.i32(self.rebalance_timeout_ms);
        w.nullable_struct(self.topology.as_ref(), |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.active_tasks.as_deref(), "ActiveTasks", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.standby_tasks.as_deref(), "StandbyTasks", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.warmup_tasks.as_deref(), "WarmupTasks", |w, it| it.encode(w, v))?;
        w.nullable_str(true, self.process_id.as_ref(), "ProcessId")?;
        w.nullable_struct(self.user_endpoint.as_ref(), |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.client_tags.as_deref(), "ClientTags", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.task_offsets.as_deref(), "TaskOffsets", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.task_end_offsets.as_deref(), "TaskEndOffsets", |w, it| it.encode(w, v))?;
        w.bool(self.shutdown_application);
        w.uvarint(0);
        Ok(())
    }
}

impl Request for StreamsGroupHeartbeatRequest {
    const KEY: ApiKey = ApiKey::StreamsGroupHeartbeat;
    type Response = super::StreamsGroupHeartbeatResponse;
}

/// Part of [`StreamsGroupHeartbeatRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    /// `Epoch`: versions 0+.
    pub epoch: i32,
    /// `Subtopologies`: versions 0+.
    pub subtopologies: Vec<Subtopology>,
}

impl Topology {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let epoch = r.i32("Epoch")?;
        let subtopologies = r.array(true, 8, "Subtopologies", |r| Subtopology::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { epoch, subtopologies })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.epoch);
        w.array(true, &self.subtopologies, "Subtopologies", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subtopology {
    /// `SubtopologyId`: versions 0+.
    pub subtopology_id: Str,
    /// `SourceTopics`: versions 0+, topicName.
    pub source_topics: Vec<Str>,
    /// `SourceTopicRegex`: versions 0+.
    pub source_topic_regex: Vec<Str>,
    /// `StateChangelogTopics`: versions 0+.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// `RepartitionSinkTopics`: versions 0+, topicName.
    pub repartition_sink_topics: Vec<Str>,
    /// `RepartitionSourceTopics`: versions 0+.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// `CopartitionGroups`: versions 0+.
    pub copartition_groups: Vec<CopartitionGroup>,
}

impl Subtopology {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let subtopology_id = r.str(true, "SubtopologyId")?;
        let source_topics = r.array(true, 1, "SourceTopics", |r| r.str(true, "SourceTopics"))?;
        let source_topic_regex = r.array(true, 1, "SourceTopicRegex", |r| r.str(true, "SourceTopicRegex"))?;
        let state_changelog_topics = r.array(true, 9, "StateChangelogTopics", |r| TopicInfo::decode(r, v))?;
        let repartition_sink_topics =
            r.array(true, 1, "RepartitionSinkTopics", |r| r.str(true, "RepartitionSinkTopics"))?;
        let repartition_source_topics =
            r.array(true, 9, "RepartitionSourceTopics", |r| TopicInfo::decode(r, v))?;
        let copartition_groups = r.array(true, 4, "CopartitionGroups", |r| CopartitionGroup::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            subtopology_id,
            source_topics,
            source_topic_regex,
            state_changelog_topics,
            repartition_sink_topics,
            repartition_source_topics,
            copartition_groups,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.subtopology_id, "SubtopologyId")?;
        w.array(true, &self.source_topics, "SourceTopics", |w, it| w.str(true, it, "SourceTopics"))?;
        w.array(true, &self.source_topic_regex, "SourceTopicRegex", |w, it| {
            w.str(true, it, "SourceTopicRegex")
        })?;
        w.array(true, &self.state_changelog_topics, "StateChangelogTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.repartition_sink_topics, "RepartitionSinkTopics", |w, it| {
            w.str(true, it, "RepartitionSinkTopics")
        })?;
        w.array(true, &self.repartition_source_topics, "RepartitionSourceTopics", |w, it| it.encode(w, v))?;
        w.array(true, &self.copartition_groups, "CopartitionGroups", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CopartitionGroup {
    /// `SourceTopics`: versions 0+.
    pub source_topics: Vec<i16>,
    /// `SourceTopicRegex`: versions 0+.
    pub source_topic_regex: Vec<i16>,
    /// `RepartitionSourceTopics`: versions 0+.
    pub repartition_source_topics: Vec<i16>,
}

impl CopartitionGroup {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let source_topics = r.fixed_array(true, "SourceTopics")?;
        let source_topic_regex = r.fixed_array(true, "SourceTopicRegex")?;
        let repartition_source_topics = r.fixed_array(true, "RepartitionSourceTopics")?;
        r.no_tags()?;
        Ok(Self { source_topics, source_topic_regex, repartition_source_topics })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.fixed_array(true, &self.source_topics, "SourceTopics")?;
        w.fixed_array(true, &self.source_topic_regex, "SourceTopicRegex")?;
        w.fixed_array(true, &self.repartition_source_topics, "RepartitionSourceTopics")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatRequest`].
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

/// Part of [`StreamsGroupHeartbeatRequest`].
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

/// Part of [`StreamsGroupHeartbeatRequest`].
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

/// Part of [`StreamsGroupHeartbeatRequest`].
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

/// Part of [`StreamsGroupHeartbeatRequest`].
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
