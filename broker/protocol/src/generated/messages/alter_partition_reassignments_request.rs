// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AlterPartitionReassignmentsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `AlterPartitionReassignmentsRequest`, key 45, versions 0-1, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartitionReassignmentsRequest {
    /// `TimeoutMs`: versions 0+, default 60000.
    pub timeout_ms: i32,
    /// `AllowReplicationFactorChange`: versions 1+, default true.
    pub allow_replication_factor_change: bool,
    /// `Topics`: versions 0+.
    pub topics: Vec<ReassignableTopic>,
}

impl Default for AlterPartitionReassignmentsRequest {
    fn default() -> Self {
        Self { timeout_ms: 60000, allow_replication_factor_change: true, topics: Vec::new() }
    }
}

impl Message for AlterPartitionReassignmentsRequest {
    const NAME: &'static str = "AlterPartitionReassignmentsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let timeout_ms = r.i32("TimeoutMs")?;
        let allow_replication_factor_change =
            if v >= 1 { r.bool("AllowReplicationFactorChange")? } else { true };
        let topics = r.array(true, 3, "Topics", |r| ReassignableTopic::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { timeout_ms, allow_replication_factor_change, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.i32(self.timeout_ms);
        if v >= 1 {
            w.bool(self.allow_replication_factor_change);
        } else if !self.allow_replication_factor_change {
            return Err(EncodeError::not_in_version("AllowReplicationFactorChange", v));
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AlterPartitionReassignmentsRequest {
    const KEY: ApiKey = ApiKey::AlterPartitionReassignments;
    type Response = super::AlterPartitionReassignmentsResponse;
}

/// Part of [`AlterPartitionReassignmentsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReassignableTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<ReassignablePartition>,
}

impl ReassignableTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let name = r.str(true, "Name")?;
        let partitions = r.array(true, 6, "Partitions", |r| ReassignablePartition::decode(r, v))?;
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

/// Part of [`AlterPartitionReassignmentsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReassignablePartition {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `Replicas`: versions 0+, brokerId, null 0+, default null.
    pub replicas: Option<Vec<i32>>,
}

impl ReassignablePartition {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let replicas = r.nullable_fixed_array(true, "Replicas")?;
        r.no_tags()?;
        Ok(Self { partition_index, replicas })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.nullable_fixed_array(true, self.replicas.as_deref(), "Replicas")?;
        w.uvarint(0);
        Ok(())
    }
}
