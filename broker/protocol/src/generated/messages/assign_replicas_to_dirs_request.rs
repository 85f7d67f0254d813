// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `AssignReplicasToDirsRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request};

/// `AssignReplicasToDirsRequest`, key 73, versions 0, flexible 0+.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignReplicasToDirsRequest {
    /// `BrokerId`: versions 0+, brokerId.
    pub broker_id: i32,
    /// `BrokerEpoch`: versions 0+, default -1.
    pub broker_epoch: i64,
    /// `Directories`: versions 0+.
    pub directories: Vec<DirectoryData>,
}

impl Default for AssignReplicasToDirsRequest {
    fn default() -> Self {
        Self { broker_id: 0, broker_epoch: -1, directories: Vec::new() }
    }
}

impl Message for AssignReplicasToDirsRequest {
    const NAME: &'static str = "AssignReplicasToDirsRequest";
    const VERSIONS: RangeInclusive<i16> = 0..=0;
    const FLEXIBLE_SINCE: Option<i16> = Some(0);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let broker_id = r.i32("BrokerId")?;
        let broker_epoch = r.i64("BrokerEpoch")?;
        let directories = r.array(true, 18, "Directories", |r| DirectoryData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { broker_id, broker_epoch, directories })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        w.run::<12>().with(self.broker_id).with(self.broker_epoch);
        w.array(true, &self.directories, "Directories", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

impl Request for AssignReplicasToDirsRequest {
    const KEY: ApiKey = ApiKey::AssignReplicasToDirs;
    type Response = super::AssignReplicasToDirsResponse;
}

/// Part of [`AssignReplicasToDirsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DirectoryData {
    /// `Id`: versions 0+.
    pub id: Uuid,
    /// `Topics`: versions 0+.
    pub topics: Vec<TopicData>,
}

impl DirectoryData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let id = r.uuid("Id")?;
        let topics = r.array(true, 18, "Topics", |r| TopicData::decode(r, v))?;
        r.no_tags()?;
        Ok(Self { id, topics })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        w.uuid(self.id);
        w.array(true, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`AssignReplicasToDirsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicData {
    /// `TopicId`: versions 0+.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<PartitionData>,
}

impl TopicData {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let topic_id = r.uuid("TopicId")?;
        let partitions = r.array(true, 5, "Partitions", |r| PartitionData::decode(r, v))?;
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

/// Part of [`AssignReplicasToDirsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionData {
    /// `PartitionIndex`: versions 0+.
    pub partition_index: i32,
}

impl PartitionData {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let partition_index = r.i32("PartitionIndex")?;
        r.no_tags()?;
        Ok(Self { partition_index })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.uvarint(0);
        Ok(())
    }
}
