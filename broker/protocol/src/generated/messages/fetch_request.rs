// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! `FetchRequest`.

use alloc::vec::Vec;
use core::ops::RangeInclusive;

use broker_types::Uuid;

use crate::wire::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Reader, Writer};
use crate::{ApiKey, Message, Request, Str};

/// `FetchRequest`, key 1, versions 4-18, flexible 12+.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// `ClusterId`: versions 12+, tag 0, null 12+, default null, ignorable.
    pub cluster_id: Option<Str>,
    /// `ReplicaId`: versions 0-14, brokerId, default -1.
    pub replica_id: i32,
    /// `ReplicaState`: versions 15+, tag 1.
    pub replica_state: ReplicaState,
    /// `MaxWaitMs`: versions 0+.
    pub max_wait_ms: i32,
    /// `MinBytes`: versions 0+.
    pub min_bytes: i32,
    /// `MaxBytes`: versions 3+, default 2147483647, ignorable.
    pub max_bytes: i32,
    /// `IsolationLevel`: versions 4+, ignorable.
    pub isolation_level: i8,
    /// `SessionId`: versions 7+, ignorable.
    pub session_id: i32,
    /// `SessionEpoch`: versions 7+, default -1, ignorable.
    pub session_epoch: i32,
    /// `Topics`: versions 0+.
    pub topics: Vec<FetchTopic>,
    /// `ForgottenTopicsData`: versions 7+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// `RackId`: versions 11+, ignorable.
    pub rack_id: Str,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: ReplicaState::default(),
            max_wait_ms: 0,
            min_bytes: 0,
            max_bytes: i32::MAX,
            isolation_level: 0,
            session_id: 0,
            session_epoch: -1,
            topics: Vec::new(),
            forgotten_topics_data: Vec::new(),
            rack_id: Str::EMPTY,
        }
    }
}

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const VERSIONS: RangeInclusive<i16> = 4..=18;
    const FLEXIBLE_SINCE: Option<i16> = Some(12);

    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(DecodeError::new(Self::NAME, DecodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 12;
        let mut cluster_id = None;
        let replica_id = if v <= 14 { r.i32("ReplicaId")? } else { -1 };
        let mut replica_state = ReplicaState::default();
        let max_wait_ms = r.i32("MaxWaitMs")?;
        let min_bytes = r.i32("MinBytes")?;
        let max_bytes = r.i32("MaxBytes")?;
        let isolation_level = r.i8("IsolationLevel")?;
        let session_id = if v >= 7 { r.i32("SessionId")? } else { 0 };
        let session_epoch = if v >= 7 { r.i32("SessionEpoch")? } else { -1 };
        let topics = r.array(flexible, 1, "Topics", |r| FetchTopic::decode(r, v))?;
        let forgotten_topics_data = if v >= 7 {
            r.array(flexible, 1, "ForgottenTopicsData", |r| ForgottenTopic::decode(r, v))?
        } else {
            Vec::new()
        };
        let rack_id = if v >= 11 { r.str(flexible, "RackId")? } else { Str::EMPTY };
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 => cluster_id = r.nullable_str(true, "ClusterId")?,
                    1 if v >= 15 => replica_state = ReplicaState::decode(r, v)?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            cluster_id,
            replica_id,
            replica_state,
            max_wait_ms,
            min_bytes,
            max_bytes,
            isolation_level,
            session_id,
            session_epoch,
            topics,
            forgotten_topics_data,
            rack_id,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        if !Self::VERSIONS.contains(&v) {
            return Err(EncodeError::new(Self::NAME, EncodeErrorKind::UnsupportedVersion(v)));
        }
        let flexible = v >= 12;
        if v <= 14 {
            w.i32(self.replica_id);
        } else if self.replica_id != -1 {
            return Err(EncodeError::not_in_version("ReplicaId", v));
        }
        if v < 15 && (self.replica_state != ReplicaState::default()) {
            return Err(EncodeError::not_in_version("ReplicaState", v));
        }
        w.run::<13>()
            .with(self.max_wait_ms)
            .with(self.min_bytes)
            .with(self.max_bytes)
            .with(self.isolation_level);
        if v >= 7 {
            w.i32(self.session_id);
        }
        if v >= 7 {
            w.i32(self.session_epoch);
        }
        w.array(flexible, &self.topics, "Topics", |w, it| it.encode(w, v))?;
        if v >= 7 {
            w.array(flexible, &self.forgotten_topics_data, "ForgottenTopicsData", |w, it| it.encode(w, v))?;
        } else if !self.forgotten_topics_data.is_empty() {
            return Err(EncodeError::not_in_version("ForgottenTopicsData", v));
        }
        if v >= 11 {
            w.str(flexible, &self.rack_id, "RackId")?;
        }
        if flexible {
            let has_cluster_id = self.cluster_id.is_some();
            let has_replica_state = v >= 15 && (self.replica_state != ReplicaState::default());
            w.uvarint(u32::from(has_cluster_id) + u32::from(has_replica_state));
            if has_cluster_id {
                w.tag(0, "ClusterId", |w| {
                    w.nullable_str(true, self.cluster_id.as_ref(), "ClusterId")?;
                    Ok(())
                })?;
            }
            if has_replica_state {
                w.tag(1, "ReplicaState", |w| {
                    self.replica_state.encode(w, v)?;
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

impl Request for FetchRequest {
    const KEY: ApiKey = ApiKey::Fetch;
    type Response = super::FetchResponse;
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// `ReplicaId`: versions 15+, brokerId, default -1.
    pub replica_id: i32,
    /// `ReplicaEpoch`: versions 15+, default -1.
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl ReplicaState {
    fn decode(r: &mut Reader, _: i16) -> Result<Self, DecodeError> {
        let replica_id = r.i32("ReplicaId")?;
        let replica_epoch = r.i64("ReplicaEpoch")?;
        r.no_tags()?;
        Ok(Self { replica_id, replica_epoch })
    }

    fn encode(&self, w: &mut Writer, _: i16) -> Result<(), EncodeError> {
        w.run::<12>().with(self.replica_id).with(self.replica_epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    /// `Topic`: versions 0-12, topicName, ignorable.
    pub topic: Str,
    /// `TopicId`: versions 13+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 0+.
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let topic = if v <= 12 { r.str(flexible, "Topic")? } else { Str::EMPTY };
        let topic_id = if v >= 13 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions = r.array(flexible, 16, "Partitions", |r| FetchPartition::decode(r, v))?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        if v <= 12 {
            w.str(flexible, &self.topic, "Topic")?;
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.array(flexible, &self.partitions, "Partitions", |w, it| it.encode(w, v))?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// `Partition`: versions 0+.
    pub partition: i32,
    /// `CurrentLeaderEpoch`: versions 9+, default -1, ignorable.
    pub current_leader_epoch: i32,
    /// `FetchOffset`: versions 0+.
    pub fetch_offset: i64,
    /// `LastFetchedEpoch`: versions 12+, default -1.
    pub last_fetched_epoch: i32,
    /// `LogStartOffset`: versions 5+, default -1, ignorable.
    pub log_start_offset: i64,
    /// `PartitionMaxBytes`: versions 0+.
    pub partition_max_bytes: i32,
    /// `ReplicaDirectoryId`: versions 17+, tag 0, ignorable.
    pub replica_directory_id: Uuid,
    /// `HighWatermark`: versions 18+, tag 1, default 9223372036854775807, ignorable.
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: 0,
            current_leader_epoch: -1,
            fetch_offset: 0,
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: 0,
            replica_directory_id: Uuid::ZERO,
            high_watermark: i64::MAX,
        }
    }
}

impl FetchPartition {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let partition = r.i32("Partition")?;
        let current_leader_epoch = if v >= 9 { r.i32("CurrentLeaderEpoch")? } else { -1 };
        let fetch_offset = r.i64("FetchOffset")?;
        let last_fetched_epoch = if v >= 12 { r.i32("LastFetchedEpoch")? } else { -1 };
        let log_start_offset = if v >= 5 { r.i64("LogStartOffset")? } else { -1 };
        let partition_max_bytes = r.i32("PartitionMaxBytes")?;
        let mut replica_directory_id = Uuid::ZERO;
        let mut high_watermark = i64::MAX;
        if flexible {
            r.tags(|r, tag| {
                match tag {
                    0 if v >= 17 => replica_directory_id = r.uuid("ReplicaDirectoryId")?,
                    1 if v >= 18 => high_watermark = r.i64("HighWatermark")?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(Self {
            partition,
            current_leader_epoch,
            fetch_offset,
            last_fetched_epoch,
            log_start_offset,
            partition_max_bytes,
            replica_directory_id,
            high_watermark,
        })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        w.i32(self.partition);
        if v >= 9 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.fetch_offset);
        if v >= 12 {
            w.i32(self.last_fetched_epoch);
        } else if self.last_fetched_epoch != -1 {
            return Err(EncodeError::not_in_version("LastFetchedEpoch", v));
        }
        if v >= 5 {
            w.i64(self.log_start_offset);
        }
        w.i32(self.partition_max_bytes);
        if flexible {
            let has_replica_directory_id = v >= 17 && (self.replica_directory_id != Uuid::ZERO);
            let has_high_watermark = v >= 18 && (self.high_watermark != i64::MAX);
            w.uvarint(u32::from(has_replica_directory_id) + u32::from(has_high_watermark));
            if has_replica_directory_id {
                w.tag(0, "ReplicaDirectoryId", |w| {
                    w.uuid(self.replica_directory_id);
                    Ok(())
                })?;
            }
            if has_high_watermark {
                w.tag(1, "HighWatermark", |w| {
                    w.i64(self.high_watermark);
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

/// Part of [`FetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    /// `Topic`: versions 7-12, topicName, ignorable.
    pub topic: Str,
    /// `TopicId`: versions 13+, ignorable.
    pub topic_id: Uuid,
    /// `Partitions`: versions 7+.
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    fn decode(r: &mut Reader, v: i16) -> Result<Self, DecodeError> {
        let flexible = v >= 12;
        let topic = if v <= 12 { r.str(flexible, "Topic")? } else { Str::EMPTY };
        let topic_id = if v >= 13 { r.uuid("TopicId")? } else { Uuid::ZERO };
        let partitions = r.fixed_array(flexible, "Partitions")?;
        if flexible {
            r.no_tags()?;
        }
        Ok(Self { topic, topic_id, partitions })
    }

    fn encode(&self, w: &mut Writer, v: i16) -> Result<(), EncodeError> {
        let flexible = v >= 12;
        if v <= 12 {
            w.str(flexible, &self.topic, "Topic")?;
        }
        if v >= 13 {
            w.uuid(self.topic_id);
        }
        w.fixed_array(flexible, &self.partitions, "Partitions")?;
        if flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}
