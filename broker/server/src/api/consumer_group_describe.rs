//! ConsumerGroupDescribe: KIP-848 groups, their members, what these own and are to own.

use std::sync::Arc;

use broker_group::{
    ConsumerDescription, ConsumerGroupDescription, ConsumerMemberDescription, GroupError, Request,
};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse,
        consumer_group_describe_response::{Assignment, DescribedGroup, Member, TopicPartitions},
    },
};
use broker_types::PartitionId;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    features,
    groups::{self, Failure, answer},
};

/// The code of a member that speaks the classic protocol, and of one that speaks KIP-848 (KIP-1099).
const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let mut groups = Vec::with_capacity(request.group_ids.len());
    for group in &request.group_ids {
        let mut one = describe(broker, context, group).await;
        if request.include_authorized_operations && one.error_code == 0 {
            one.authorized_operations = broker.authorizer().operations(context, Resource::Group(group));
        }
        groups.push(one);
    }
    ConsumerGroupDescribeResponse { groups, ..ConsumerGroupDescribeResponse::default() }
}

async fn describe(broker: &Arc<Broker>, context: &RequestContext, group: &Str) -> DescribedGroup {
    let refused = |error: ErrorCode, why: Option<String>| DescribedGroup {
        error_code: error.code(),
        error_message: why.map(Str::from),
        group_id: group.clone(),
        ..DescribedGroup::default()
    };
    if !features::has_consumer_groups(&broker.image()) {
        return refused(ErrorCode::UnsupportedVersion, None);
    }
    if !broker.authorizer().allows(context, Operation::Describe, Resource::Group(group)) {
        return refused(ErrorCode::GroupAuthorizationFailed, None);
    }
    let request = Request::DescribeConsumerGroups(vec![groups::group_id(group)]);
    let first = match answer!(broker.ask_group(group, request).await, DescribeConsumerGroups) {
        Ok(mut described) => described.pop(),
        Err(Failure::Unanswered(code)) => return refused(code, None),
        Err(Failure::Refused(error)) => return refused(error.code(), Some(error.to_string())),
    };
    let found = match first {
        None => return refused(groups::MISMATCHED, None),
        Some((_, Err(GroupError::GroupIdNotFound(why)))) => {
            return refused(ErrorCode::GroupIdNotFound, Some(why.to_string()));
        }
        Some((_, Err(error))) => return refused(error.code(), None),
        Some((_, Ok(found))) => found,
    };
    let is_hidden =
        |topic: &str| !broker.authorizer().allows(context, Operation::Describe, Resource::Topic(topic));
    if topics(&found).any(is_hidden) {
        let why = "The group has described topic(s) that the client is not authorized to describe.";
        return refused(ErrorCode::TopicAuthorizationFailed, Some(why.to_owned()));
    }
    DescribedGroup {
        group_state: Str::from_static(found.state.name()),
        group_epoch: found.epoch,
        assignment_epoch: found.assignment_epoch,
        assignor_name: found.assignor,
        members: found.members.into_iter().map(member).collect(),
        ..refused(ErrorCode::None, None)
    }
}

/// The topics that an answer names.
fn topics(found: &ConsumerGroupDescription) -> impl Iterator<Item = &str> {
    found.members.iter().flat_map(|member| {
        let assigned = member.assignment.iter().chain(&member.target).map(|(topic, _)| topic);
        member.topics.iter().chain(assigned).map(|topic| topic.as_str())
    })
}

fn member(member: ConsumerMemberDescription) -> Member {
    Member {
        member_id: member.member.to_str(),
        instance_id: member.instance.map(|instance| instance.to_str()),
        rack_id: member.rack,
        member_epoch: member.epoch,
        client_id: member.client.id,
        client_host: member.client.host,
        subscribed_topic_names: member.topics.iter().map(|topic| Str::from(topic.as_str())).collect(),
        // No pattern is the empty one.
        subscribed_topic_regex: Some(member.regex.unwrap_or_default()),
        assignment: assignment(member.assignment),
        target_assignment: assignment(member.target),
        member_type: if member.is_classic { CLASSIC } else { CONSUMER },
    }
}

fn assignment(described: ConsumerDescription) -> Assignment {
    let topics = described.into_iter().map(|(name, owned)| TopicPartitions {
        topic_id: owned.topic.uuid(),
        topic_name: Str::from(name.as_str()),
        partitions: owned.partitions.into_iter().map(PartitionId::get).collect(),
    });
    Assignment { topic_partitions: topics.collect() }
}
