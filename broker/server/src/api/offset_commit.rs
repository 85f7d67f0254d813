//! OffsetCommit: how far a group has read.

use std::{sync::Arc, time::Duration};

use broker_group::{
    ByTopic, CommitDialect, CommitPartition, Generation, OffsetCommit, OffsetResult, Request,
};
use broker_metadata::Image;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        OffsetCommitRequest, OffsetCommitResponse,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        offset_commit_response::{OffsetCommitResponsePartition, OffsetCommitResponseTopic},
    },
};
use broker_types::{LeaderEpoch, PartitionId, TopicId, TopicName};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    coordinators::CoordinatorError,
    groups::{self, answer},
};

/// Since this version members of KIP-848 groups commit with their epochs.
const EPOCHS_SINCE: i16 = 9;
/// Since this version topics are named by id.
const TOPIC_IDS_SINCE: i16 = 10;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    if !broker.authorizer().allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return all_refused(&request, ErrorCode::GroupAuthorizationFailed);
    }
    let by_id = context.api_version >= TOPIC_IDS_SINCE;
    let mut known = Vec::new();
    let mut answered = Vec::new();
    {
        let image = broker.image();
        for topic in &request.topics {
            let sorted = sort(broker, context, &image, topic, by_id);
            answered.extend(sorted.refused);
            known.extend(sorted.known);
        }
    }
    if known.is_empty() {
        return OffsetCommitResponse { topics: answered, ..Default::default() };
    }
    let commit = OffsetCommit {
        group: groups::group_id(&request.group_id),
        member: groups::member_id(&request.member_id),
        instance: groups::instance_id(request.group_instance_id.as_ref()),
        generation: Generation::from_wire(request.generation_id_or_member_epoch),
        retention: u64::try_from(request.retention_time_ms).ok().map(Duration::from_millis),
        dialect: if context.api_version >= EPOCHS_SINCE {
            CommitDialect::Epochs
        } else {
            CommitDialect::Generations
        },
        topics: known,
    };
    let response = broker.ask_group(&request.group_id, Request::OffsetCommit(commit)).await;
    if matches!(response, Err(CoordinatorError::TooLarge)) {
        return all_refused(&request, ErrorCode::InvalidCommitOffsetSize);
    }
    match answer!(response, OffsetCommit) {
        Ok(Ok(committed)) => committed.into_iter().for_each(|topic| merge(&mut answered, topic, by_id)),
        Ok(Err(error)) => return all_refused(&request, error.code()),
        Err(failure) => return all_refused(&request, failure.code()),
    }
    OffsetCommitResponse { topics: answered, ..Default::default() }
}

/// A topic's partitions, by whether the coordinator is asked.
struct Sorted {
    refused: Option<OffsetCommitResponseTopic>,
    known: Option<ByTopic<CommitPartition>>,
}

fn sort(
    broker: &Broker,
    context: &RequestContext,
    image: &Image,
    topic: &OffsetCommitRequestTopic,
    by_id: bool,
) -> Sorted {
    let found = match by_id {
        true => TopicId::from_wire(topic.topic_id).and_then(|id| image.topics().get(id)),
        false => image.topics().find(&topic.name),
    };
    let name = found.map_or(topic.name.as_str(), |found| found.name().as_str());
    let is_allowed = broker.authorizer().allows(context, Operation::Read, Resource::Topic(name));
    let refuse_all = |error| Sorted { refused: Some(refused(topic, &topic.partitions, error)), known: None };
    let Some(found) = found else {
        return refuse_all(match (by_id, is_allowed) {
            (true, _) => ErrorCode::UnknownTopicId,
            (false, false) => ErrorCode::TopicAuthorizationFailed,
            (false, true) => ErrorCode::UnknownTopicOrPartition,
        });
    };
    if !is_allowed {
        return refuse_all(ErrorCode::TopicAuthorizationFailed);
    }
    let is_there = |one: &&OffsetCommitRequestPartition| {
        found.partition(PartitionId::new(one.partition_index)).is_some()
    };
    let (there, missing): (Vec<_>, Vec<_>) = topic.partitions.iter().partition(is_there);
    let missing: Vec<_> = missing.into_iter().cloned().collect();
    let partitions: Vec<_> = there.into_iter().map(translate).collect();
    Sorted {
        refused: (!missing.is_empty()).then(|| refused(topic, &missing, ErrorCode::UnknownTopicOrPartition)),
        // The record of an offset says which topic of that name it was, however the client has named it.
        known: (!partitions.is_empty()).then(|| ByTopic {
            topic: found.name().clone(),
            id: Some(found.id()),
            partitions,
        }),
    }
}

fn translate(partition: &OffsetCommitRequestPartition) -> CommitPartition {
    CommitPartition {
        partition: PartitionId::new(partition.partition_index),
        offset: partition.committed_offset,
        leader_epoch: LeaderEpoch::from_wire(partition.committed_leader_epoch),
        metadata: partition.committed_metadata.as_ref().map_or(Str::EMPTY, Str::detached),
    }
}

fn refused(
    topic: &OffsetCommitRequestTopic,
    partitions: &[OffsetCommitRequestPartition],
    error: ErrorCode,
) -> OffsetCommitResponseTopic {
    let refused = |one: &OffsetCommitRequestPartition| OffsetCommitResponsePartition {
        partition_index: one.partition_index,
        error_code: error.code(),
    };
    OffsetCommitResponseTopic {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.iter().map(refused).collect(),
    }
}

fn all_refused(request: &OffsetCommitRequest, error: ErrorCode) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| refused(topic, &topic.partitions, error));
    OffsetCommitResponse { topics: topics.collect(), ..Default::default() }
}

/// Adds what the coordinator says to what is said already of the same topic.
fn merge(answered: &mut Vec<OffsetCommitResponseTopic>, topic: ByTopic<OffsetResult>, by_id: bool) {
    let partitions = topic.partitions.into_iter().map(|one| OffsetCommitResponsePartition {
        partition_index: one.partition.get(),
        error_code: one.result.err().map_or(0, |error| error.code().code()),
    });
    let id = topic.id.map(TopicId::uuid).unwrap_or_default();
    let is_same = |known: &&mut OffsetCommitResponseTopic| match by_id {
        true => known.topic_id == id,
        false => known.name == topic.topic.as_str(),
    };
    match answered.iter_mut().find(is_same) {
        Some(known) => known.partitions.extend(partitions),
        None => answered.push(OffsetCommitResponseTopic {
            name: name_on_the_wire(&topic.topic),
            topic_id: id,
            partitions: partitions.collect(),
        }),
    }
}

fn name_on_the_wire(name: &TopicName) -> Str {
    Str::from(name.as_str())
}
