// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `ReadShareGroupStateRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `ReadShareGroupStateRequest`, key 84, versions 0, flexible 0+.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadShareGroupStateRequest {
    /// `GroupId`: versions 0+.
    pub group_id: Str,
    /// `Topics`: versions 0+.
    pub topics: Vec<ReadStateData>,
}

impl Message for ReadShareGroupStateRequest {
    const NAME: &'static str = "ReadShareGroupStateRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let group_id = r.str(true, "GroupId")?;
        let topics = r.array(true, 18, "Topics", |r| ReadStateData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { group_id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.str(true, &self.group_id, "GroupId")?;
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for ReadShareGroupStateRequest {
    const KEY: ApiKey = ApiKey::ReadShareGroupState;
    type Response = super::ReadShareGroupStateResponse;
}

/// Part of [`ReadShareGroupStateRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadStateData {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl ReadStateData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 9, "Partitions", |r| PartitionData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.array(true, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`ReadShareGroupStateRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `LeaderEpoch`: versions 0+.
    pub leader_epoch: i32,
}

impl PartitionData {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition = r.i32("Partition")?;
        let leader_epoch = r.i32("LeaderEpoch")?;
        r.no_tags()?;
        Ok(Self { partition, leader_epoch })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<8>().with(self.partition).with(self.leader_epoch);
        w.uvarint(0);
        Ok(())
    }
}
