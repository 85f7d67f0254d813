// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FetchSnapshotRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `FetchSnapshotRequest`, key 59, versions 0-1, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshotRequest {
    /// `ClusterId`: versions 0+, tag 0, null 0+, default null.
    pub cluster_id: Option<Str>,
    /// `ReplicaId`: versions 0+, brokerId, default -1.
    pub replica_id: i32,
    /// `MaxBytes`: versions 0+, default 2147483647.
    pub max_bytes: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicSnapshot>,
}

impl Default for FetchSnapshotRequest {
    fn default() -> Self {
        Self { cluster_id: None, replica_id: -1, max_bytes: i32::MAX, topics: Vec::new() }
    }
}

impl Message for FetchSnapshotRequest {
    const NAME: &'static str = "FetchSnapshotRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let mut cluster_id = None;
        let replica_id = r.i32("ReplicaId")?;
        let max_bytes = r.i32("MaxBytes")?;
        let topics = r.array(true, 3, "Topics", |r| TopicSnapshot::decode(r, v))?;
        r.tags(|r, tag| {
            match tag {
                0 => cluster_id = r.nullable_str(true, "ClusterId")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { cluster_id, replica_id, max_bytes, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<8>().with(self.replica_id).with(self.max_bytes);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        let has_cluster_id = self.cluster_id.is_some();
        w.uvarint(u32::from(has_cluster_id));
        if has_cluster_id {
            w.tag(0, "ClusterId", |w| {
                w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Request for FetchSnapshotRequest {
    const KEY: ApiKey = ApiKey::FetchSnapshot;
    type Response = super::FetchSnapshotResponse;
}

/// Part of [`FetchSnapshotRequest`].
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
        let partitions = r.array(true, 30, "Partitions", |r| PartitionSnapshot::decode(r, v))?;
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

/// Part of [`FetchSnapshotRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionSnapshot {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `CurrentLeaderEpoch`: versions 0+.
    pub current_leader_epoch: i32,
    /// `SnapshotId`: versions 0+.
    pub snapshot_id: SnapshotId,
    /// `Position`: versions 0+.
    pub position: i64,
    /// `ReplicaDirectoryId`: versions 1+, tag 0, ignorable.
    pub replica_directory_id: Uuid,
}

impl PartitionSnapshot {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let current_leader_epoch = r.i32("CurrentLeaderEpoch")?;
        let snapshot_id = SnapshotId::decode(r, v)?;
        let position = r.i64("Position")?;
        let mut replica_directory_id = Uuid::ZERO;
        r.tags(|r, tag| {
            match tag {
                0 if v >= 1 => replica_directory_id = r.uuid("ReplicaDirectoryId")?,
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(Self { partition, current_leader_epoch, snapshot_id, position, replica_directory_id })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<8>().with(self.partition).with(self.current_leader_epoch);
        self.snapshot_id.encode(w, v)?;
        w.i64(self.position);
        let has_replica_directory_id = v >= 1 && (self.replica_directory_id != Uuid::ZERO);
        w.uvarint(u32::from(has_replica_directory_id));
        if has_replica_directory_id {
            w.tag(0, "ReplicaDirectoryId", |w| {
                w.uuid(self.replica_directory_id);
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Part of [`FetchSnapshotRequest`].
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
