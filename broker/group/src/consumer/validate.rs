//! What can be said of a ConsumerGroupHeartbeat without its group, and of its member.

use alloc::{format, string::String, vec::Vec};

use broker_protocol::Str;

use super::member::{Assigned, Current, JOINS, LEAVES, LEAVES_FOR_A_WHILE};
use crate::{ConsumerHeartbeat, GroupError, MemberId, OwnedPartitions, Settings};

fn invalid(text: &'static str) -> Result<(), GroupError> {
    Err(GroupError::InvalidRequest(Str::from_static(text)))
}

pub(super) fn request(settings: &Settings, request: &ConsumerHeartbeat) -> Result<(), GroupError> {
    let needs_id = request.draws_member_id || request.epoch > JOINS || request.epoch == LEAVES;
    if needs_id && request.member.as_ref().is_none_or(|member| is_blank(member.as_str())) {
        return invalid("MemberId can't be empty.");
    }
    if is_blank(request.group.as_str()) {
        return invalid("GroupId can't be empty.");
    }
    if request.instance.as_ref().is_some_and(|instance| is_blank(instance.as_str())) {
        return invalid("InstanceId can't be empty.");
    }
    if request.rack.as_ref().is_some_and(|rack| is_blank(rack)) {
        return invalid("RackId can't be empty.");
    }
    if request.epoch == JOINS {
        joining(request)?;
    } else if request.epoch == LEAVES_FOR_A_WHILE && request.instance.is_none() {
        return invalid("InstanceId can't be null.");
    } else if request.epoch < LEAVES_FOR_A_WHILE {
        return invalid("MemberEpoch is invalid.");
    }
    assignor(settings, request)
}

/// As Java trims.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte <= b' ')
}

fn joining(request: &ConsumerHeartbeat) -> Result<(), GroupError> {
    if request.rebalance_timeout.is_none() {
        return invalid("RebalanceTimeoutMs must be provided in first request.");
    }
    if request.owned.as_ref().is_none_or(|owned| !owned.is_empty()) {
        return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if request.topics.is_none() && request.regex.is_none() {
        return invalid(
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.",
        );
    }
    Ok(())
}

fn assignor(settings: &Settings, request: &ConsumerHeartbeat) -> Result<(), GroupError> {
    let Some(name) = &request.assignor else { return Ok(()) };
    if settings.consumer_assignors.contains(name) {
        return Ok(());
    }
    let known: Vec<_> = settings.consumer_assignors.iter().map(Str::as_str).collect();
    Err(GroupError::UnsupportedAssignor(Str::from(format!(
        "ServerAssignor {name} is not supported. Supported assignors: {}.",
        known.join(", ")
    ))))
}

/// A member is heard in its epoch, and in the one before when it did not hear the last answer.
pub(super) fn epoch(
    member: &Current,
    received: i32,
    owned: Option<&Vec<OwnedPartitions>>,
) -> Result<(), GroupError> {
    let fenced = |how: &str| -> Result<(), GroupError> {
        let text: String = format!(
            "The consumer group member has a {how} member epoch ({received}) than the one known by the group \
             coordinator ({}). The member must abandon all its partitions and rejoin.",
            member.epoch
        );
        Err(GroupError::FencedMemberEpoch(Str::from(text)))
    };
    if received == JOINS || received == member.epoch {
        return Ok(());
    }
    if received > member.epoch {
        return fenced("greater");
    }
    let is_before = received == member.previous_epoch;
    if is_before && owned.is_some_and(|owned| is_within(owned, &member.assigned)) {
        return Ok(());
    }
    fenced("smaller")
}

fn is_within(owned: &[OwnedPartitions], assigned: &Assigned) -> bool {
    owned.iter().all(|owned| {
        let assigned = assigned.get(&owned.topic);
        assigned.is_some_and(|assigned| owned.partitions.iter().all(|it| assigned.contains_key(it)))
    })
}

pub(super) fn unknown_member(group: &str, id: Option<&MemberId>) -> GroupError {
    let id = id.map(MemberId::as_str).unwrap_or_default();
    GroupError::UnknownConsumerMember(Str::from(format!("Member {id} is not a member of group {group}.")))
}
