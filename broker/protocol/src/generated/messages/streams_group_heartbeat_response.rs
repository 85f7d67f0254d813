// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `StreamsGroupHeartbeatResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `StreamsGroupHeartbeatResponse`, key 88, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamsGroupHeartbeatResponse {
    /// `ThrottleTimeMs`: versions 0+.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 0+, null 0+, default null.
    pub error_message: Option<Str>,
    /// `MemberId`: versions 0+.
    pub member_id: Str,
    /// `MemberEpoch`: versions 0+.
    pub member_epoch: i32,
    /// `HeartbeatIntervalMs`: versions 0+.
    pub heartbeat_interval_ms: i32,
    /// `AcceptableRecoveryLag`: versions 0+.
    pub acceptable_recovery_lag: i32,
    /// `TaskOffsetIntervalMs`: versions 0+.
    pub task_offset_interval_ms: i32,
    /// `Status`: versions 0+, null 0+.
    pub status: Option<Vec<Status>>,
    /// `ActiveTasks`: versions 0+, null 0+, default null.
    pub active_tasks: Option<Vec<TaskIds>>,
    /// `StandbyTasks`: versions 0+, null 0+, default null.
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// `WarmupTasks`: versions 0+, null 0+, default null.
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// `EndpointInformationEpoch`: versions 0+.
    pub endpoint_information_epoch: i32,
    /// `PartitionsByUserEndpoint`: versions 0+, null 0+, default null.
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

impl Default for StreamsGroupHeartbeatResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            error_code: 0,
            error_message: None,
            member_id: Str::EMPTY,
            member_epoch: 0,
            heartbeat_interval_ms: 0,
            acceptable_recovery_lag: 0,
            task_offset_interval_ms: 0,
            status: Some(Vec::new()),
            active_tasks: None,
            standby_tasks: None,
            warmup_tasks: None,
            endpoint_information_epoch: 0,
            partitions_by_user_endpoint: None,
        }
    }
}

impl Message for StreamsGroupHeartbeatResponse {
    const NAME: &'static str = "StreamsGroupHeartbeatResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = r.nullable_str(true, "ErrorMessage")?;
        let member_id = r.str(true, "MemberId")?;
        let member_epoch = r.i32("MemberEpoch")?;
        let heartbeat_interval_ms = r.i32("HeartbeatIntervalMs")?;
        let acceptable_recovery_lag = r.i32("AcceptableRecoveryLag")?;
        let task_offset_interval_ms = r.i32("TaskOffsetIntervalMs")?;
        let status = r.nullable_array(true, 3, "Status", |r| Status::decode(r, v))?;
        let active_tasks = r.nullable_array(true, 3, "ActiveTasks", |r| TaskIds::decode(r, v))?;
        let standby_tasks = r.nullable_array(true, 3, "StandbyTasks", |r| TaskIds::decode(r, v))?;
        let warmup_tasks = r.nullable_array(true, 3, "WarmupTasks", |r| TaskIds::decode(r, v))?;
        let endpoint_information_epoch = r.i32("EndpointInformationEpoch")?;
        let partitions_by_user_endpoint =
            r.nullable_array(true, 7, "PartitionsByUserEndpoint", |r| EndpointToPartitions::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            throttle_time_ms,
            error_code,
            error_message,
            member_id,
            member_epoch,
            heartbeat_interval_ms,
            acceptable_recovery_lag,
            task_offset_interval_ms,
            status,
            active_tasks,
            standby_tasks,
            warmup_tasks,
            endpoint_information_epoch,
            partitions_by_user_endpoint,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        w.str(true, &self.member_id, "MemberId")?;
        w.run::<16>()
            .with(self.member_epoch)
            .with(self.heartbeat_interval_ms)
            .with(self.acceptable_recovery_lag)
            .with(self.task_offset_interval_ms);
        w.nullable_array(true, self.status.as_deref(), "Status", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.active_tasks.as_deref(), "ActiveTasks", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.standby_tasks.as_deref(), "StandbyTasks", |w, it| it.encode(w, v))?;
        w.nullable_array(true, self.warmup_tasks.as_deref(), "WarmupTasks", |w, it| it.encode(w, v))?;
        w.i32(self.endpoint_information_epoch);
        w.nullable_array(
            true,
            self.partitions_by_user_endpoint.as_deref(),
            "PartitionsByUserEndpoint",
            |w, it| it.encode(w, v),
        )?;
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

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointToPartitions {
    /// `UserEndpoint`: versions 0+.
    pub user_endpoint: Endpoint,
    /// `ActivePartitions`: versions 0+.
    pub active_partitions: Vec<TopicPartition>,
    /// `StandbyPartitions`: versions 0+.
    pub standby_partitions: Vec<TopicPartition>,
}

impl EndpointToPartitions {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let user_endpoint = Endpoint::decode(r, v)?;
        let active_partitions = r.array(true, 3, "ActivePartitions", |r| TopicPartition::decode(r, v))?;
        let standby_partitions = r.array(true, 3, "StandbyPartitions", |r| TopicPartition::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { user_endpoint, active_partitions, standby_partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        self.user_endpoint.encode(w, v)?;
        w.array(true, &self.active_partitions, "ActivePartitions", |w, it| it.encode(w, v))?;
        w.array(true, &self.standby_partitions, "StandbyPartitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// `StatusCode`: versions 0+.
    pub status_code: i8,
    /// `StatusDetail`: versions 0+.
    pub status_detail: Str,
}

impl Status {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let status_code = r.i8("StatusCode")?;
        let status_detail = r.str(true, "StatusDetail")?;
        r.no_tags()?;
        Ok(Self { status_code, status_detail })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i8(self.status_code);
        w.str(true, &self.status_detail, "StatusDetail")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let topic = r.str(true, "Topic")?;
        let partitions = r.fixed_array(true, "Partitions")?;
        r.no_tags()?;
        Ok(Self { topic, partitions })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic, "Topic")?;
        w.fixed_array(true, &self.partitions, "Partitions")?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`StreamsGroupHeartbeatResponse`].
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

/// Part of [`StreamsGroupHeartbeatResponse`].
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
