// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `OffsetForLeaderEpochRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `OffsetForLeaderEpochRequest`, key 23, versions 2-4, flexible 4+.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderEpochRequest {
    /// `ReplicaId`: versions 3+, brokerId, default -2, ignorable.
    pub replica_id: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<OffsetForLeaderTopic>,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self { replica_id: -2, topics: Vec::new() }
    }
}

impl Message for OffsetForLeaderEpochRequest {
    const NAME: &'static str = "OffsetForLeaderEpochRequest";
    const VERSIONS: RangeInclusive<i16> = 2..=4;
    const FLEXIBLE_SINCE: Option<i16> = Some(4);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        let replica_id = if v >= 3 { r.i32("ReplicaId")? } else { -2 };
        let topics = r.array(flexible, 2, "Topics", |r| OffsetForLeaderTopic::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { replica_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 4;
        if v >= 3 {
            w.i32(self.replica_id);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

impl Request for OffsetForLeaderEpochRequest {
    const KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    type Response = super::OffsetForLeaderEpochResponse;
}

/// Part of [`OffsetForLeaderEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetForLeaderTopic {
    /// `Topic`: versions 0+, topicName.
    pub topic: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<OffsetForLeaderPartition>,
}

impl OffsetForLeaderTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let topic = r.str(flexible, "Topic")?;
        let partitions = r.array(flexible, 12, "Partitions", |r| OffsetForLeaderPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.str(flexible, &self.topic, "Topic")?;
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`OffsetForLeaderEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderPartition {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `CurrentLeaderEpoch`: versions 2+, default -1, ignorable.
    pub current_leader_epoch: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self { partition: 0, current_leader_epoch: -1, leader_epoch: 0 }
    }
}

impl OffsetForLeaderPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 4;
        let partition = r.i32("Partition")?;
        let current_leader_epoch = r.i32("CurrentLeaderEpoch")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { partition, current_leader_epoch, leader_epoch })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 4;
        w.run::<12>().with(self.partition).with(self.current_leader_epoch).with(self.leader_epoch);
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
