//! DescribeProducers: who writes to a partition (KIP-664).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeProducersRequest, DescribeProducersResponse,
        describe_producers_response::{PartitionResponse, ProducerState, TopicResponse},
    },
};
use broker_types::{PartitionId, TopicName};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    errors,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let is_allowed = broker.authorizer().allows(context, Operation::Read, Resource::Topic(&topic.name));
        let found = broker.partitions().topic(&topic.name);
        let refused = match TopicName::checked(&topic.name) {
            Err(reason) => {
                let message = format!("Topic name is invalid: {reason}");
                Some((ErrorCode::InvalidTopicException, Str::from(message)))
            }
            Ok(_) if !is_allowed => {
                let error = ErrorCode::TopicAuthorizationFailed;
                Some((error, Str::from_static(error.message())))
            }
            Ok(_) if broker.image().topics().find(&topic.name).is_none() => {
                let error = ErrorCode::UnknownTopicOrPartition;
                Some((error, Str::from_static(error.message())))
            }
            Ok(_) => None,
        };
        let partition = |index: i32| {
            if let Some((error, message)) = &refused {
                return PartitionResponse { error_message: Some(message.clone()), ..failed(index, *error) };
            }
            let Some(partition) = found.as_ref().and_then(|topic| topic.partition(PartitionId::new(index)))
            else {
                let unknown = failed(index, ErrorCode::UnknownTopicOrPartition);
                return PartitionResponse { error_message: None, ..unknown };
            };
            match partition.with_log(None, |log| states(log)) {
                Ok(active_producers) => PartitionResponse {
                    partition_index: index,
                    active_producers,
                    ..PartitionResponse::default()
                },
                Err(error) => failed(index, errors::of_fetch(&error)),
            }
        };
        let partitions = topic.partition_indexes.iter().map(|index| partition(*index)).collect();
        topics.push(TopicResponse { name: topic.name, partitions });
    }
    DescribeProducersResponse { topics, ..DescribeProducersResponse::default() }
}

fn states(log: &broker_log::Log) -> Vec<ProducerState> {
    log.producers()
        .map(|(id, entry)| ProducerState {
            producer_id: id.get(),
            producer_epoch: i32::from(entry.epoch.get()),
            last_sequence: entry.last_sequence().map_or(-1, broker_types::Sequence::get),
            last_timestamp: entry.last_timestamp.as_millis(),
            coordinator_epoch: entry.coordinator_epoch,
            current_txn_start_offset: entry.txn_first.map_or(-1, broker_types::Offset::get),
        })
        .collect()
}

fn failed(index: i32, error: ErrorCode) -> PartitionResponse {
    PartitionResponse {
        partition_index: index,
        error_code: error.code(),
        error_message: Some(Str::from_static(error.message())),
        ..PartitionResponse::default()
    }
}
