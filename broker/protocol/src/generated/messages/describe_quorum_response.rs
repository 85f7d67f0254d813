// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `DescribeQuorumResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `DescribeQuorumResponse`, key 55, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeQuorumResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 2+, null 2+, ignorable.
    pub error_message: Option<Str>,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
    /// `Nodes`: versions 2+.
    pub nodes: Vec<Node>,
}

impl Default for DescribeQuorumResponse {
    fn default() -> Self {
        Self { error_code: 0, error_message: Some(Str::EMPTY), topics: Vec::new(), nodes: Vec::new() }
    }
}

impl Message for DescribeQuorumResponse {
    const NAME: &'static str = "DescribeQuorumResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let error_code = r.i16("ErrorCode")?;
        let error_message = if v >= 2 { r.nullable_str(true, "ErrorMessage")? } else { Some(Str::EMPTY) };
        let topics = r.array(true, 3, "Topics", |r| TopicData::decode(r, v))?;
        let nodes = if v >= 2 { r.array(true, 6, "Nodes", |r| Node::decode(r, v))? } else { Vec::new() };
        r.no_tags()?;
        Ok(Self { error_code, error_message, topics, nodes })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i16(self.error_code);
        if v >= 2 {
            w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v >= 2 {
            w.array(true, &self.nodes, "Nodes", |w, it| it.encode(w, v))?;
        } else if !self.nodes.is_empty() {
            return Err(EncodeError::not_in_version("Nodes", v));
        }
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_name = r.str(true, "TopicName")?;
        let partitions = r.array(true, 25, "Partitions", |r| PartitionData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic_name, "TopicName")?;
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `ErrorMessage`: versions 2+, null 2+, ignorable.
    pub error_message: Option<Str>,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `HighWatermark`: versions 0+.
    pub high_watermark: i64,
    /// `CurrentVoters`: versions 0+.
    pub current_voters: Vec<ReplicaState>,
    /// `Observers`: versions 0+.
    pub observers: Vec<ReplicaState>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            error_message: Some(Str::EMPTY),
            leader_id: 0,
            leader_epoch: 0,
            high_watermark: 0,
            current_voters: Vec::new(),
            observers: Vec::new(),
        }
    }
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let error_code = r.i16("ErrorCode")?;
        let error_message = if v >= 2 { r.nullable_str(true, "ErrorMessage")? } else { Some(Str::EMPTY) };
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let high_watermark = r.i64("HighWatermark")?;
        let current_voters = r.array(true, 13, "CurrentVoters", |r| ReplicaState::decode(r, v))?;
        let observers = r.array(true, 13, "Observers", |r| ReplicaState::decode(r, v))?;
        r.no_tags()?;
        Ok(Self {
            partition_index,
            error_code,
            error_message,
            leader_id,
            leader_epoch,
            high_watermark,
            current_voters,
            observers,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.partition_index).with(self.error_code);
        if v >= 2 {
            w.nullable_str(true, self.error_message.as_ref(), "ErrorMessage")?;
        }
        w.run::<16>().with(self.leader_id).with(self.leader_epoch).with(self.high_watermark);
        w.array(true, &self.current_voters, "CurrentVoters", |w, it| it.encode(w, v))?;
        w.array(true, &self.observers, "Observers", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// `NodeId`: versions 2+, brokerId.
    pub node_id: i32,
    /// `Listeners`: versions 2+.
    pub listeners: Vec<Listener>,
}

impl Node {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let node_id = r.i32("NodeId")?;
        let listeners = r.array(true, 5, "Listeners", |r| Listener::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { node_id, listeners })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.node_id);
        w.array(true, &self.listeners, "Listeners", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listener {
    /// `Name`: versions 2+.
    pub name: Str,
    /// `Host`: versions 2+.
    pub host: Str,
    /// `Port`: versions 2+.
    pub port: u16,
}

impl Listener {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        r.no_tags()?;
        Ok(Self { name, host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.str(true, &self.host, "Host")?;
        w.u16(self.port);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`DescribeQuorumResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`: versions 0+, brokerId.
    pub replica_id: i32,
    /// `ReplicaDirectoryId`: versions 2+.
    pub replica_directory_id: Uuid,
    /// `LogEndOffset`: versions 0+.
    pub log_end_offset: i64,
    /// `LastFetchTimestamp`: versions 1+, default -1, ignorable.
    pub last_fetch_timestamp: i64,
    /// `LastCaughtUpTimestamp`: versions 1+, default -1, ignorable.
    pub last_caught_up_timestamp: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            replica_id: 0,
            replica_directory_id: Uuid::ZERO,
            log_end_offset: 0,
            last_fetch_timestamp: -1,
            last_caught_up_timestamp: -1,
        }
    }
}

impl ReplicaState {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let replica_id = r.i32("ReplicaId")?;
        let replica_directory_id = if v >= 2 { r.uuid("ReplicaDirectoryId")? } else { Uuid::ZERO };
        let log_end_offset = r.i64("LogEndOffset")?;
        let last_fetch_timestamp = if v >= 1 { r.i64("LastFetchTimestamp")? } else { -1 };
        let last_caught_up_timestamp = if v >= 1 { r.i64("LastCaughtUpTimestamp")? } else { -1 };
        r.no_tags()?;
        Ok(Self {
            replica_id,
            replica_directory_id,
            log_end_offset,
            last_fetch_timestamp,
            last_caught_up_timestamp,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.i32(self.replica_id);
        if v >= 2 {
            w.uuid(self.replica_directory_id);
        } else if self.replica_directory_id != Uuid::ZERO {
            return Err(EncodeError::not_in_version("ReplicaDirectoryId", v));
        }
        w.i64(self.log_end_offset);
        if v >= 1 {
            w.i64(self.last_fetch_timestamp);
        }
        if v >= 1 {
            w.i64(self.last_caught_up_timestamp);
        }
        w.uvarint(0);
        Ok(())
    }
}
