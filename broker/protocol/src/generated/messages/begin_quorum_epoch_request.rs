// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `BeginQuorumEpochRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `BeginQuorumEpochRequest`, key 53, versions 0-1, flexible 1+.
#[derive(Clone, Debug, PartialEq)]
pub struct BeginQuorumEpochRequest {
    /// `ClusterId`: versions 0+, null 0+, default null.
    pub cluster_id: Option<Str>,
    /// `VoterId`: versions 1+, brokerId, default -1, ignorable.
    pub voter_id: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
    /// `LeaderEndpoints`: versions 1+, ignorable.
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Default for BeginQuorumEpochRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new(), leader_endpoints: Vec::new() }
    }
}

impl Message for BeginQuorumEpochRequest {
    const NAME: &'static str = "BeginQuorumEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let cluster_id = r.nullable_str(flexible, "ClusterId")?;
        let voter_id = if v >= 1 { r.i32("VoterId")? } else { -1 };
        let topics = r.array(flexible, 2, "Topics", |r| TopicData::decode(r, v))?;
        let leader_endpoints = if v >= 1 {
            r.array(true, 5, "LeaderEndpoints", |r| LeaderEndpoint::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { cluster_id, voter_id, topics, leader_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.nullable_str(flexible, self.cluster_id.as_ref(), "ClusterId")?;
        if v >= 1 {
            w.i32(self.voter_id);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v >= 1 {
            w.array(true, &self.leader_endpoints, "LeaderEndpoints", |w, it| it.encode(w, v))?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for BeginQuorumEpochRequest {
    const KEY: ApiKey = ApiKey::BeginQuorumEpoch;
    type Response = super::BeginQuorumEpochResponse;
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let topic_name = r.str(flexible, "TopicName")?;
        let partitions = r.array(flexible, 12, "Partitions", |r| PartitionData::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.str(flexible, &self.topic_name, "TopicName")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `VoterDirectoryId`: versions 1+, ignorable.
    pub voter_directory_id: Uuid,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let partition_index = r.i32("PartitionIndex")?;
        let voter_directory_id = if v >= 1 { r.uuid("VoterDirectoryId")? } else { Uuid::ZERO };
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, voter_directory_id, leader_id, leader_epoch })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.i32(self.partition_index);
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        }
        w.run::<8>().with(self.leader_id).with(self.leader_epoch);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`BeginQuorumEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaderEndpoint {
    /// `Name`: versions 1+.
    pub name: Str,
    /// `Host`: versions 1+.
    pub host: Str,
    /// `Port`: versions 1+.
    pub port: u16,
}

impl LeaderEndpoint {
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
