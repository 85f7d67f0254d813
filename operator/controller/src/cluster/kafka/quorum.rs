//! The quorum of controllers: how it stands, and changes of who votes (KIP-595, KIP-853).

use broker_client::{Client, ClientError};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        AddRaftVoterRequest, DescribeQuorumRequest, RemoveRaftVoterRequest,
        add_raft_voter_request::Listener,
        describe_quorum_request::{PartitionData, TopicData},
        describe_quorum_response::ReplicaState,
    },
};
use broker_types::{BrokerId, Uuid};
use kube::ResourceExt as _;
use operator_api::KafkaCluster;
use operator_plan::{
    kafka::{QuorumState, Replica},
    plan::{ControllerEndpoint, VoterKey},
};

use super::connect;
use crate::{context::Context, error::ReconcileError};

/// The metadata log, as DescribeQuorum calls it.
const METADATA_TOPIC: &str = "__cluster_metadata";
/// How long a controller may take to catch up for its vote, in milliseconds: it had when it was chosen, and the operator
/// has other clusters to look after.
const CATCH_UP_MS: i32 = 3_000;

/// How the quorum stands.
pub(super) async fn describe(client: &mut Client) -> Result<QuorumState, ClientError> {
    let partitions = vec![PartitionData { partition_index: 0 }];
    let topics = vec![TopicData { topic_name: Str::from(METADATA_TOPIC), partitions }];
    let response = client.any(&DescribeQuorumRequest { topics }).await?;
    ClientError::check(response.error_code, response.error_message.as_deref())?;
    let Some(partition) = response.topics.first().and_then(|topic| topic.partitions.first()) else {
        return Ok(QuorumState::default());
    };
    ClientError::check(partition.error_code, partition.error_message.as_deref())?;
    Ok(QuorumState {
        leader: BrokerId::from_wire(partition.leader_id).map(|id| id.get()),
        voters: partition.current_voters.iter().map(replica).collect(),
        observers: partition.observers.iter().map(replica).collect(),
    })
}

fn replica(state: &ReplicaState) -> (i32, Replica) {
    let known = |millis: i64| (millis >= 0).then_some(millis);
    let replica = Replica {
        directory: state.replica_directory_id.to_string(),
        last_fetch: known(state.last_fetch_timestamp),
        last_caught_up: known(state.last_caught_up_timestamp),
    };
    (state.replica_id, replica)
}

/// Gives a controller a vote.
pub(in crate::cluster) async fn add_voter(
    context: &Context,
    cluster: &KafkaCluster,
    voter: &VoterKey,
    at: &ControllerEndpoint,
) -> Result<(), ReconcileError> {
    let listener = Listener { name: Str::from(&*at.listener), host: Str::from(&*at.host), port: at.port };
    let request = AddRaftVoterRequest {
        cluster_id: Some(Str::from(&*voter.cluster_id)),
        timeout_ms: CATCH_UP_MS,
        voter_id: voter.id,
        voter_directory_id: directory(voter)?,
        listeners: vec![listener],
        ack_when_committed: true,
    };
    let added = async {
        let response = connect(context, cluster).await?.any(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())
    };
    looked_at_again(cluster, voter, added.await).map_err(ReconcileError::kafka("giving a controller a vote"))
}

/// Takes a controller's vote.
pub(in crate::cluster) async fn remove_voter(
    context: &Context,
    cluster: &KafkaCluster,
    voter: &VoterKey,
) -> Result<(), ReconcileError> {
    let request = RemoveRaftVoterRequest {
        cluster_id: Some(Str::from(&*voter.cluster_id)),
        voter_id: voter.id,
        voter_directory_id: directory(voter)?,
    };
    let removed = async {
        let response = connect(context, cluster).await?.any(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())
    };
    looked_at_again(cluster, voter, removed.await)
        .map_err(ReconcileError::kafka("taking a controller's vote"))
}

fn directory(voter: &VoterKey) -> Result<Uuid, ReconcileError> {
    voter.directory.parse().map_err(|_| ReconcileError::Directory(voter.directory.clone()))
}

/// The quorum moves on while it is asked: what it says at the next look decides, and is no fault of the cluster.
fn looked_at_again(
    cluster: &KafkaCluster,
    voter: &VoterKey,
    result: Result<(), ClientError>,
) -> Result<(), ClientError> {
    let passes = [
        ErrorCode::RequestTimedOut,
        ErrorCode::DuplicateVoter,
        ErrorCode::VoterNotFound,
        ErrorCode::NotLeaderOrFollower,
    ];
    match result {
        Err(error) if error.code().is_some_and(|code| passes.contains(&code)) => {
            tracing::info!(cluster = cluster.name_any(), controller = voter.id, %error, "its vote is looked at again");
            Ok(())
        }
        result => result,
    }
}
