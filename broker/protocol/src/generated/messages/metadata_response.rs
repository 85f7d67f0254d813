// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `MetadataResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer, required};
use crate::{Message, Str};

/// `MetadataResponse`, key 3, versions 0-13, flexible 9+.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// `ThrottleTimeMs`: versions 3+, ignorable.
    pub throttle_time_ms: i32,
    /// `Brokers`: versions 0+.
    pub brokers: Vec<MetadataResponseBroker>,
    /// `ClusterId`: versions 2+, null 2+, default null, ignorable.
    pub cluster_id: Option<Str>,
    /// `ControllerId`: versions 1+, brokerId, default -1, ignorable.
    pub controller_id: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<MetadataResponseTopic>,
    /// `ClusterAuthorizedOperations`: versions 8-10, default -2147483648.
    pub cluster_authorized_operations: i32,
    /// `ErrorCode`: versions 13+, ignorable.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: 0,
            brokers: Vec::new(),
            cluster_id: None,
            controller_id: -1,
            topics: Vec::new(),
            cluster_authorized_operations: i32::MIN,
            error_code: 0,
        }
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        let throttle_time_ms = if v >= 3 { r.i32("ThrottleTimeMs")? } else { 0 };
        let brokers = r.array(flexible, 9, "Brokers", |r| MetadataResponseBroker::decode(r, v))?;
        let cluster_id = if v >= 2 { r.nullable_str(flexible, "ClusterId")? } else { None };
        let controller_id = if v >= 1 { r.i32("ControllerId")? } else { -1 };
        let topics = r.array(flexible, 4, "Topics", |r| MetadataResponseTopic::decode(r, v))?;
        let cluster_authorized_operations =
            if (8..=10).contains(&v) { r.i32("ClusterAuthorizedOperations")? } else { i32::MIN };
        let error_code = if v >= 13 { r.i16("ErrorCode")? } else { 0 };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            throttle_time_ms,
            brokers,
            cluster_id,
            controller_id,
            topics,
            cluster_authorized_operations,
            error_code,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        if v >= 3 {
            w.i32(self.throttle_time_ms);
        }
        w.array(flexible, &self.brokers, "Brokers", |w, it| it.encode(w, v))?;
        if v >= 2 {
            w.nullable_str(flexible, self.cluster_id.as_ref(), "ClusterId")?;
        }
        if v >= 1 {
            w.i32(self.controller_id);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if (8..=10).contains(&v) {
            w.i32(self.cluster_authorized_operations);
        } else if self.cluster_authorized_operations != i32::MIN {
            return Err(EncodeError::not_in_version("ClusterAuthorizedOperations", v));
        }
        if v >= 13 {
            w.i16(self.error_code);
        }
        if flexible {
            w.uvarint(0);
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

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataResponseBroker {
    /// `NodeId`: versions 0+, brokerId.
    pub node_id: i32,
    /// `Host`: versions 0+.
    pub host: Str,
    /// `Port`: versions 0+.
    pub port: i32,
    /// `Rack`: versions 1+, null 1+, default null, ignorable.
    pub rack: Option<Str>,
}

impl MetadataResponseBroker {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let node_id = r.i32("NodeId")?;
        let host = r.str(flexible, "Host")?;
        let port = r.i32("Port")?;
        let rack = if v >= 1 { r.nullable_str(flexible, "Rack")? } else { None };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { node_id, host, port, rack })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.i32(self.node_id);
        w.str(flexible, &self.host, "Host")?;
        w.i32(self.port);
        if v >= 1 {
            w.nullable_str(flexible, self.rack.as_ref(), "Rack")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Name`: versions 0+, topicName, null 12+.
    pub name: Option<Str>,
    /// `TopicId`: versions 10+, ignorable.
    pub topic_id: Uuid,
    /// `IsInternal`: versions 1+, ignorable.
    pub is_internal: bool,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<MetadataResponsePartition>,
    /// `TopicAuthorizedOperations`: versions 8+, default -2147483648.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
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

impl MetadataResponseTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let error_code = r.i16("ErrorCode")?;
        let name = if v >= 12 { r.nullable_str(flexible, "Name")? } else { Some(r.str(flexible, "Name")?) };
        let topic_id = if v >= 10 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let is_internal = if v >= 1 { r.bool("IsInternal")? } else { false };
        let partitions = r.array(flexible, 12, "Partitions", |r| MetadataResponsePartition::decode(r, v))?;
        let topic_authorized_operations = if v >= 8 { r.i32("TopicAuthorizedOperations")? } else { i32::MIN };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { error_code, name, topic_id, is_internal, partitions, topic_authorized_operations })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.i16(self.error_code);
        if v >= 12 {
            w.nullable_str(flexible, self.name.as_ref(), "Name")?;
        } else {
            w.str(flexible, required(&self.name, "Name")?, "Name")?;
        }
        if v >= 10 {
            w.uuid(self.topic_id);
        }
        if v >= 1 {
            w.bool(self.is_internal);
        }
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if v >= 8 {
            w.i32(self.topic_authorized_operations);
        } else if self.topic_authorized_operations != i32::MIN {
            return Err(EncodeError::not_in_version("TopicAuthorizedOperations", v));
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 7+, default -1, ignorable.
    pub leader_epoch: i32,
    /// `ReplicaNodes`: versions 0+, brokerId.
    pub replica_nodes: Vec<i32>,
    /// `IsrNodes`: versions 0+, brokerId.
    pub isr_nodes: Vec<i32>,
    /// `OfflineReplicas`: versions 5+, brokerId, ignorable.
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: 0,
            partition_index: 0,
            leader_id: 0,
            leader_epoch: -1,
            replica_nodes: Vec::new(),
            isr_nodes: Vec::new(),
            offline_replicas: Vec::new(),
        }
    }
}

impl MetadataResponsePartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let error_code = r.i16("ErrorCode")?;
        let partition_index = r.i32("PartitionIndex")?;
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = if v >= 7 { r.i32("LeaderEpoch")? } else { -1 };
        let replica_nodes = r.fixed_array(flexible, "ReplicaNodes")?;
        let isr_nodes = r.fixed_array(flexible, "IsrNodes")?;
        let offline_replicas = if v >= 5 { r.fixed_array(flexible, "OfflineReplicas")? } else { Vec::new() };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self {
            error_code,
            partition_index,
            leader_id,
            leader_epoch,
            replica_nodes,
            isr_nodes,
            offline_replicas,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.run::<10>().with(self.error_code).with(self.partition_index).with(self.leader_id);
        if v >= 7 {
            w.i32(self.leader_epoch);
        }
        w.fixed_array(flexible, &self.replica_nodes, "ReplicaNodes")?;
        w.fixed_array(flexible, &self.isr_nodes, "IsrNodes")?;
        if v >= 5 {
            w.fixed_array(flexible, &self.offline_replicas, "OfflineReplicas")?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
