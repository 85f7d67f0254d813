//! OffsetForLeaderEpoch: where an epoch ends, for clients that check whether their log was truncated (KIP-320).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{
        OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
        offset_for_leader_epoch_request::OffsetForLeaderPartition,
        offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult},
    },
};
use broker_types::{LeaderEpoch, PartitionId};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
    partition::Partition,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let is_replica = broker.authorizer().sees(context, Operation::ClusterAction, Resource::Cluster);
    let topic = |topic: broker_protocol::messages::offset_for_leader_epoch_request::OffsetForLeaderTopic| {
        let is_allowed = is_replica
            || broker.authorizer().allows(context, Operation::Describe, Resource::Topic(&topic.topic));
        let found = broker.partitions().topic(&topic.topic);
        let partitions = topic.partitions.iter().map(|asked| {
            let partition =
                found.as_ref().and_then(|topic| topic.partition(PartitionId::new(asked.partition)));
            match (is_allowed, partition) {
                (false, _) => failed(asked.partition, ErrorCode::TopicAuthorizationFailed),
                (true, None) => failed(asked.partition, ErrorCode::UnknownTopicOrPartition),
                (true, Some(partition)) => answer(&partition, asked),
            }
        });
        OffsetForLeaderTopicResult { partitions: partitions.collect(), topic: topic.topic }
    };
    OffsetForLeaderEpochResponse {
        topics: request.topics.into_iter().map(topic).collect(),
        ..OffsetForLeaderEpochResponse::default()
    }
}

fn answer(partition: &Partition, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let known_epoch = LeaderEpoch::from_wire(asked.current_leader_epoch);
    let found = partition.bounds(known_epoch).and_then(|bounds| {
        let Some(wanted) = LeaderEpoch::from_wire(asked.leader_epoch) else { return Ok(None) };
        // The present epoch has not ended: its end is the end of what is readable.
        if wanted == bounds.leader_epoch {
            return Ok(Some((wanted, bounds.high_watermark)));
        }
        let end = partition.with_log(known_epoch, |log| log.end_offset_for_epoch(wanted))?;
        Ok(end.map(|end| (end.epoch, end.end)))
    });
    match found {
        Ok(Some((epoch, end))) => EpochEndOffset {
            partition: asked.partition,
            leader_epoch: epoch.get(),
            end_offset: end.get(),
            ..EpochEndOffset::default()
        },
        Ok(None) => failed(asked.partition, ErrorCode::None),
        Err(error) => failed(asked.partition, errors::of_fetch(&error)),
    }
}

fn failed(partition: i32, error: ErrorCode) -> EpochEndOffset {
    EpochEndOffset { error_code: error.code(), partition, leader_epoch: -1, end_offset: -1 }
}
