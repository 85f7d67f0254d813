//! ConsumerGroupHeartbeat: a member of a KIP-848 group joins, lives, says what it owns, and leaves.

use std::{sync::Arc, time::Duration};

use broker_group::{ConsumerAssignment, ConsumerHeartbeat, OwnedPartitions, Request};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse,
        consumer_group_heartbeat_request::TopicPartitions as OwnedTopic,
        consumer_group_heartbeat_response::{Assignment, TopicPartitions},
    },
};
use broker_types::{PartitionId, TopicId, TopicName};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    features,
    groups::{self, Failure, answer},
};

/// Since this version members draw their own ids (KIP-1082), and may ask for topics by pattern.
const DRAWS_MEMBER_ID_SINCE: i16 = 1;
/// The rebalance timeout of a member that does not say it again.
const UNCHANGED: i32 = -1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let allows = |operation, on| broker.authorizer().allows(context, operation, on);
    if !features::has_consumer_groups(&broker.image()) {
        return refused(ErrorCode::UnsupportedVersion, None);
    }
    if !allows(Operation::Read, Resource::Group(&request.group_id)) {
        return refused(ErrorCode::GroupAuthorizationFailed, None);
    }
    let mut names = request.subscribed_topic_names.iter().flatten();
    if !names.all(|name| allows(Operation::Describe, Resource::Topic(name))) {
        return refused(ErrorCode::TopicAuthorizationFailed, None);
    }
    let group = request.group_id.clone();
    let response = broker.ask_group(&group, Request::ConsumerHeartbeat(translate(context, request))).await;
    match answer!(response, ConsumerHeartbeat) {
        Ok(Ok(assigned)) => assigned_response(assigned),
        Ok(Err(error)) | Err(Failure::Refused(error)) => refused(error.code(), Some(error.to_string())),
        Err(Failure::Unanswered(code)) => refused(code, None),
    }
}

fn translate(context: &RequestContext, request: ConsumerGroupHeartbeatRequest) -> ConsumerHeartbeat {
    let timeout = Some(request.rebalance_timeout_ms).filter(|timeout| *timeout != UNCHANGED);
    let owned = |topic: OwnedTopic| OwnedPartitions {
        topic: TopicId::new(topic.topic_id),
        partitions: topic.partitions.into_iter().map(PartitionId::new).collect(),
    };
    ConsumerHeartbeat {
        group: groups::group_id(&request.group_id),
        member: groups::member_id(&request.member_id),
        epoch: request.member_epoch,
        instance: groups::instance_id(request.instance_id.as_ref()),
        rack: request.rack_id.as_ref().map(Str::detached),
        rebalance_timeout: timeout.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0))),
        topics: request
            .subscribed_topic_names
            .map(|names| names.iter().map(|name| TopicName::new(name)).collect()),
        regex: request.subscribed_topic_regex.as_ref().map(Str::detached),
        assignor: request.server_assignor.as_ref().map(Str::detached),
        owned: request.topic_partitions.map(|topics| topics.into_iter().map(owned).collect()),
        client: groups::client(context),
        reader: groups::reader(context),
        draws_member_id: context.api_version >= DRAWS_MEMBER_ID_SINCE,
    }
}

fn assigned_response(assigned: ConsumerAssignment) -> ConsumerGroupHeartbeatResponse {
    let topic = |owned: OwnedPartitions| TopicPartitions {
        topic_id: owned.topic.uuid(),
        partitions: owned.partitions.into_iter().map(PartitionId::get).collect(),
    };
    ConsumerGroupHeartbeatResponse {
        member_id: Some(assigned.member.to_str()),
        member_epoch: assigned.epoch,
        heartbeat_interval_ms: i32::try_from(assigned.heartbeat_interval.as_millis()).unwrap_or(i32::MAX),
        assignment: assigned
            .assignment
            .map(|topics| Assignment { topic_partitions: topics.into_iter().map(topic).collect() }),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

fn refused(error: ErrorCode, why: Option<String>) -> ConsumerGroupHeartbeatResponse {
    ConsumerGroupHeartbeatResponse {
        error_code: error.code(),
        error_message: why.map(Str::from),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}
