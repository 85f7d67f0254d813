// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ListOffsetsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ListOffsetsRequest`, key 2, versions 1-11, flexible 6+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsRequest {
    /// `ReplicaId`: versions 0+, brokerId.
    pub replica_id: i32,
    /// `IsolationLevel`: versions 2+.
    pub isolation_level: i8,
    /// `Topics`: versions 0+.
    pub topics: Vec<ListOffsetsTopic>,
    /// `TimeoutMs`: versions 10+, ignorable.
    pub timeout_ms: i32,
}

impl Message for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsetsRequest";
    const VERSIONS: RangeInclusive<i16> = 1..=11;
    const FLEXIBLE_SINCE: Option<i16> = Some(6);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        let replica_id = r.i32("ReplicaId")?;
        let isolation_level = if v >= 2 { r.i8("IsolationLevel")? } else { 0 };
        let topics = r.array(flexible, 2, "Topics", |r| ListOffsetsTopic::decode(r, v))?;
        let timeout_ms = if v >= 10 { r.i32("TimeoutMs")? } else { 0 };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { replica_id, isolation_level, topics, timeout_ms })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 6;
        w.i32(self.replica_id);
        if v >= 2 {
            w.i8(self.isolation_level);
        } else if self.isolation_level != 0 {
            return Err(EncodeError::not_in_version("IsolationLevel", v));
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v >= 10 {
            w.i32(self.timeout_ms);
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for ListOffsetsRequest {
    const KEY: ApiKey = ApiKey::ListOffsets;
    type Response = super::ListOffsetsResponse;
}

/// Part of [`ListOffsetsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<ListOffsetsPartition>,
}

impl ListOffsetsTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let name = r.str(flexible, "Name")?;
        let partitions = r.array(flexible, 12, "Partitions", |r| ListOffsetsPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.str(flexible, &self.name, "Name")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ListOffsetsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `CurrentLeaderEpoch`: versions 4+, default -1, ignorable.
    pub current_leader_epoch: i32,
    /// `Timestamp`: versions 0+.
    pub timestamp: i64,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self { partition_index: 0, current_leader_epoch: -1, timestamp: 0 }
    }
}

impl ListOffsetsPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 6;
        let partition_index = r.i32("PartitionIndex")?;
        let current_leader_epoch = if v >= 4 { r.i32("CurrentLeaderEpoch")? } else { -1 };
        let timestamp = r.i64("Timestamp")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, current_leader_epoch, timestamp })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 6;
        w.i32(self.partition_index);
        if v >= 4 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.timestamp);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
