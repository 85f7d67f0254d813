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
use broker_raft::{ReplicaStatus, Voter};
use broker_types::{Offset, Timestamp};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, quorum::METADATA_PARTITION};

/// Since this version voters come with directory ids, and nodes with their listeners (KIP-853).
const DYNAMIC_SINCE: i16 = 2;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    if let Err(code) = broker.authorizer().on_cluster(context, Operation::Describe) {
        return DescribeQuorumResponse {
            error_code: code.code(),
            error_message: Some(Str::from(code.message())),
            ..DescribeQuorumResponse::default()
        };
    }
    let asks_for_metadata = matches!(&request.topics[..], [topic]
        if topic.topic_name.as_str() == METADATA_TOPIC
            && matches!(&topic.partitions[..], [partition] if partition.partition_index == METADATA_PARTITION.get()));
    if !asks_for_metadata {
        return refused(&request, ErrorCode::UnknownTopicOrPartition);
    }
    let Some(quorum) = broker.quorum().describe().await else {
        return refused(&request, ErrorCode::NotLeaderOrFollower);
    };
    let replicas = |all: &[ReplicaStatus]| all.iter().map(|one| replica(one, context.api_version)).collect();
    let partition = PartitionData {
        partition_index: METADATA_PARTITION.get(),
        leader_id: quorum.leader.get(),
        leader_epoch: quorum.epoch.get(),
        high_watermark: quorum.high_watermark.map_or(-1, Offset::get),
        current_voters: replicas(&quorum.voters),
        observers: replicas(&quorum.observers),
        ..PartitionData::default()
    };
    DescribeQuorumResponse {
        topics: vec![TopicData { topic_name: Str::from(METADATA_TOPIC), partitions: vec![partition] }],
        nodes: if context.api_version >= DYNAMIC_SINCE {
            quorum.voter_set.iter().map(node).collect()
        } else {
            Vec::new()
        },
        ..DescribeQuorumResponse::default()
    }
}

fn replica(status: &ReplicaStatus, version: i16) -> ReplicaState {
    let millis = |time: Option<Timestamp>| time.map_or(-1, Timestamp::as_millis);
    ReplicaState {
        replica_id: status.key.id.get(),
        replica_directory_id: if version >= DYNAMIC_SINCE {
            status.key.directory.uuid()
        } else {
            broker_types::Uuid::ZERO
        },
        log_end_offset: status.log_end.map_or(-1, Offset::get),
        last_fetch_timestamp: millis(status.last_fetch),
        last_caught_up_timestamp: millis(status.last_caught_up),
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
                error_message: Some(Str::from(error.message())),
                ..PartitionData::default()
            })
            .collect(),
    });
    DescribeQuorumResponse { topics: topics.collect(), ..DescribeQuorumResponse::default() }
}
