// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `VoteRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `VoteRequest`, key 52, versions 0-2, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct VoteRequest {
    /// `ClusterId`: versions 0+, null 0+, default null.
    pub cluster_id: Option<Str>,
    /// `VoterId`: versions 1+, brokerId, default -1, ignorable.
    pub voter_id: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
}

impl Default for VoteRequest {
    fn default() -> Self {
        Self { cluster_id: None, voter_id: -1, topics: Vec::new() }
    }
}

impl Message for VoteRequest {
    const NAME: &'static str = "VoteRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=2;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let cluster_id = r.nullable_str(true, "ClusterId")?;
        let voter_id = if v >= 1 { r.i32("VoterId")? } else { -1 };
        let topics = r.array(true, 3, "Topics", |r| TopicData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { cluster_id, voter_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
        if v >= 1 {
            w.i32(self.voter_id);
        }
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for VoteRequest {
    const KEY: ApiKey = ApiKey::Vote;
    type Response = super::VoteResponse;
}

/// Part of [`VoteRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `TopicName`: versions 0+, topicName.
    pub topic_name: Str,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_name = r.str(true, "TopicName")?;
        let partitions = r.array(true, 25, "Partitions", |r| PartitionData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_name, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.str(true, &self.topic_name, "TopicName")?;
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`VoteRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
    /// `ReplicaEpoch`: versions 0+.
    pub replica_epoch: i32,
    /// `ReplicaId`: versions 0+, brokerId.
    pub replica_id: i32,
    /// `ReplicaDirectoryId`: versions 1+, ignorable.
    pub replica_directory_id: Uuid,
    /// `VoterDirectoryId`: versions 1+, ignorable.
    pub voter_directory_id: Uuid,
    /// `LastOffsetEpoch`: versions 0+.
    pub last_offset_epoch: i32,
    /// `LastOffset`: versions 0+.
    pub last_offset: i64,
    /// `PreVote`: versions 2+.
    pub pre_vote: bool,
}

impl PartitionData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        let replica_epoch = r.i32("ReplicaEpoch")?;
        let replica_id = r.i32("ReplicaId")?;
        let replica_directory_id = if v >= 1 { r.uuid("ReplicaDirectoryId")? } else { Uuid::ZERO };
        let voter_directory_id = if v >= 1 { r.uuid("VoterDirectoryId")? } else { Uuid::ZERO };
        let last_offset_epoch = r.i32("LastOffsetEpoch")?;
        let last_offset = r.i64("LastOffset")?;
        let pre_vote = if v >= 2 { r.bool("PreVote")? } else { false };
        r.no_tags()?;
        Ok(Self {
            partition_index,
            replica_epoch,
            replica_id,
            replica_directory_id,
            voter_directory_id,
            last_offset_epoch,
            last_offset,
            pre_vote,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.partition_index).with(self.replica_epoch).with(self.replica_id);
        if v >= 1 {
            w.uuid(self.replica_directory_id);
        }
        if v >= 1 {
            w.uuid(self.voter_directory_id);
        }
        w.run::<12>().with(self.last_offset_epoch).with(self.last_offset);
        if v >= 2 {
            w.bool(self.pre_vote);
        } else if self.pre_vote {
            return Err(EncodeError::not_in_version("PreVote", v));
        }
        w.uvarint(0);
        Ok(())
    }
}
