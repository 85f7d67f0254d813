//! OffsetFetch: how far groups have read.

mod wire;

use std::sync::Arc;

use broker_group::{ByTopic, CommittedOffset, FetchedOffset, Generation, MemberId, OffsetFetch, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        OffsetFetchRequest, OffsetFetchResponse,
        offset_fetch_request::OffsetFetchRequestGroup,
        offset_fetch_response::{
            OffsetFetchResponseGroup, OffsetFetchResponsePartitions, OffsetFetchResponseTopics,
        },
    },
};
use broker_types::{LeaderEpoch, PartitionId, TopicId, TopicName};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

/// Since this version several groups are asked at once (KIP-709).
const GROUPS_SINCE: i16 = 8;
/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    if context.api_version < GROUPS_SINCE {
        let (require_stable, asked) = (request.require_stable, wire::single(request));
        let answered = fetch(broker, context, &asked, require_stable).await;
        return wire::single_response(context.api_version, &asked, answered);
    }
    let mut answered = Vec::with_capacity(request.groups.len());
    for group in &request.groups {
        answered.push(fetch(broker, context, group, request.require_stable).await);
    }
    OffsetFetchResponse { groups: answered, ..Default::default() }
}

async fn fetch(
    broker: &Arc<Broker>,
    context: &RequestContext,
    asked: &OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let group = &asked.group_id;
    let refused = |error: ErrorCode| OffsetFetchResponseGroup {
        group_id: group.clone(),
        error_code: error.code(),
        ..Default::default()
    };
    if !broker.authorizer().allows(context, Operation::Describe, Resource::Group(group)) {
        return refused(ErrorCode::GroupAuthorizationFailed);
    }
    let Sorted { known, refused: unknown } = sort(broker, context, asked);
    let request = OffsetFetch {
        group: groups::group_id(group),
        // Somebody without a name is somebody all the same: only who gives none at all is not asked who it is.
        member: asked.member_id.as_ref().map(|id| MemberId::new(id.detached())),
        epoch: Generation::from_wire(asked.member_epoch),
        topics: known,
        require_stable,
    };
    let fetched = match answer!(broker.ask_group(group, Request::OffsetFetch(request)).await, OffsetFetch) {
        Ok(Ok(fetched)) => fetched,
        Ok(Err(error)) => return refused(error.code()),
        // Whoever reads offsets looks for the coordinator anew then, as Kafka makes it.
        Err(failure) if failure.code() == ErrorCode::CoordinatorNotAvailable => {
            return refused(ErrorCode::NotCoordinator);
        }
        Err(failure) => return refused(failure.code()),
    };
    let by_id = context.api_version >= TOPIC_IDS_SINCE;
    let may_see = |topic: &ByTopic<FetchedOffset>| {
        asked.topics.is_some()
            || broker.authorizer().allows(context, Operation::Describe, Resource::Topic(topic.topic.as_str()))
    };
    let image = broker.image();
    let told = fetched.into_iter().filter(may_see).filter_map(|topic| {
        let id =
            topic.id.or_else(|| image.topics().find(topic.topic.as_str()).map(broker_metadata::Topic::id));
        // By id there is no way to tell of a topic that is gone.
        if by_id && id.is_none() {
            return None;
        }
        Some(OffsetFetchResponseTopics {
            name: Str::from(topic.topic.as_str()),
            topic_id: id.map(TopicId::uuid).unwrap_or_default(),
            partitions: topic.partitions.into_iter().map(partition).collect(),
        })
    });
    OffsetFetchResponseGroup { topics: told.chain(unknown).collect(), ..refused(ErrorCode::None) }
}

/// What a group is asked, by whether its coordinator is.
struct Sorted {
    /// `None`: everything.
    known: Option<Vec<ByTopic<PartitionId>>>,
    refused: Vec<OffsetFetchResponseTopics>,
}

fn sort(broker: &Broker, context: &RequestContext, asked: &OffsetFetchRequestGroup) -> Sorted {
    let by_id = context.api_version >= TOPIC_IDS_SINCE;
    let Some(topics) = &asked.topics else { return Sorted { known: None, refused: Vec::new() } };
    let image = broker.image();
    let (mut known, mut refused) = (Vec::new(), Vec::new());
    for topic in topics {
        let id = TopicId::from_wire(topic.topic_id).filter(|_| by_id);
        let name = if by_id {
            id.and_then(|id| image.topics().get(id)).map(|topic| topic.name().clone())
        } else {
            Some(TopicName::new(&topic.name))
        };
        let error = match &name {
            None => Some(ErrorCode::UnknownTopicId),
            Some(name) => {
                let topic = Resource::Topic(name.as_str());
                let is_allowed = broker.authorizer().allows(context, Operation::Describe, topic);
                (!is_allowed).then_some(ErrorCode::TopicAuthorizationFailed)
            }
        };
        match (name, error) {
            (Some(topic_name), None) => known.push(ByTopic {
                topic: topic_name,
                id,
                partitions: topic.partition_indexes.iter().copied().map(PartitionId::new).collect(),
            }),
            (_, error) => {
                let code = error.unwrap_or(ErrorCode::UnknownServerError);
                refused.push(OffsetFetchResponseTopics {
                    name: topic.name.clone(),
                    topic_id: topic.topic_id,
                    partitions: topic.partition_indexes.iter().map(|index| nothing(*index, code)).collect(),
                });
            }
        }
    }
    Sorted { known: Some(known), refused }
}

fn partition(fetched: FetchedOffset) -> OffsetFetchResponsePartitions {
    let index = fetched.partition.get();
    match fetched.result {
        Ok(Some(CommittedOffset { offset, leader_epoch, metadata, .. })) => OffsetFetchResponsePartitions {
            partition_index: index,
            committed_offset: offset,
            committed_leader_epoch: leader_epoch.map_or(-1, LeaderEpoch::get),
            metadata: Some(metadata),
            error_code: 0,
        },
        Ok(None) => nothing(index, ErrorCode::None),
        Err(error) => nothing(index, error.code()),
    }
}

/// No offset.
pub(super) fn nothing(partition_index: i32, error: ErrorCode) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset: -1,
        committed_leader_epoch: -1,
        metadata: Some(Str::EMPTY),
        error_code: error.code(),
    }
}
