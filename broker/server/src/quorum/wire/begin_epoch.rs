//! BeginQuorumEpoch: a new leader tells that it leads, and where it is.

use broker_protocol::{
    ErrorCode,
    messages::{
        BeginQuorumEpochRequest as Request, BeginQuorumEpochResponse as Response,
        begin_quorum_epoch_request::{LeaderEndpoint, PartitionData, TopicData},
        begin_quorum_epoch_response::{
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
    (epoch, leader, voter): (LeaderEpoch, BrokerId, VoterKey),
    endpoints: &[VoterEndpoint],
) -> Request {
    let partition = PartitionData {
        partition_index: PARTITION,
        voter_directory_id: voter.directory.uuid(),
        leader_id: leader.get(),
        leader_epoch: epoch.get(),
    };
    let endpoint =
        |at: &VoterEndpoint| LeaderEndpoint { name: at.name.clone(), host: at.host.clone(), port: at.port };
    Request {
        cluster_id: cluster(id),
        voter_id: voter.id.get(),
        topics: vec![TopicData { topic_name: topic(), partitions: vec![partition] }],
        leader_endpoints: endpoints.iter().map(endpoint).collect(),
    }
}

/// What a leader said to `me`, and where it can be reached by `listener`.
pub(crate) fn read_request(
    id: &ClusterId,
    (me, listener): (VoterKey, &str),
    request: &Request,
) -> Result<(Asked, Option<NodeAddress>), Unusable> {
    check_cluster(request.cluster_id.as_ref(), id)?;
    let said = only(
        &request.topics,
        |topic| is_metadata(&topic.topic_name),
        |topic| &topic.partitions,
        |partition| partition.partition_index,
    )?;
    let leader = BrokerId::from_wire(said.leader_id).ok_or(Unusable::Malformed)?;
    // Before KIP-853 it was not said who is meant.
    let voter = if request.voter_id < 0 { me } else { key(request.voter_id, said.voter_directory_id) };
    let own = request.leader_endpoints.iter().find(|at| at.name.as_str() == listener);
    let address = own.or(request.leader_endpoints.first()).map(|at| NodeAddress {
        node: leader,
        host: at.host.detached(),
        port: at.port,
    });
    Ok((Asked::BeginQuorumEpoch { epoch: epoch(said.leader_epoch)?, leader, voter }, address))
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
    answer(said.error_code, said.leader_id, said.leader_epoch, || Outcome::BeginQuorumEpoch)
}
