//! Between the fetcher's machine and the wire: requests to a leader, and what its answers mean.

#[cfg(test)]
mod tests;

use broker_client::{ClientError, Connection};
use broker_node::fetcher::{
    Answer, Answered, EpochEnd, FetchFailure, Key, LogBounds, PartitionFailure, Request, Told,
};
use broker_protocol::{
    ApiKey, ErrorCode,
    messages::{
        FetchRequest, FetchResponse, ListOffsetsRequest,
        fetch_request::{FetchPartition, FetchTopic, ForgottenTopic, ReplicaState},
        fetch_response::PartitionData,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic},
    },
};
use broker_records::batches;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Offset, PartitionId, TopicId};
use bytes::Bytes;

use crate::partition::Partition;

/// Since this version topics are named by id. Kafka 3.1 and later speak it.
const TOPIC_IDS_SINCE: i16 = 13;
/// Since this version a replica has a place of its own in the request, with its registration (KIP-903).
const REPLICA_STATE_SINCE: i16 = 15;
/// ListOffsets' names for the ends of a log.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

/// Who fetches, and with which limits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) me: BrokerId,
    pub(super) epoch: Option<BrokerEpoch>,
    pub(super) wait_max_ms: i32,
    pub(super) bytes_min: i32,
    pub(super) response_bytes_max: i32,
    pub(super) partition_bytes_max: i32,
}

/// Sends one fetch and waits for its answer.
pub(super) async fn fetch(
    connection: &mut Connection,
    caller: Caller,
    request: &Request,
) -> Result<FetchResponse, ClientError> {
    let version = connection.version(ApiKey::Fetch).unwrap_or(0);
    if version < TOPIC_IDS_SINCE {
        let reason = format!("the leader speaks Fetch up to version {version}, {TOPIC_IDS_SINCE} is needed");
        return Err(ClientError::Codec { api: ApiKey::Fetch, reason });
    }
    connection.send_version(&fetch_request(caller, request, version), version).await
}

fn fetch_request(caller: Caller, request: &Request, version: i16) -> FetchRequest {
    let mut topics: Vec<FetchTopic> = Vec::new();
    for (key, wanted, high_watermark) in &request.partitions {
        // A topic comes again where the order of the partitions wants it.
        if topics.last().is_none_or(|last| last.topic_id != key.topic.uuid()) {
            topics.push(FetchTopic { topic_id: key.topic.uuid(), ..FetchTopic::default() });
        }
        let partition = FetchPartition {
            partition: key.partition.get(),
            current_leader_epoch: wanted.epoch.get(),
            fetch_offset: wanted.offset.get(),
            last_fetched_epoch: wanted.last_epoch.map_or(-1, LeaderEpoch::get),
            log_start_offset: wanted.log_start.get(),
            partition_max_bytes: caller.partition_bytes_max,
            high_watermark: high_watermark.get(),
            ..FetchPartition::default()
        };
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(partition);
        }
    }
    let mut forgotten: Vec<ForgottenTopic> = Vec::new();
    for key in &request.forgotten {
        if forgotten.last().is_none_or(|last| last.topic_id != key.topic.uuid()) {
            forgotten.push(ForgottenTopic { topic_id: key.topic.uuid(), ..ForgottenTopic::default() });
        }
        if let Some(topic) = forgotten.last_mut() {
            topic.partitions.push(key.partition.get());
        }
    }
    let me = caller.me.get();
    let has_state = version >= REPLICA_STATE_SINCE;
    let replica_epoch = caller.epoch.map_or(-1, BrokerEpoch::get);
    let state =
        if has_state { ReplicaState { replica_id: me, replica_epoch } } else { ReplicaState::default() };
    FetchRequest {
        replica_id: if has_state { -1 } else { me },
        replica_state: state,
        max_wait_ms: caller.wait_max_ms,
        min_bytes: caller.bytes_min,
        max_bytes: caller.response_bytes_max,
        session_id: request.session_id,
        session_epoch: request.session_epoch,
        topics,
        forgotten_topics_data: forgotten,
        ..FetchRequest::default()
    }
}

/// What an answer says, and the records of each of its partitions: whole batches only.
pub(super) fn answer(response: FetchResponse) -> (Answer, Vec<Bytes>) {
    let session = response.session_id;
    let failure = match ErrorCode::from_code(response.error_code) {
        Some(ErrorCode::None) => None,
        Some(ErrorCode::FetchSessionIdNotFound) => Some(FetchFailure::SessionNotFound),
        Some(ErrorCode::InvalidFetchSessionEpoch | ErrorCode::FetchSessionTopicIdError) => {
            Some(FetchFailure::SessionEpoch)
        }
        error => {
            tracing::warn!(code = response.error_code, ?error, "a leader refused a whole fetch");
            Some(FetchFailure::Other)
        }
    };
    if let Some(failure) = failure {
        return (Answer { session, outcome: Err(failure) }, Vec::new());
    }
    let (mut answered, mut records) = (Vec::new(), Vec::new());
    for topic in response.responses {
        let Some(id) = TopicId::from_wire(topic.topic_id) else { continue };
        for mut data in topic.partitions {
            let key = Key { topic: id, partition: PartitionId::new(data.partition_index) };
            let whole = whole_batches(data.records.take().unwrap_or_default().into_bytes());
            answered.push(Answered { partition: key, outcome: outcome(&data, whole.len()) });
            records.push(whole);
        }
    }
    (Answer { session, outcome: Ok(answered) }, records)
}

fn outcome(data: &PartitionData, bytes: usize) -> Result<Told, PartitionFailure> {
    match ErrorCode::from_code(data.error_code) {
        Some(ErrorCode::None) => {}
        Some(ErrorCode::OffsetOutOfRange) => return Err(PartitionFailure::OutOfRange),
        Some(ErrorCode::FencedLeaderEpoch) => return Err(PartitionFailure::FencedEpoch),
        _ => return Err(PartitionFailure::Other),
    }
    let offset = |raw| Offset::from_wire(raw).unwrap_or(Offset::ZERO);
    let diverging = LeaderEpoch::from_wire(data.diverging_epoch.epoch)
        .map(|epoch| EpochEnd { epoch, end: offset(data.diverging_epoch.end_offset) });
    Ok(Told {
        high_watermark: offset(data.high_watermark),
        log_start: offset(data.log_start_offset),
        diverging,
        bytes,
    })
}

/// A leader cuts at its limit of bytes. What is no batch at all stays in, for the log to say so.
fn whole_batches(records: Bytes) -> Bytes {
    let mut walk = batches(&records);
    if walk.by_ref().any(|batch| batch.is_err()) {
        return records;
    }
    let whole = walk.consumed();
    records.slice(..whole)
}

/// Asks for the start and the end of one log.
pub(super) async fn bounds(
    connection: &mut Connection,
    me: BrokerId,
    partition: &Partition,
    epoch: LeaderEpoch,
) -> Option<LogBounds> {
    let mut ends = [Offset::ZERO; 2];
    for (end, timestamp) in ends.iter_mut().zip([EARLIEST, LATEST]) {
        let asked = ListOffsetsPartition {
            partition_index: partition.id().partition.get(),
            current_leader_epoch: epoch.get(),
            timestamp,
        };
        let name = broker_protocol::Str::from(partition.id().topic.as_str());
        let topics = vec![ListOffsetsTopic { name, partitions: vec![asked] }];
        let request = ListOffsetsRequest { replica_id: me.get(), topics, ..ListOffsetsRequest::default() };
        let response = connection.send(&request).await.ok()?;
        let answered = response.topics.first()?.partitions.first()?;
        if answered.error_code != 0 {
            return None;
        }
        *end = Offset::from_wire(answered.offset)?;
    }
    Some(LogBounds { start: ends[0], end: ends[1] })
}
