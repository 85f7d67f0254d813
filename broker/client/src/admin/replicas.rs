//! Reading one replica, whoever leads: for tools that compare them. A request that names itself a debugging
//! consumer is answered by followers too (KIP-113's tools use it).

use broker_protocol::{
    ApiKey, ErrorCode, Str,
    messages::{
        fetch_request::{FetchPartition, FetchRequest, FetchTopic, ReplicaState},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
    },
};
use broker_types::{BrokerId, Offset, PartitionId, TopicId, Uuid};
use bytes::Bytes;

use super::offsets::OffsetSpec;
use crate::{client::Client, error::ClientError};

/// The replica id of a debugging consumer on the wire.
const DEBUGGING_CONSUMER: i32 = -2;
/// Since this version of Fetch a replica's id is told in a place of its own (KIP-903).
const REPLICA_STATE_SINCE: i16 = 15;

/// A piece of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplicaPiece {
    /// Whole batches from the one that has the offset asked for; empty at the end of what may be read.
    pub batches: Bytes,
    /// What the replica knows to be committed.
    pub high_watermark: Option<Offset>,
}

impl Client {
    /// The first offset that the replica of the broker `id` keeps.
    ///
    /// # Errors
    /// The broker's.
    pub async fn replica_start(
        &mut self,
        id: BrokerId,
        topic: &str,
        partition: PartitionId,
    ) -> Result<Offset, ClientError> {
        let asked = ListOffsetsPartition {
            partition_index: partition.get(),
            timestamp: OffsetSpec::Earliest.code(),
            ..ListOffsetsPartition::default()
        };
        let request = ListOffsetsRequest {
            replica_id: DEBUGGING_CONSUMER,
            topics: vec![ListOffsetsTopic { name: Str::from(topic), partitions: vec![asked] }],
            ..ListOffsetsRequest::default()
        };
        let response = self.broker(id, &request).await?;
        let result =
            response.topics.first().and_then(|topic| topic.partitions.first()).ok_or_else(nothing)?;
        ClientError::check(result.error_code, None)?;
        Offset::from_wire(result.offset).ok_or_else(nothing)
    }

    /// What the replica of the broker `id` has from `from` on, at most about `bytes_max`, and what is committed only.
    ///
    /// # Errors
    /// The broker's; `OFFSET_OUT_OF_RANGE` when it has no such offset.
    pub async fn replica_piece(
        &mut self,
        id: BrokerId,
        (topic, topic_id): (&str, Option<TopicId>),
        partition: PartitionId,
        from: Offset,
        bytes_max: i32,
    ) -> Result<ReplicaPiece, ClientError> {
        let asked = FetchPartition {
            partition: partition.get(),
            fetch_offset: from.get(),
            partition_max_bytes: bytes_max,
            ..FetchPartition::default()
        };
        let newest = self.version(ApiKey::Fetch).await?.unwrap_or_default();
        let (mut replica_id, mut replica_state) = (-1, ReplicaState::default());
        match newest >= REPLICA_STATE_SINCE {
            true => replica_state.replica_id = DEBUGGING_CONSUMER,
            false => replica_id = DEBUGGING_CONSUMER,
        }
        let request = FetchRequest {
            replica_id,
            replica_state,
            max_bytes: bytes_max,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: Str::from(topic),
                topic_id: topic_id.map_or(Uuid::ZERO, TopicId::uuid),
                partitions: vec![asked],
            }],
            ..FetchRequest::default()
        };
        let response = self.broker(id, &request).await?;
        ClientError::check(response.error_code, None)?;
        let topics = response.responses.into_iter();
        let data = topics.flat_map(|topic| topic.partitions).next().ok_or_else(nothing)?;
        ClientError::check(data.error_code, None)?;
        Ok(ReplicaPiece {
            batches: data.records.map(broker_protocol::Records::into_bytes).unwrap_or_default(),
            high_watermark: Offset::from_wire(data.high_watermark),
        })
    }
}

fn nothing() -> ClientError {
    ClientError::Broker { code: ErrorCode::UnknownServerError, message: None }
}
