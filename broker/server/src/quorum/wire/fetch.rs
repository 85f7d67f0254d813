//! Fetch of the metadata log: what comes after a follower's end, where logs part, or which snapshot to take instead.

use broker_protocol::{
    ErrorCode, Records,
    messages::{
        FetchRequest as Request, FetchResponse as Response,
        fetch_request::{FetchPartition, FetchTopic, ReplicaState},
        fetch_response::{
            EpochEndOffset, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
            SnapshotId as WireSnapshotId,
        },
    },
};
use broker_raft::{Answer, FetchRequest, Outcome, SnapshotId};
use broker_types::{BrokerId, ClusterId, LeaderEpoch, Offset, Uuid};
use bytes::Bytes;

use super::{
    PARTITION, Reply, Unusable, answer, check, check_cluster, cluster, epoch, error_of, is_metadata, key,
    known, leader_id, metadata_topic_id, offset, only, topic,
};

/// Since this version topics are named by id (KIP-516).
const TOPIC_IDS_SINCE: i16 = 13;
/// What stands for a high watermark that is not said (KIP-1166).
const UNSAID: i64 = i64::MAX;

/// How much is asked for, and how long a leader may keep the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) max_wait_ms: i32,
    pub(crate) max_bytes: i32,
}

/// What a leader sends to a follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Records, or none.
    Records { epoch: LeaderEpoch, leader: BrokerId, bytes: Bytes, high_watermark: Option<Offset> },
    /// Anything else.
    Other(Answer),
}

/// What a follower asks.
pub(crate) fn request(id: &ClusterId, terms: Terms, fetch: &FetchRequest) -> Request {
    let partition = FetchPartition {
        partition: PARTITION,
        current_leader_epoch: fetch.epoch.get(),
        fetch_offset: fetch.offset.get(),
        last_fetched_epoch: fetch.last_epoch.get(),
        log_start_offset: -1,
        partition_max_bytes: terms.max_bytes,
        replica_directory_id: fetch.replica.directory.uuid(),
        high_watermark: fetch.high_watermark.map_or(UNSAID, Offset::get),
    };
    let replica = fetch.replica.id.get();
    Request {
        cluster_id: cluster(id),
        // Since version 15 it is in the replica's state; the quorum's members all speak that.
        replica_state: ReplicaState { replica_id: replica, replica_epoch: -1 },
        max_wait_ms: terms.max_wait_ms,
        min_bytes: 0,
        max_bytes: terms.max_bytes,
        topics: vec![FetchTopic {
            topic: topic(),
            topic_id: metadata_topic_id().uuid(),
            partitions: vec![partition],
        }],
        ..Request::default()
    }
}

fn is_asked(asked: &FetchTopic, version: i16) -> bool {
    if version >= TOPIC_IDS_SINCE {
        asked.topic_id == metadata_topic_id().uuid()
    } else {
        is_metadata(&asked.topic)
    }
}

/// What a follower asked, in `version`, and how much it wants at most.
pub(crate) fn read_request(
    id: &ClusterId,
    request: &Request,
    version: i16,
) -> Result<(FetchRequest, u32), Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let asked = only(
        &request.topics,
        |asked| is_asked(asked, version),
        |asked| &asked.partitions,
        |partition| partition.partition,
    )?;
    let replica = if version >= 15 { request.replica_state.replica_id } else { request.replica_id };
    let max_bytes = request.max_bytes.min(asked.partition_max_bytes);
    let fetch = FetchRequest {
        epoch: epoch(asked.current_leader_epoch)?,
        replica: key(replica, asked.replica_directory_id),
        offset: offset(asked.fetch_offset)?,
        last_epoch: epoch(asked.last_fetched_epoch)?,
        high_watermark: Some(asked.high_watermark).filter(|said| *said != UNSAID).and_then(Offset::from_wire),
    };
    Ok((fetch, u32::try_from(max_bytes).unwrap_or(0)))
}

/// The answer to a follower.
pub(crate) fn response(reply: &Reply) -> Response {
    let mut partition = PartitionData {
        partition_index: PARTITION,
        error_code: error_of(&reply.answer.outcome).code(),
        high_watermark: -1,
        log_start_offset: reply.log_start.get(),
        current_leader: LeaderIdAndEpoch {
            leader_id: leader_id(&reply.answer),
            leader_epoch: reply.answer.epoch.get(),
        },
        aborted_transactions: Some(Vec::new()),
        records: Some(Records::Bytes(reply.bytes.clone())),
        ..PartitionData::default()
    };
    match &reply.answer.outcome {
        Outcome::Records { high_watermark, .. } => {
            partition.high_watermark = high_watermark.map_or(-1, Offset::get);
        }
        Outcome::Diverging { epoch, end } => {
            partition.diverging_epoch = EpochEndOffset { epoch: epoch.get(), end_offset: end.get() };
        }
        Outcome::Snapshot(id) => {
            partition.snapshot_id = WireSnapshotId { end_offset: id.end.get(), epoch: id.epoch.get() };
        }
        _ => {}
    }
    let endpoint = |at: &super::NodeAddress| NodeEndpoint {
        node_id: at.node.get(),
        host: at.host.clone(),
        port: i32::from(at.port),
        rack: None,
    };
    let topic = FetchableTopicResponse {
        topic: topic(),
        topic_id: metadata_topic_id().uuid(),
        partitions: vec![partition],
    };
    Response {
        responses: vec![topic],
        node_endpoints: reply.leader.iter().map(endpoint).collect(),
        ..Response::default()
    }
}

/// The answer to what cannot be used.
pub(crate) fn refused(code: ErrorCode) -> Response {
    Response { error_code: code.code(), ..Response::default() }
}

/// What a leader, or whoever was asked, answered.
pub(crate) fn read_response(response: Response) -> Result<Received, Unusable> {
    check(response.error_code)?;
    let mut topics = response.responses;
    let mut said = match (topics.pop(), topics.is_empty()) {
        (Some(mut topic), true) if is_metadata(&topic.topic) || is_metadata_id(topic.topic_id) => {
            match (topic.partitions.pop(), topic.partitions.is_empty()) {
                (Some(partition), true) if partition.partition_index == PARTITION => partition,
                _ => return Err(Unusable::Malformed),
            }
        }
        _ => return Err(Unusable::Malformed),
    };
    let leader = said.current_leader.leader_id;
    let leader_epoch = said.current_leader.leader_epoch;
    let other =
        |outcome: Outcome| answer(said.error_code, leader, leader_epoch, || outcome).map(Received::Other);
    if said.diverging_epoch.epoch >= 0 && known(said.error_code) == ErrorCode::None {
        let (epoch, end) = (epoch(said.diverging_epoch.epoch)?, offset(said.diverging_epoch.end_offset)?);
        return other(Outcome::Diverging { epoch, end });
    }
    if said.snapshot_id.end_offset >= 0 && known(said.error_code) == ErrorCode::None {
        let id =
            SnapshotId { end: offset(said.snapshot_id.end_offset)?, epoch: epoch(said.snapshot_id.epoch)? };
        return other(Outcome::Snapshot(id));
    }
    if known(said.error_code) != ErrorCode::None {
        return other(Outcome::Refused(broker_raft::Refusal::NotLeader));
    }
    Ok(Received::Records {
        epoch: epoch(leader_epoch)?,
        leader: BrokerId::from_wire(leader).ok_or(Unusable::Malformed)?,
        bytes: said.records.take().map(Records::into_bytes).unwrap_or_default(),
        high_watermark: Offset::from_wire(said.high_watermark),
    })
}

fn is_metadata_id(id: Uuid) -> bool {
    id == metadata_topic_id().uuid()
}
