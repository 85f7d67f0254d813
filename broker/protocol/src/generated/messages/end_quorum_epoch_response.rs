// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `EndQuorumEpochResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `EndQuorumEpochResponse`, key 54, versions 0-1, flexible 1+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndQuorumEpochResponse {
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
    /// `NodeEndpoints`: versions 1+, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for EndQuorumEpochResponse {
    const NAME: &'static str = "EndQuorumEpochResponse";
    const VERSIONS: RangeInclusive<i16> = 0..=1;
    const FLEXIBLE_SINCE: Option<i16> = Some(1);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        let error_code = r.i16("ErrorCode")?;
        let topics = r.array(flexible, 2, "Topics", |r| TopicData::decode(r, v))?;
        let mut node_endpoints = Vec::new();
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => {
                        node_endpoints = r.array(true, 8, "NodeEndpoints", |r| NodeEndpoint::decode(r, v))?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self { error_code, topics, node_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 1;
        w.i16(self.error_code);
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v < 1 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::not_in_version("NodeEndpoints", v));
        }
        if flexible {
            let has_node_endpoints = !self.node_endpoints.is_empty();
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
}

/// Part of [`EndQuorumEpochResponse`].
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
        let partitions = r.array(flexible, 14, "Partitions", |r| PartitionData::decode(r, v))?;
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

/// Part of [`EndQuorumEpochResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `LeaderId`: versions 0+, brokerId.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 1;
        let partition_index = r.i32("PartitionIndex")?;
        let error_code = r.i16("ErrorCode")?;
        let leader_id = r.i32("LeaderId")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, error_code, leader_id, leader_epoch })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 1;
        w.run::<14>()
            .with(self.partition_index)
            .with(self.error_code)
            .with(self.leader_id)
            .with(self.leader_epoch);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`EndQuorumEpochResponse`].
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
