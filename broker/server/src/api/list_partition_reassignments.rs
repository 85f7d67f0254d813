//! ListPartitionReassignments: the partitions that are on the move, as the image has them (KIP-455).

use std::sync::Arc;

use broker_metadata::Topic;
use broker_protocol::{
    Str,
    messages::{
        ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
        list_partition_reassignments_response::{OngoingPartitionReassignment, OngoingTopicReassignment},
    },
};

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, view};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    if let Err(code) = broker.authorizer().on_cluster(context, Operation::Describe) {
        return ListPartitionReassignmentsResponse {
            error_code: code.code(),
            error_message: Some(Str::from(code.message())),
            ..ListPartitionReassignmentsResponse::default()
        };
    }
    let image = broker.image();
    let topics = match &request.topics {
        None => image.topics().by_id().values().filter_map(|topic| ongoing(topic, None)).collect(),
        Some(wanted) => wanted
            .iter()
            .filter_map(|wanted| Some((image.topics().find(&wanted.name)?, &wanted.partition_indexes)))
            .filter_map(|(topic, indexes)| ongoing(topic, Some(indexes)))
            .collect(),
    };
    ListPartitionReassignmentsResponse {
        topics,
        error_message: None,
        ..ListPartitionReassignmentsResponse::default()
    }
}

fn ongoing(topic: &Topic, only: Option<&Vec<i32>>) -> Option<OngoingTopicReassignment> {
    let partitions: Vec<_> = view::partitions(topic)
        .filter(|(index, partition)| {
            partition.is_reassigning() && only.is_none_or(|only| only.contains(&index.get()))
        })
        .map(|(index, partition)| OngoingPartitionReassignment {
            partition_index: index.get(),
            replicas: view::raw(&partition.replicas),
            adding_replicas: view::raw(&partition.adding),
            removing_replicas: view::raw(&partition.removing),
        })
        .collect();
    (!partitions.is_empty())
        .then(|| OngoingTopicReassignment { name: Str::from(topic.name().as_str()), partitions })
}
