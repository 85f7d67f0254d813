// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EndQuorumEpochRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `EndQuorumEpochRequest`, key 54, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndQuorumEpochRequest {
    /// `ClusterId`: versions 0+, null 0+, default null.
    pub cluster_id: Option<Str>,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
    /// `LeaderEndpoints`: versions 1+, ignorable.
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

impl Message for EndQuorumEpochRequest {
    const NAME: &'static str = "EndQuorumEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let cluster_id = r.nullable_str(flexible, "ClusterId")?;
        let topics = r.array(flexible, 2, "Topics", |r| TopicData::decode(r, v))?;
        let leader_endpoints = if v >= 1 {
            r.array(true, 5, "LeaderEndpoints", |r| LeaderEndpoint::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { cluster_id, topics, leader_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.nullable_str(flexible, self.cluster_id.as_ref(), "ClusterId")?;
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

impl Request for EndQuorumEpochRequest {
    const KEY: ApiKey = ApiKey::EndQuorumEpoch;
    type Response = super::EndQuorumEpochResponse;
}

/// Part of [`EndQuorumEpochRequest`].
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

/// Part of [`EndQuorumEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
    /// `PreferredSuccessors`: versions 0, ignorable.
    pub preferred_successors: Vec<i32>,
    /// `PreferredCandidates`: versions 1+, ignorable.
    pub preferred_candidates: Vec<ReplicaInfo>,
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let partition_index = r.i32("PartitionIndex")?;
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        let preferred_successors =
            if v <= 0 { r.fixed_array(false, "PreferredSuccessors")? } else { Vec::new() };
        let preferred_candidates = if v >= 1 {
            r.array(true, 21, "PreferredCandidates", |r| ReplicaInfo::decode(r, v))?
        } else {
            Vec::new()
        };
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, leader_id, leader_epoch, preferred_successors, preferred_candidates })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.run::<12>().with(self.partition_index).with(self.leader_id).with(self.leader_epoch);
        if v <= 0 {
            w.fixed_array(false, &self.preferred_successors, "PreferredSuccessors")?;
        }
        if v >= 1 {
            w.array(true, &self.preferred_candidates, "PreferredCandidates", |w, it| it.encode(w, v))?;
        }
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`EndQuorumEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicaInfo {
    /// `CandidateId`: versions 1+, brokerId.
    pub candidate_id: i32,
    /// `CandidateDirectoryId`: versions 1+.
    pub candidate_directory_id: Uuid,
}

impl ReplicaInfo {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let candidate_id = r.i32("CandidateId")?;
        let candidate_directory_id = r.uuid("CandidateDirectoryId")?;
        r.no_tags()?;
        Ok(Self { candidate_id, candidate_directory_id })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<20>().with(self.candidate_id).with(self.candidate_directory_id);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`EndQuorumEpochRequest`].
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
