//! OffsetDelete: a group forgets offsets of topics that it does not consume (KIP-496).

use std::sync::Arc;

use broker_group::{ByTopic, OffsetDelete, OffsetResult, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        OffsetDeleteRequest, OffsetDeleteResponse,
        offset_delete_request::OffsetDeleteRequestTopic,
        offset_delete_response::{OffsetDeleteResponsePartition, OffsetDeleteResponseTopic},
    },
};
use broker_types::{PartitionId, TopicName};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let refused = |error: ErrorCode| OffsetDeleteResponse { error_code: error.code(), ..Default::default() };
    if !broker.authorizer().allows(context, Operation::Delete, Resource::Group(&request.group_id)) {
        return refused(ErrorCode::GroupAuthorizationFailed);
    }
    let (mut topics, mut asked) = (Vec::with_capacity(request.topics.len()), Vec::new());
    for topic in &request.topics {
        let (unknown, known) = look_at(broker, context, topic);
        topics.extend(unknown);
        asked.extend(known);
    }
    let delete = OffsetDelete { group: groups::group_id(&request.group_id), topics: asked };
    let response = broker.ask_group(&request.group_id, Request::OffsetDelete(delete)).await;
    let deleted = match answer!(response, OffsetDelete) {
        Ok(Ok(deleted)) => deleted,
        Ok(Err(error)) => return refused(error.code()),
        Err(failure) => return refused(failure.code()),
    };
    for one in deleted {
        merge(&mut topics, &one);
    }
    OffsetDeleteResponse { topics, ..Default::default() }
}

/// What is refused of a topic without asking the coordinator, and what the coordinator is asked; Kafka names no topic
/// without partitions.
fn look_at(
    broker: &Broker,
    context: &RequestContext,
    topic: &OffsetDeleteRequestTopic,
) -> (Option<OffsetDeleteResponseTopic>, Option<ByTopic<PartitionId>>) {
    let image = broker.image();
    let is_allowed = broker.authorizer().allows(context, Operation::Read, Resource::Topic(&topic.name));
    let known = image.topics().find(&topic.name);
    let (mut exist, mut refused) = (Vec::new(), Vec::new());
    for partition in &topic.partitions {
        let index = PartitionId::new(partition.partition_index);
        let error = match (is_allowed, known.is_some_and(|topic| topic.partition(index).is_some())) {
            (true, true) => {
                exist.push(index);
                continue;
            }
            (true, false) => ErrorCode::UnknownTopicOrPartition,
            (false, _) => ErrorCode::TopicAuthorizationFailed,
        };
        refused.push(answered(index, error));
    }
    let refused = (!refused.is_empty())
        .then(|| OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: refused });
    let topic = (!exist.is_empty()).then(|| TopicName::new(&topic.name));
    (refused, topic.map(|topic| ByTopic { topic, id: None, partitions: exist }))
}

/// Adds what the coordinator says of a topic, behind what was refused of it: Kafka's order.
fn merge(topics: &mut Vec<OffsetDeleteResponseTopic>, deleted: &ByTopic<OffsetResult>) {
    let name = deleted.topic.as_str();
    let at = topics.iter().position(|topic| topic.name.as_str() == name).unwrap_or_else(|| {
        topics.push(OffsetDeleteResponseTopic { name: Str::from(name), partitions: Vec::new() });
        topics.len() - 1
    });
    topics[at].partitions.extend(deleted.partitions.iter().map(|one| {
        answered(one.partition, one.result.as_ref().err().map_or(ErrorCode::None, |error| error.code()))
    }));
}

fn answered(partition: PartitionId, error: ErrorCode) -> OffsetDeleteResponsePartition {
    OffsetDeleteResponsePartition { partition_index: partition.get(), error_code: error.code() }
}
