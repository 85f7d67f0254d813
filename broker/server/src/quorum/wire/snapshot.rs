//! FetchSnapshot: a snapshot, part by part.

use broker_protocol::{
    ErrorCode, Records,
    messages::{
        FetchSnapshotRequest as Request, FetchSnapshotResponse as Response,
        fetch_snapshot_request::{PartitionSnapshot, SnapshotId as WireSnapshotId, TopicSnapshot},
        fetch_snapshot_response::{
            LeaderIdAndEpoch, NodeEndpoint, PartitionSnapshot as AnsweredPartition,
            SnapshotId as AnsweredSnapshotId, TopicSnapshot as AnsweredTopic,
        },
    },
};
use broker_raft::{Answer, Outcome, Refusal, Request as Asked, SnapshotId, VoterKey};
use broker_types::{ClusterId, LeaderEpoch};
use bytes::Bytes;

use super::{
    PARTITION, Reply, Unusable, answer, check, check_cluster, cluster, epoch, error_of, is_metadata, key,
    known, leader_id, offset, only, topic,
};

/// What a leader sends to a follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A part, and the size of the whole.
    Chunk { bytes: Bytes, size: u64 },
    /// Anything else.
    Other(Answer),
}

/// What a follower asks.
pub(crate) fn request(
    id: &ClusterId,
    max_bytes: i32,
    (epoch, replica): (LeaderEpoch, VoterKey),
    (snapshot, position): (SnapshotId, u64),
) -> Request {
    let partition = PartitionSnapshot {
        partition: PARTITION,
        current_leader_epoch: epoch.get(),
        snapshot_id: WireSnapshotId { end_offset: snapshot.end.get(), epoch: snapshot.epoch.get() },
        position: i64::try_from(position).unwrap_or(i64::MAX),
        replica_directory_id: replica.directory.uuid(),
    };
    Request {
        cluster_id: cluster(id),
        replica_id: replica.id.get(),
        max_bytes,
        topics: vec![TopicSnapshot { name: topic(), partitions: vec![partition] }],
    }
}

/// What a follower asked, and how much it wants at most.
pub(crate) fn read_request(id: &ClusterId, request: &Request) -> Result<(Asked, u32), Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let asked = only(
        &request.topics,
        |topic| is_metadata(&topic.name),
        |topic| &topic.partitions,
        |partition| partition.partition,
    )?;
    let snapshot =
        SnapshotId { end: offset(asked.snapshot_id.end_offset)?, epoch: epoch(asked.snapshot_id.epoch)? };
    let part = Asked::FetchSnapshot {
        epoch: epoch(asked.current_leader_epoch)?,
        replica: key(request.replica_id, asked.replica_directory_id),
        id: snapshot,
        position: u64::try_from(asked.position)
            .map_err(|_| Unusable::Refused(ErrorCode::PositionOutOfRange))?,
    };
    Ok((part, u32::try_from(request.max_bytes).unwrap_or(0)))
}

/// The answer to a follower.
pub(crate) fn response(reply: &Reply) -> Response {
    let mut partition = AnsweredPartition {
        index: PARTITION,
        error_code: error_of(&reply.answer.outcome).code(),
        current_leader: LeaderIdAndEpoch {
            leader_id: leader_id(&reply.answer),
            leader_epoch: reply.answer.epoch.get(),
        },
        unaligned_records: Some(Records::Bytes(reply.bytes.clone())),
        ..AnsweredPartition::default()
    };
    if let Outcome::SnapshotChunk { id, position } = &reply.answer.outcome {
        partition.snapshot_id = AnsweredSnapshotId { end_offset: id.end.get(), epoch: id.epoch.get() };
        partition.size = i64::try_from(reply.snapshot_bytes).unwrap_or(i64::MAX);
        partition.position = i64::try_from(*position).unwrap_or(i64::MAX);
    }
    let endpoint = |at: &super::NodeAddress| NodeEndpoint {
        node_id: at.node.get(),
        host: at.host.clone(),
        port: at.port,
    };
    Response {
        topics: vec![AnsweredTopic { name: topic(), partitions: vec![partition] }],
        node_endpoints: reply.leader.iter().map(endpoint).collect(),
        ..Response::default()
    }
}

/// The answer to what cannot be used.
pub(crate) fn refused(code: ErrorCode) -> Response {
    Response { error_code: code.code(), ..Response::default() }
}

/// What a leader answered.
pub(crate) fn read_response(mut response: Response) -> Result<Received, Unusable> {
    check(response.error_code)?;
    let [topic] = &mut response.topics[..] else { return Err(Unusable::Malformed) };
    let [said] = &mut topic.partitions[..] else { return Err(Unusable::Malformed) };
    if known(said.error_code) != ErrorCode::None {
        let leader = &said.current_leader;
        let refused = || Outcome::Refused(Refusal::SnapshotNotFound);
        return answer(said.error_code, leader.leader_id, leader.leader_epoch, refused).map(Received::Other);
    }
    let bytes = said.unaligned_records.take().map(Records::into_bytes).unwrap_or_default();
    Ok(Received::Chunk { bytes, size: u64::try_from(said.size).map_err(|_| Unusable::Malformed)? })
}
