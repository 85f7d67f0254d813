//! EndQuorumEpoch: a leader tells that it leads no longer, and who should.

use broker_protocol::{
    ErrorCode,
    messages::{
        EndQuorumEpochRequest as Request, EndQuorumEpochResponse as Response,
        end_quorum_epoch_request::{LeaderEndpoint, PartitionData, ReplicaInfo, TopicData},
        end_quorum_epoch_response::{
            NodeEndpoint, PartitionData as AnsweredPartition, TopicData as AnsweredTopic,
        },
    },
};
use broker_raft::{Answer, Outcome, Request as Asked, VoterEndpoint, VoterKey};
use broker_types::{BrokerId, ClusterId, LeaderEpoch};

use super::{
    NodeAddress, PARTITION, Reply, Unusable, answer, check, check_cluster, cluster, epoch, error_of,
    is_metadata, key, leader_id, only, topic,
};

/// What a leader that is reached at `endpoints` says.
pub(crate) fn request(
    id: &ClusterId,
    (epoch, leader): (LeaderEpoch, BrokerId),
    successors: &[VoterKey],
    endpoints: &[VoterEndpoint],
) -> Request {
    let candidate = |key: &VoterKey| ReplicaInfo {
        candidate_id: key.id.get(),
        candidate_directory_id: key.directory.uuid(),
    };
    let partition = PartitionData {
        partition_index: PARTITION,
        leader_id: leader.get(),
        leader_epoch: epoch.get(),
        preferred_successors: successors.iter().map(|key| key.id.get()).collect(),
        preferred_candidates: successors.iter().map(candidate).collect(),
    };
    let endpoint =
        |at: &VoterEndpoint| LeaderEndpoint { name: at.name.clone(), host: at.host.clone(), port: at.port };
    Request {
        cluster_id: cluster(id),
        topics: vec![TopicData { topic_name: topic(), partitions: vec![partition] }],
        leader_endpoints: endpoints.iter().map(endpoint).collect(),
    }
}

/// What a leader said to `me`. Successors that come without a directory, as before KIP-853, are whoever has the id.
pub(crate) fn read_request(id: &ClusterId, me: VoterKey, request: &Request) -> Result<Asked, Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let said = only(
        &request.topics,
        |topic| is_metadata(&topic.topic_name),
        |topic| &topic.partitions,
        |partition| partition.partition_index,
    )?;
    let leader = BrokerId::from_wire(said.leader_id).ok_or(Unusable::Malformed)?;
    let successors = if said.preferred_candidates.is_empty() {
        let by_id = |id: &i32| key(*id, me.directory.uuid());
        said.preferred_successors.iter().map(by_id).collect()
    } else {
        let candidate = |info: &ReplicaInfo| key(info.candidate_id, info.candidate_directory_id);
        said.preferred_candidates.iter().map(candidate).collect()
    };
    Ok(Asked::EndQuorumEpoch { epoch: epoch(said.leader_epoch)?, leader, successors })
}

/// The answer to a leader.
pub(crate) fn response(reply: &Reply) -> Response {
    let partition = AnsweredPartition {
        partition_index: PARTITION,
        error_code: error_of(&reply.answer.outcome).code(),
        leader_id: leader_id(&reply.answer),
        leader_epoch: reply.answer.epoch.get(),
    };
    let endpoint =
        |at: &NodeAddress| NodeEndpoint { node_id: at.node.get(), host: at.host.clone(), port: at.port };
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
    answer(said.error_code, said.leader_id, said.leader_epoch, || Outcome::EndQuorumEpoch)
}
