//! DescribeQuorum: how the metadata quorum stands (KIP-595, KIP-836, KIP-853).

use std::sync::Arc;

use broker_log::METADATA_TOPIC;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeQuorumRequest, DescribeQuorumResponse,
        describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData},
    },
};
use broker_raft::Voter;
use broker_types::BrokerId;

use crate::{
    broker::Broker,
    context::RequestContext,
    quorum::{METADATA_PARTITION, QuorumDescription},
};

/// Since this version voters come with directory ids, and nodes with their listeners (KIP-853).
const DYNAMIC_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    let asks_for_metadata = matches!(&request.topics[..], [topic]
        if topic.topic_name.as_str() == METADATA_TOPIC
            && matches!(&topic.partitions[..], [partition] if partition.partition_index == METADATA_PARTITION.get()));
    if !asks_for_metadata {
        return refused(&request, ErrorCode::UnknownTopicOrPartition);
    }
    let Some(quorum) = broker.quorum().describe().await else {
        return refused(&request, ErrorCode::NotLeaderOrFollower);
    };
    if quorum.state.leader != Some(broker.id()) {
        return refused(&request, ErrorCode::NotLeaderOrFollower);
    }
    let partition = PartitionData {
        partition_index: METADATA_PARTITION.get(),
        leader_id: quorum.state.leader.map_or(-1, BrokerId::get),
        leader_epoch: quorum.state.epoch.get(),
        high_watermark: quorum.committed.get(),
        current_voters: quorum
            .voters
            .iter()
            .map(|voter| replica(&quorum, voter, context.api_version))
            .collect(),
        ..PartitionData::default()
    };
    DescribeQuorumResponse {
        topics: vec![TopicData { topic_name: Str::from(METADATA_TOPIC), partitions: vec![partition] }],
        nodes: if context.api_version >= DYNAMIC_SINCE {
            quorum.voters.iter().map(node).collect()
        } else {
            Vec::new()
        },
        ..DescribeQuorumResponse::default()
    }
}

fn replica(quorum: &QuorumDescription, voter: &Voter, version: i16) -> ReplicaState {
    ReplicaState {
        replica_id: voter.key.id.get(),
        replica_directory_id: if version >= DYNAMIC_SINCE {
            voter.key.directory.uuid()
        } else {
            broker_types::Uuid::ZERO
        },
        log_end_offset: quorum.end.get(),
        // The leader is always caught up with itself.
        last_fetch_timestamp: quorum.now.as_millis(),
        last_caught_up_timestamp: quorum.now.as_millis(),
    }
}

fn node(voter: &Voter) -> Node {
    let listener = |endpoint: &broker_raft::VoterEndpoint| Listener {
        name: endpoint.name.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    };
    Node { node_id: voter.key.id.get(), listeners: voter.endpoints.iter().map(listener).collect() }
}

fn refused(request: &DescribeQuorumRequest, error: ErrorCode) -> DescribeQuorumResponse {
    let topics = request.topics.iter().map(|topic| TopicData {
        topic_name: topic.topic_name.clone(),
        partitions: topic
            .partitions
            .iter()
            .map(|partition| PartitionData {
                partition_index: partition.partition_index,
                error_code: error.code(),
                ..PartitionData::default()
            })
            .collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..DescribeQuorumResponse::default() }
}
