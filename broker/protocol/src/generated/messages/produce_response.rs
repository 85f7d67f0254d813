// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ProduceResponse`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{Message, Str};

/// `ProduceResponse`, key 0, versions 3-13, flexible 9+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceResponse {
    /// `Responses`: versions 0+.
    pub responses: Vec<TopicProduceResponse>,
    /// `ThrottleTimeMs`: versions 1+, ignorable.
    pub throttle_time_ms: i32,
    /// `NodeEndpoints`: versions 10+, tag 0.
    pub node_endpoints: Vec<NodeEndpoint>,
}

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const VERSIONS: RangeInclusive<i16> = 3..=13;
    const FLEXIBLE_SINCE: Option<i16> = Some(9);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        let responses = r.array(flexible, 1, "Responses", |r| TopicProduceResponse::decode(r, v))?;
        let throttle_time_ms = r.i32("ThrottleTimeMs")?;
        let mut node_endpoints = Vec::new();
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 if v >= 10 => {
                        node_endpoints = r.array(true, 11, "NodeEndpoints", |r| NodeEndpoint::decode(r, v))?
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self { responses, throttle_time_ms, node_endpoints })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 9;
        w.array(flexible, &self.responses, "Responses", |w, it| it.encode(w, v))?;
        w.i32(self.throttle_time_ms);
        if v < 10 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::not_in_version("NodeEndpoints", v));
        }
        if flexible {
            let has_node_endpoints = v >= 10 && !self.node_endpoints.is_empty();
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

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceResponse {
    /// `Name`: versions 0-12, topicName, ignorable.
    pub name: Str,
    /// `TopicId`: versions 13+, ignorable.
    pub topic_id: Uuid,
    /// `PartitionResponses`: versions 0+.
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl TopicProduceResponse {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let name = if v <= 12 { r.str(flexible, "Name")? } else { Str::EMPTY };
        let topic_id = if v >= 13 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partition_responses =
            r.array(flexible, 22, "PartitionResponses", |r| PartitionProduceResponse::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, topic_id, partition_responses })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        if v <= 12 {
            w.str(flexible, &self.name, "Name")?;
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partition_responses, "PartitionResponses", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    /// `Index`: versions 0+.
    pub index: i32,
    /// `ErrorCode`: versions 0+.
    pub error_code: i16,
    /// `BaseOffset`: versions 0+.
    pub base_offset: i64,
    /// `LogAppendTimeMs`: versions 2+, default -1, ignorable.
    pub log_append_time_ms: i64,
    /// `LogStartOffset`: versions 5+, default -1, ignorable.
    pub log_start_offset: i64,
    /// `RecordErrors`: versions 8+, ignorable.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// `ErrorMessage`: versions 8+, null 8+, default null, ignorable.
    pub error_message: Option<Str>,
    /// `CurrentLeader`: versions 10+, tag 0.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: 0,
            error_code: 0,
            base_offset: 0,
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Vec::new(),
            error_message: None,
            current_leader: LeaderIdAndEpoch::default(),
        }
    }
}

impl PartitionProduceResponse {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let index = r.i32("Index")?;
        let error_code = r.i16("ErrorCode")?;
        let base_offset = r.i64("BaseOffset")?;
        let log_append_time_ms = r.i64("LogAppendTimeMs")?;
        let log_start_offset = if v >= 5 { r.i64("LogStartOffset")? } else { -1 };
        let record_errors = if v >= 8 {
            r.array(flexible, 5, "RecordErrors", |r| BatchIndexAndErrorMessage::decode(r, v))?
        } else {
            Vec::new()
        };
        let error_message = if v >= 8 { r.nullable_str(flexible, "ErrorMessage")? } else { None };
        let mut current_leader = LeaderIdAndEpoch::default();
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 if v >= 10 => current_leader = LeaderIdAndEpoch::decode(r, v)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            index,
            error_code,
            base_offset,
            log_append_time_ms,
            log_start_offset,
            record_errors,
            error_message,
            current_leader,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.run::<22>()
            .with(self.index)
            .with(self.error_code)
            .with(self.base_offset)
            .with(self.log_append_time_ms);
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        if v >= 8 {
            w.array(flexible, &self.record_errors, "RecordErrors", |w, it| it.encode(w, v))?;
        }
        if v >= 8 {
            w.nullable_str(flexible, self.error_message.as_ref(), "ErrorMessage")?;
        }
        if v < 10 && (self.current_leader != LeaderIdAndEpoch::default()) {
            return Err(EncodeError::not_in_version("CurrentLeader", v));
        }
        if flexible {
            let has_current_leader = v >= 10 && (self.current_leader != LeaderIdAndEpoch::default());
            w.uvarint(u32::from(has_current_leader));
            if has_current_leader {
                w.tag(0, "CurrentLeader", |w| {
                    self.current_leader.encode(w, v)?;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchIndexAndErrorMessage {
    /// `BatchIndex`: versions 8+.
    pub batch_index: i32,
    /// `BatchIndexErrorMessage`: versions 8+, null 8+, default null.
    pub batch_index_error_message: Option<Str>,
}

impl BatchIndexAndErrorMessage {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 9;
        let batch_index = r.i32("BatchIndex")?;
        let batch_index_error_message = r.nullable_str(flexible, "BatchIndexErrorMessage")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { batch_index, batch_index_error_message })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 9;
        w.i32(self.batch_index);
        w.nullable_str(flexible, self.batch_index_error_message.as_ref(), "BatchIndexErrorMessage")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// `LeaderId`: versions 10+, brokerId, default -1.
    pub leader_id: i32,
    /// `LeaderEpoch`: versions 10+, default -1.
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

/// Part of [`ProduceResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    /// `NodeId`: versions 10+, brokerId.
    pub node_id: i32,
    /// `Host`: versions 10+.
    pub host: Str,
    /// `Port`: versions 10+.
    pub port: i32,
    /// `Rack`: versions 10+, null 10+, default null.
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
