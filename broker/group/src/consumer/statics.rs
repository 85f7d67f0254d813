//! Members with a lasting name (KIP-345, KIP-848).

use alloc::format;

use broker_protocol::{Str, records::group::ConsumerGroupMemberMetadataValue};
use broker_types::GroupId;

use super::{
    member::{Current, JOINS, LEAVES_FOR_A_WHILE},
    records::{Writer, read},
};
use crate::{ConsumerGroup, GroupError, InstanceId, MemberId, work::Work};

/// Gives a static member's place to its next life: its target and what it owns.
pub(super) fn replace(
    work: &mut Work<'_>,
    id: &GroupId,
    group: &ConsumerGroup,
    holder: &MemberId,
    member: &MemberId,
) {
    let Some(old) = group.members.get(holder) else { return };
    let target = group.targets.get(holder).map(|target| read(target)).unwrap_or_default();
    let current = Current { epoch: JOINS, previous_epoch: JOINS, ..Current::of(old) };
    let mut writer = Writer::new(work, id);
    writer.remove_member(holder);
    writer.member(member, Some(ConsumerGroupMemberMetadataValue::clone(&old.metadata)));
    writer.target(member, Some(&target));
    writer.current(member, Some(&current));
}

/// A name is free when its last life has left for a while; a classic one cannot say so.
pub(super) fn is_released(
    group: &ConsumerGroup,
    holder: &MemberId,
    member: &MemberId,
    instance: &InstanceId,
) -> Result<(), GroupError> {
    let Some(old) = group.members.get(holder) else { return Ok(()) };
    let is_away = Current::of(old).epoch == LEAVES_FOR_A_WHILE;
    if is_away || old.metadata.classic_member_metadata.is_some() {
        return Ok(());
    }
    Err(GroupError::UnreleasedInstance(Str::from(format!(
        "Static member {member} with instance id {instance} cannot join the group because the instance id is owned by \
         {holder} member."
    ))))
}

pub(super) fn unknown_instance(instance: &InstanceId) -> GroupError {
    GroupError::UnknownConsumerMember(Str::from(format!("Instance id {instance} is unknown.")))
}

pub(super) fn fenced(member: &MemberId, instance: &InstanceId, holder: &MemberId) -> GroupError {
    GroupError::FencedConsumerInstance(Str::from(format!(
        "Static member {member} with instance id {instance} was fenced by member {holder}."
    )))
}

/// The member that a request of an instance may speak for.
pub(super) fn static_member<'a>(
    group: &'a ConsumerGroup,
    member: &MemberId,
    instance: &InstanceId,
) -> Result<&'a MemberId, GroupError> {
    let holder = group.statics.get(instance).ok_or_else(|| unknown_instance(instance))?;
    if holder == member { Ok(holder) } else { Err(fenced(member, instance, holder)) }
}
