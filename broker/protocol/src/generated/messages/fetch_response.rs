// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FetchResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Records, Str};

/// `FetchResponse`, key 1, versions 4-18, flexible 12+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchResponse {
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 7+, ignorable.
    pub error_code: i16,
    /// `SessionId`: versions 7+.
    pub session_id: i32,
    /// `Responses`: versions 0+.
    pub responses: Vec<FetchableTopicResponse>,
    /// `NodeEndpoints`: versions 16+, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_SINCE: Option<i16> = Some(12);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 12;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = if v >= 7 { r.i16("ErrorCode")? } else { 0 };
        let session_id = if v >= 7 { r.i32("SessionId")? } else { 0 };
        let responses = r.array(flexible, 1, "Responses", |r| FetchableTopicResponse::decode(r, v))?;
        let mut node_endpoints = Vec::new();
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 if v >= 16 => {
                        node_endpoints = r.array(true, 11, "NodeEndpoints", |r| NodeEndpoint::decode(r, v))?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self { throttle_time_ms, error_code, session_id, responses, node_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 12;
        w.i32(self.throttle_time_ms);
        if v >= 7 {
            w.i16(self.error_code);
        }
        if v >= 7 {
            w.i32(self.session_id);
        } else if self.session_id != 0 {
            return Err(EncodeError::not_in_version("SessionId", v));
        }
        w.array(flexible, &self.responses, "Responses", |w, it| it.encode(w, v))?;
        if v < 16 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::not_in_version("NodeEndpoints", v));
        }
        if flexible {
            let has_node_endpoints = v >= 16 && !self.node_endpoints.is_empty();
            w.uvarint(u32::from(has_node_endpoints));
            if has_node_endpoints {
                w.tag(0, "NodeEndpoints", |w| {
                    w.array(true, &self.node_endpoints, "NodeEndpoints", |w, it| it.encode(w, v))?;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }

    fn throttle_time_ms(&self) -> Option<i32> {
        Some(self.throttle_time_ms)
    }

    fn set_throttle_time_ms(&mut self, millis: i32) {
        self.throttle_time_ms = millis;
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchableTopicResponse {
    /// `Topic`: versions 0-12, topicName, ignorable.
    pub topic: Str,
    /// `TopicId`: versions 13+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl FetchableTopicResponse {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let topic = if v <= 12 { r.str(flexible, "Topic")? } else { Str::EMPTY };
        let topic_id = if v >= 13 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions = r.array(flexible, 24, "Partitions", |r| PartitionData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        if v <= 12 {
            w.str(flexible, &self.topic, "Topic")?;
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `HighWatermark`: versions 0+.
    pub high_watermark: i64,
    /// `LastStableOffset`: versions 4+, default -1, ignorable.
    pub last_stable_offset: i64,
    /// `LogStartOffset`: versions 5+, default -1, ignorable.
    pub log_start_offset: i64,
    /// `DivergingEpoch`: versions 12+, tag 0.
    pub diverging_epoch: EpochEndOffset,
    /// `CurrentLeader`: versions 12+, tag 1.
    pub current_leader: LeaderIdAndEpoch,
    /// `SnapshotId`: versions 12+, tag 2.
    pub snapshot_id: SnapshotId,
    /// `AbortedTransactions`: versions 4+, null 4+, ignorable.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// `PreferredReadReplica`: versions 11+, brokerId, default -1.
    pub preferred_read_replica: i32,
    /// `Records`: versions 0+, null 0+.
    pub records: Option<Records>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: 0,
            error_code: 0,
            high_watermark: 0,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: EpochEndOffset::default(),
            current_leader: LeaderIdAndEpoch::default(),
            snapshot_id: SnapshotId::default(),
            aborted_transactions: Some(Vec::new()),
            preferred_read_replica: -1,
            records: None,
        }
    }
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let partition_index = r.i32("PartitionIndex")?;
        let error_code = r.i16("ErrorCode")?;
        let high_watermark = r.i64("HighWatermark")?;
        let last_stable_offset = r.i64("LastStableOffset")?;
        let log_start_offset = if v >= 5 { r.i64("LogStartOffset")? } else { -1 };
        let mut diverging_epoch = EpochEndOffset::default();
        let mut current_leader = LeaderIdAndEpoch::default();
        let mut snapshot_id = SnapshotId::default();
        let aborted_transactions =
            r.nullable_array(flexible, 16, "AbortedTransactions", |r| AbortedTransaction::decode(r, v))?;
        let preferred_read_replica = if v >= 11 { r.i32("PreferredReadReplica")? } else { -1 };
        let records = r.nullable_records(flexible, "Records")?;
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => diverging_epoch = EpochEndOffset::decode(r, v)?,
                    1 => current_leader = LeaderIdAndEpoch::decode(r, v)?,
                    2 => snapshot_id = SnapshotId::decode(r, v)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            partition_index,
            error_code,
            high_watermark,
            last_stable_offset,
            log_start_offset,
            diverging_epoch,
            current_leader,
            snapshot_id,
            aborted_transactions,
            preferred_read_replica,
            records,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        w.run::<22>()
            .with(self.partition_index)
            .with(self.error_code)
            .with(self.high_watermark)
            .with(self.last_stable_offset);
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        if v < 12 && (self.diverging_epoch != EpochEndOffset::default()) {
            return Err(EncodeError::not_in_version("DivergingEpoch", v));
        }
        if v < 12 && (self.current_leader != LeaderIdAndEpoch::default()) {
            return Err(EncodeError::not_in_version("CurrentLeader", v));
        }
        if v < 12 && (self.snapshot_id != SnapshotId::default()) {
            return Err(EncodeError::not_in_version("SnapshotId", v));
        }
        w.nullable_array(flexible, self.aborted_transactions.as_deref(), "AbortedTransactions", |w, it| {
            it.encode(w, v)
        })?;
        if v >= 11 {
            w.i32(self.preferred_read_replica);
        } else if self.preferred_read_replica != -1 {
            return Err(EncodeError::not_in_version("PreferredReadReplica", v));
        }
        w.nullable_records(flexible, self.records.as_ref(), "Records")?;
        if flexible {
            let has_diverging_epoch = self.diverging_epoch != EpochEndOffset::default();
            let has_current_leader = self.current_leader != LeaderIdAndEpoch::default();
            let has_snapshot_id = self.snapshot_id != SnapshotId::default();
            w.uvarint(
                u32::from(has_diverging_epoch) + u32::from(has_current_leader) + u32::from(has_snapshot_id),
            );
            if has_diverging_epoch {
                w.tag(0, "DivergingEpoch", |w| {
                    self.diverging_epoch.encode(w, v)?;
                    Ok(())
                })?;
            }
            if has_current_leader {
                w.tag(1, "CurrentLeader", |w| {
                    self.current_leader.encode(w, v)?;
                    Ok(())
                })?;
            }
            if has_snapshot_id {
                w.tag(2, "SnapshotId", |w| {
                    self.snapshot_id.encode(w, v)?;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// `Epoch`: versions 12+, default -1.
    pub epoch: i32,
    /// `EndOffset`: versions 12+, default -1.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl EpochEndOffset {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let epoch = r.i32("Epoch")?;
        let end_offset = r.i64("EndOffset")?;
        r.no_tags()?;
        Ok(Self { epoch, end_offset })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.epoch).with(self.end_offset);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`: versions 12+, brokerId, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 12+, default -1.
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
}

impl LeaderIdAndEpoch {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        r.no_tags()?;
        Ok(Self { leader_id, leader_epoch })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<8>().with(self.leader_id).with(self.leader_epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// `EndOffset`: versions 0+, default -1.
    pub end_offset: i64,
    /// `Epoch`: versions 0+, default -1.
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
}

impl SnapshotId {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let end_offset = r.i64("EndOffset")?;
        let epoch = r.i32("Epoch")?;
        r.no_tags()?;
        Ok(Self { end_offset, epoch })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.end_offset).with(self.epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbortedTransaction {
    /// `ProducerId`: versions 4+, producerId.
    pub producer_id: i64,
    /// `FirstOffset`: versions 4+.
    pub first_offset: i64,
}

impl AbortedTransaction {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let producer_id = r.i64("ProducerId")?;
        let first_offset = r.i64("FirstOffset")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { producer_id, first_offset })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        w.run::<16>().with(self.producer_id).with(self.first_offset);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    /// `NodeId`: versions 16+, brokerId.
    pub node_id: i32,
    /// `Host`: versions 16+.
    pub host: Str,
    /// `Port`: versions 16+.
    pub port: i32,
    /// `Rack`: versions 16+, null 16+, default null.
    pub rack: Option<Str>,
}

impl NodeEndpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let node_id = r.i32("NodeId")?;
        let host = r.str(true, "Host")?;
        let port = r.i32("Port")?;
        let rack = r.nullable_str(true, "Rack")?;
        r.no_tags()?;
        Ok(Self { node_id, host, port, rack })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.node_id);
        w.str(true, &self.host, "Host")?;
        w.i32(self.port);
        w.nullable_str(true, self.rack.as_ref(), "Rack")?;
        w.uvarint(0);
        Ok(())
    }
}
