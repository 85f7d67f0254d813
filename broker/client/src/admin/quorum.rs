//! The metadata quorum: who leads, how far the others are, and who votes (KIP-595, KIP-853).

use std::collections::BTreeMap;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        add_raft_voter_request::{AddRaftVoterRequest, Listener},
        describe_quorum_request::{DescribeQuorumRequest, PartitionData, TopicData},
        describe_quorum_response::ReplicaState as WireReplica,
        remove_raft_voter_request::RemoveRaftVoterRequest,
    },
};
use broker_types::{BrokerId, DirectoryId, LeaderEpoch, Offset, Timestamp, Uuid};

use super::{CHANGE_TIMEOUT, millis};
use crate::{client::Client, error::ClientError};

/// The topic of the metadata log.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// The quorum as its leader knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumInfo {
    /// Who leads.
    pub leader: BrokerId,
    /// The epoch of its leadership.
    pub epoch: LeaderEpoch,
    /// Up to where the log is committed; `None` while the leader does not know.
    pub high_watermark: Option<Offset>,
    /// Who votes.
    pub voters: Vec<QuorumReplica>,
    /// Who follows without a vote.
    pub observers: Vec<QuorumReplica>,
    /// Where nodes are, as `LISTENER://host:port`, by id.
    pub endpoints: BTreeMap<BrokerId, Vec<String>>,
}

/// How far a node has the metadata log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuorumReplica {
    /// The node.
    pub id: BrokerId,
    /// The directory that has the log, when it is known.
    pub directory: Uuid,
    /// The end of its log; `None` when it never fetched.
    pub log_end: Option<Offset>,
    /// When it last fetched.
    pub last_fetch: Option<Timestamp>,
    /// When it last had all that the leader has.
    pub last_caught_up: Option<Timestamp>,
}

/// Where a voter listens for controllers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterEndpoint {
    /// The listener's name.
    pub listener: String,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
}

fn replica(replica: &WireReplica) -> QuorumReplica {
    QuorumReplica {
        id: BrokerId::new(replica.replica_id),
        directory: replica.replica_directory_id,
        log_end: Offset::from_wire(replica.log_end_offset),
        last_fetch: Timestamp::from_wire(replica.last_fetch_timestamp),
        last_caught_up: Timestamp::from_wire(replica.last_caught_up_timestamp),
    }
}

impl Client {
    /// The quorum as its leader knows it.
    ///
    /// # Errors
    /// The cluster's; when it has no leader too.
    pub async fn describe_quorum(&mut self) -> Result<QuorumInfo, ClientError> {
        let partitions = vec![PartitionData { partition_index: 0 }];
        let topic = TopicData { topic_name: Str::from(METADATA_TOPIC), partitions };
        let response = self.controller(&DescribeQuorumRequest { topics: vec![topic] }).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())?;
        let Some(partition) = response.topics.first().and_then(|topic| topic.partitions.first()) else {
            return Err(ClientError::Broker { code: ErrorCode::UnknownServerError, message: None });
        };
        ClientError::check(partition.error_code, partition.error_message.as_deref())?;
        let endpoints = response.nodes.iter().map(|node| {
            let listeners = node.listeners.iter();
            let shown = listeners
                .map(|listener| format!("{}://{}:{}", listener.name, listener.host, listener.port))
                .collect();
            (BrokerId::new(node.node_id), shown)
        });
        Ok(QuorumInfo {
            leader: BrokerId::new(partition.leader_id),
            epoch: LeaderEpoch::new(partition.leader_epoch),
            high_watermark: Offset::from_wire(partition.high_watermark),
            voters: partition.current_voters.iter().map(replica).collect(),
            observers: partition.observers.iter().map(replica).collect(),
            endpoints: endpoints.collect(),
        })
    }

    /// Gives a controller a vote, and returns once that is committed.
    ///
    /// # Errors
    /// The quorum's: it votes already, is not there, or another change is under way.
    pub async fn add_voter(
        &mut self,
        id: BrokerId,
        directory: DirectoryId,
        endpoints: &[VoterEndpoint],
    ) -> Result<(), ClientError> {
        let listener = |endpoint: &VoterEndpoint| Listener {
            name: Str::from(endpoint.listener.as_str()),
            host: Str::from(endpoint.host.as_str()),
            port: endpoint.port,
        };
        let request = AddRaftVoterRequest {
            cluster_id: None,
            timeout_ms: millis(CHANGE_TIMEOUT),
            voter_id: id.get(),
            voter_directory_id: directory.uuid(),
            listeners: endpoints.iter().map(listener).collect(),
            ack_when_committed: true,
        };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())
    }

    /// Takes a controller's vote.
    ///
    /// # Errors
    /// The quorum's: it does not vote, or another change is under way.
    pub async fn remove_voter(&mut self, id: BrokerId, directory: Uuid) -> Result<(), ClientError> {
        let request =
            RemoveRaftVoterRequest { cluster_id: None, voter_id: id.get(), voter_directory_id: directory };
        let response = self.controller(&request).await?;
        ClientError::check(response.error_code, response.error_message.as_deref())
    }
}
