// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FetchSnapshotResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{Message, Records, Str};

/// `FetchSnapshotResponse`, key 59, versions 0-1, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchSnapshotResponse {
    /// `ThrottleTimeMs`: versions 0+, ignorable.
    pub throttle_time_ms: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicSnapshot>,
    /// `NodeEndpoints`: versions 1+, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for FetchSnapshotResponse {
    const NAME: &'static str = "FetchSnapshotResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let error_code = r.i16("ErrorCode")?;
        let topics = r.array(true, 3, "Topics", |r| TopicSnapshot::decode(r, v))?;
        let mut node_endpoints = Vec::new();
        r.tags(|r, tag| {
            match tag {
                0 if v >= 1 => {
                    node_endpoints = r.array(true, 8, "NodeEndpoints", |r| NodeEndpoint::decode(r, v))?
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { throttle_time_ms, error_code, topics, node_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<6>().with(self.throttle_time_ms).with(self.error_code);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v < 1 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::not_in_version("NodeEndpoints", v));
        }
        let has_node_endpoints = v >= 1 && !self.node_endpoints.is_empty();
        w.uvarint(u32::from(has_node_endpoints));
        if has_node_endpoints {
            w.tag(0, "NodeEndpoints", |w| {
                w.array(true, &self.node_endpoints, "NodeEndpoints", |w, it| it.encode(w, v))?;
                Ok(())
            })?;
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

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicSnapshot {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionSnapshot>,
}

impl TopicSnapshot {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partitions = r.array(true, 37, "Partitions", |r| PartitionSnapshot::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.name, "Name")?;
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionSnapshot {
    /// `Index`: versions 0+.
    pub index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `SnapshotId`: versions 0+.
    pub snapshot_id: SnapshotId,
    /// `CurrentLeader`: versions 0+, tag 0.
    pub current_leader: LeaderIdAndEpoch,
    /// `Size`: versions 0+.
    pub size: i64,
    /// `Position`: versions 0+.
    pub position: i64,
    /// `UnalignedRecords`: versions 0+.
    pub unaligned_records: Option<Records>,
}

impl PartitionSnapshot {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let index = r.i32("Index")?;
        let error_code = r.i16("ErrorCode")?;
        let snapshot_id = SnapshotId::decode(r, v)?;
        let mut current_leader = LeaderIdAndEpoch::default();
        let size = r.i64("Size")?;
        let position = r.i64("Position")?;
        let unaligned_records = Some(r.records(true, "UnalignedRecords")?);
        r.tags(|r, tag| {
            match tag {
                0 => current_leader = LeaderIdAndEpoch::decode(r, v)?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { index, error_code, snapshot_id, current_leader, size, position, unaligned_records })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<6>().with(self.index).with(self.error_code);
        self.snapshot_id.encode(w, v)?;
        w.run::<16>().with(self.size).with(self.position);
        w.records(true, required(&self.unaligned_records, "UnalignedRecords")?, "UnalignedRecords")?;
        let has_current_leader = self.current_leader != LeaderIdAndEpoch::default();
        w.uvarint(u32::from(has_current_leader));
        if has_current_leader {
            w.tag(0, "CurrentLeader", |w| {
                self.current_leader.encode(w, v)?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotId {
    /// `EndOffset`: versions 0+.
    pub end_offset: i64,
    /// `Epoch`: versions 0+.
    pub epoch: i32,
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

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
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

/// Part of [`FetchSnapshotResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    /// `NodeId`: versions 1+, brokerId.
    pub node_id: i32,
    /// `Host`: versions 1+.
    pub host: Str,
    /// `Port`: versions 1+.
    pub port: u16,
}

impl NodeEndpoint {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let node_id = r.i32("NodeId")?;
        let host = r.str(true, "Host")?;
        let port = r.u16("Port")?;
        r.no_tags()?;
        Ok(Self { node_id, host, port })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.node_id);
        w.str(true, &self.host, "Host")?;
        w.u16(self.port);
        w.uvarint(0);
        Ok(())
    }
}
