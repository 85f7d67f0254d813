// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `CreateTopicsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `CreateTopicsRequest`, key 19, versions 2-7, flexible 5+.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsRequest {
    /// `Topics`: versions 0+.
    pub topics: Vec<CreatableTopic>,
    /// `timeoutMs`: versions 0+, default 60000.
    pub timeout_ms: i32,
    /// `validateOnly`: versions 1+.
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self { topics: Vec::new(), timeout_ms: 60000, validate_only: false }
    }
}

impl Message for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopicsRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=7;
    const FLEXIBLE_SINCE: Option<i16> = Some(5);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        let topics = r.array(flexible, 9, "Topics", |r| CreatableTopic::decode(r, v))?;
        let timeout_ms = r.i32("timeoutMs")?;
        let validate_only = r.bool("validateOnly")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topics, timeout_ms, validate_only })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 5;
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.run::<5>().with(self.timeout_ms).with(self.validate_only);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for CreateTopicsRequest {
    const KEY: ApiKey = ApiKey::CreateTopics;
    type Response = super::CreateTopicsResponse;
}

/// Part of [`CreateTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableTopic {
    /// `Name`: versions 0+, topicName.
    pub name: Str,
    /// `NumPartitions`: versions 0+.
    pub num_partitions: i32,
    /// `ReplicationFactor`: versions 0+.
    pub replication_factor: i16,
    /// `Assignments`: versions 0+.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// `Configs`: versions 0+.
    pub configs: Vec<CreatableTopicConfig>,
}

impl CreatableTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let name = r.str(flexible, "Name")?;
        let num_partitions = r.i32("NumPartitions")?;
        let replication_factor = r.i16("ReplicationFactor")?;
        let assignments =
            r.array(flexible, 5, "Assignments", |r| CreatableReplicaAssignment::decode(r, v))?;
        let configs = r.array(flexible, 2, "Configs", |r| CreatableTopicConfig::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, num_partitions, replication_factor, assignments, configs })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.str(flexible, &self.name, "Name")?;
        w.run::<6>().with(self.num_partitions).with(self.replication_factor);
        w.array(flexible, &self.assignments, "Assignments", |w, it| it.encode(w, v))?;
        w.array(flexible, &self.configs, "Configs", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`CreateTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableReplicaAssignment {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `BrokerIds`: versions 0+, brokerId.
    pub broker_ids: Vec<i32>,
}

impl CreatableReplicaAssignment {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let partition_index = r.i32("PartitionIndex")?;
        let broker_ids = r.fixed_array(flexible, "BrokerIds")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition_index, broker_ids })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.i32(self.partition_index);
        w.fixed_array(flexible, &self.broker_ids, "BrokerIds")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`CreateTopicsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfig {
    /// `Name`: versions 0+.
    pub name: Str,
    /// `Value`: versions 0+, null 0+.
    pub value: Option<Str>,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self { name: Str::EMPTY, value: Some(Str::EMPTY) }
    }
}

impl CreatableTopicConfig {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 5;
        let name = r.str(flexible, "Name")?;
        let value = r.nullable_str(flexible, "Value")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { name, value })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 5;
        w.str(flexible, &self.name, "Name")?;
        w.nullable_str(flexible, self.value.as_ref(), "Value")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
