//! OffsetDelete: a group forgets offsets of topics that it does not consume (KIP-496).

use std::{collections::BTreeMap, sync::Arc};

use broker_group::{ByTopic, OffsetDelete, Request};
use broker_protocol::{
    ErrorCode,
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
    let mut asked = Vec::new();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        let (response, exist) = look_at(broker, context, topic);
        topics.push(response);
        asked.extend(exist);
    }
    let delete = OffsetDelete { group: groups::group_id(&request.group_id), topics: asked };
    let response = broker.ask_group(&request.group_id, Request::OffsetDelete(delete)).await;
    let deleted = match answer!(response, OffsetDelete) {
        Ok(Ok(deleted)) => deleted,
        Ok(Err(error)) => return refused(error.code()),
        Err(failure) => return refused(failure.code()),
    };
    let mut codes = BTreeMap::new();
    for topic in deleted {
        for one in topic.partitions {
            let code = one.result.err().map_or(ErrorCode::None, |error| error.code());
            codes.insert((topic.topic.as_str().to_owned(), one.partition.get()), code.code());
        }
    }
    for topic in &mut topics {
        for partition in &mut topic.partitions {
            let at = (topic.name.to_string(), partition.partition_index);
            partition.error_code = codes.get(&at).copied().unwrap_or(partition.error_code);
        }
    }
    OffsetDeleteResponse { topics, ..Default::default() }
}

/// What is said of a topic's partitions if the coordinator says nothing, and what it is asked.
fn look_at(
    broker: &Broker,
    context: &RequestContext,
    topic: &OffsetDeleteRequestTopic,
) -> (OffsetDeleteResponseTopic, Option<ByTopic<PartitionId>>) {
    let image = broker.image();
    let is_allowed = broker.authorizer().allows(context, Operation::Read, Resource::Topic(&topic.name));
    let known = image.topics().find(&topic.name);
    let mut exist = Vec::new();
    let partitions = topic.partitions.iter().map(|partition| {
        let index = PartitionId::new(partition.partition_index);
        let is_there = known.is_some_and(|topic| topic.partition(index).is_some());
        let error = match (is_allowed, is_there) {
            (false, _) => ErrorCode::TopicAuthorizationFailed,
            (true, false) => ErrorCode::UnknownTopicOrPartition,
            (true, true) => {
                exist.push(index);
                ErrorCode::None
            }
        };
        OffsetDeleteResponsePartition { partition_index: index.get(), error_code: error.code() }
    });
    let response = OffsetDeleteResponseTopic { name: topic.name.clone(), partitions: partitions.collect() };
    let asked = (!exist.is_empty()).then(|| TopicName::new(&topic.name));
    (response, asked.map(|topic| ByTopic { topic, id: None, partitions: exist }))
}
