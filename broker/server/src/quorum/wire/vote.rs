//! Vote: asking for votes, and whether they would be given.

use broker_protocol::{
    ErrorCode,
    messages::{
        VoteRequest as Request, VoteResponse as Response,
        vote_request::{PartitionData, TopicData},
        vote_response::{NodeEndpoint, PartitionData as AnsweredPartition, TopicData as AnsweredTopic},
    },
};
use broker_raft::{Answer, Outcome, VoteRequest};
use broker_types::{ClusterId, Uuid};

use super::{
    PARTITION, Reply, Unusable, answer, check, check_cluster, cluster, epoch, error_of, is_metadata, key,
    leader_id, offset, only, topic,
};

/// What a candidate asks.
pub(crate) fn request(id: &ClusterId, vote: &VoteRequest) -> Request {
    let partition = PartitionData {
        partition_index: PARTITION,
        replica_epoch: vote.epoch.get(),
        replica_id: vote.candidate.id.get(),
        replica_directory_id: vote.candidate.directory.uuid(),
        voter_directory_id: vote.voter.map_or(Uuid::ZERO, |voter| voter.directory.uuid()),
        last_offset_epoch: vote.last_epoch.get(),
        last_offset: vote.end.get(),
        pre_vote: vote.is_pre_vote,
    };
    Request {
        cluster_id: cluster(id),
        voter_id: vote.voter.map_or(-1, |voter| voter.id.get()),
        topics: vec![TopicData { topic_name: topic(), partitions: vec![partition] }],
    }
}

/// What a candidate asked.
pub(crate) fn read_request(id: &ClusterId, request: &Request) -> Result<VoteRequest, Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let asked = only(
        &request.topics,
        |topic| is_metadata(&topic.topic_name),
        |topic| &topic.partitions,
        |partition| partition.partition_index,
    )?;
    // Before KIP-853 a voter was not named by its directory.
    let says_voter = request.voter_id >= 0 && !asked.voter_directory_id.is_zero();
    Ok(VoteRequest {
        epoch: epoch(asked.replica_epoch)?,
        candidate: key(asked.replica_id, asked.replica_directory_id),
        voter: says_voter.then(|| key(request.voter_id, asked.voter_directory_id)),
        last_epoch: epoch(asked.last_offset_epoch)?,
        end: offset(asked.last_offset)?,
        is_pre_vote: asked.pre_vote,
    })
}

/// The answer to a candidate.
pub(crate) fn response(reply: &Reply) -> Response {
    let partition = AnsweredPartition {
        partition_index: PARTITION,
        error_code: error_of(&reply.answer.outcome).code(),
        leader_id: leader_id(&reply.answer),
        leader_epoch: reply.answer.epoch.get(),
        vote_granted: reply.answer.outcome == Outcome::Vote { is_granted: true },
    };
    let endpoint = |at: &super::NodeAddress| NodeEndpoint {
        node_id: at.node.get(),
        host: at.host.clone(),
        port: at.port,
    };
    Response {
        error_code: 0,
        topics: vec![AnsweredTopic { topic_name: topic(), partitions: vec![partition] }],
        node_endpoints: reply.leader.iter().map(endpoint).collect(),
    }
}

/// The answer to what cannot be used.
pub(crate) fn refused(code: ErrorCode) -> Response {
    Response { error_code: code.code(), ..Response::default() }
}

/// What a voter answered.
pub(crate) fn read_response(response: &Response) -> Result<Answer, Unusable> {
    check(response.error_code)?;
    let said = only(
        &response.topics,
        |topic| is_metadata(&topic.topic_name),
        |topic| &topic.partitions,
        |partition| partition.partition_index,
    )?;
    let is_granted = said.vote_granted;
    answer(said.error_code, said.leader_id, said.leader_epoch, || Outcome::Vote { is_granted })
}
