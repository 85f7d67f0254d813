//! ConsumerGroupHeartbeat.

use alloc::{format, string::String, sync::Arc};
use core::time::Duration;

use broker_protocol::Str;
use broker_types::{GroupId, Uuid};

use super::{
    member::{Current, JOINS, LEAVES, LEAVES_FOR_A_WHILE},
    reconcile::Way,
    records::{Writer, read},
    statics::{fenced, is_released, replace, unknown_instance},
    subscription, target, validate,
};
use crate::{
    ConsumerAssignment, ConsumerGroup, ConsumerHeartbeat, Group, GroupError, GroupState, MemberId,
    OwnedPartitions, coordinator::Live, work::Work,
};

impl Live {
    pub(crate) fn consumer_heartbeat(
        &mut self,
        work: &mut Work<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<ConsumerAssignment, GroupError> {
        validate::request(work.settings, request)?;
        work.reader = Some(request.reader.clone());
        let before = work.records.len();
        let result = if matches!(request.epoch, LEAVES | LEAVES_FOR_A_WHILE) {
            self.consumer_leave(work, request)
        } else {
            self.join_or_live(work, request)
        };
        if result.is_err() {
            work.undo(before);
        }
        result
    }

    fn join_or_live(
        &mut self,
        work: &mut Work<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<ConsumerAssignment, GroupError> {
        let id = &request.group;
        let group = self.group_for(work, request)?;
        has_room(work, &group, request.member.as_ref())?;
        let member = request.member.as_ref().map_or_else(|| drawn_id(work), MemberId::detached);
        self.admit(work, &group, &member, request)?;
        let before = current_of(work, id, &member);
        let wants_changed = self.take_wants(work, &member, request)?;
        target::update(work, id);
        let after = reconcile(work, id, &member, wants_changed, request.owned.as_deref())?;
        self.hear_consumer(work, id, &member);
        if after != before {
            self.await_revocation(work, id, &member, &after);
        }
        let is_full = request.rebalance_timeout.is_some()
            && (request.topics.is_some() || request.regex.is_some())
            && request.owned.is_some();
        let tells = request.epoch == JOINS || is_full || after.assigned != before.assigned;
        Ok(ConsumerAssignment {
            member,
            epoch: after.epoch,
            heartbeat_interval: heartbeat_interval(work, id),
            assignment: tells.then(|| after.told()),
        })
    }

    /// The group that is joined or lived in; one without members of the other type gives way.
    fn group_for(
        &mut self,
        work: &mut Work<'_>,
        request: &ConsumerHeartbeat,
    ) -> Result<Arc<ConsumerGroup>, GroupError> {
        let (id, joins) = (&request.group, request.epoch == JOINS);
        let not_found = |text: String| Err(GroupError::GroupIdNotFound(Str::from(text)));
        match work.state().group(id.as_str()) {
            Some(Group::Consumer(group)) => return Ok(Arc::clone(group)),
            None if joins => return Ok(Arc::default()),
            None => return not_found(format!("Consumer group {id} not found.")),
            Some(Group::Classic(_)) if !joins => {
                return not_found(format!("Group {id} is not a consumer group."));
            }
            Some(Group::Classic(_)) => {}
        }
        let is_empty = self.classic.get(id).is_none_or(|live| live.state() == GroupState::Empty);
        if !is_empty {
            self.upgrade(work, id)?;
            return Ok(work.consumer_group(id).unwrap_or_default());
        }
        let base = work.base;
        self.delete_group(work, base, id);
        Ok(Arc::default())
    }

    /// Sees to it that the member is one, or may become one; a static one takes its place over.
    fn admit(
        &mut self,
        work: &mut Work<'_>,
        group: &ConsumerGroup,
        member: &MemberId,
        request: &ConsumerHeartbeat,
    ) -> Result<(), GroupError> {
        let joins = request.epoch == JOINS;
        let known = group.members.get(member);
        let Some(instance) = &request.instance else {
            return match known {
                Some(known) => validate::epoch(&Current::of(known), request.epoch, request.owned.as_ref()),
                None if joins => Ok(()),
                None => Err(validate::unknown_member(request.group.as_str(), Some(member))),
            };
        };
        match (group.statics.get(instance), joins) {
            (None, true) => Ok(()),
            (None, false) => Err(unknown_instance(instance)),
            (Some(holder), true) => {
                is_released(group, holder, member, instance)?;
                replace(work, &request.group, group, holder, member);
                self.forget_timers(work, &request.group, holder);
                Ok(())
            }
            (Some(holder), false) if holder != member => Err(fenced(member, instance, holder)),
            (Some(_), false) => {
                let current = known.map(Current::of).unwrap_or_default();
                validate::epoch(&current, request.epoch, request.owned.as_ref())
            }
        }
    }
}

fn has_room(work: &Work<'_>, group: &ConsumerGroup, member: Option<&MemberId>) -> Result<(), GroupError> {
    let max = work.settings.consumer_group_size_max;
    let is_in_it = member.is_some_and(|member| group.members.contains_key(member));
    if group.members.size() < max || is_in_it {
        return Ok(());
    }
    Err(GroupError::ConsumerGroupFull(Str::from(format!(
        "The consumer group has reached its maximum capacity of {max} members."
    ))))
}

/// An id for a client that draws none itself.
fn drawn_id(work: &mut Work<'_>) -> MemberId {
    MemberId::new(Str::from(format!("{}", Uuid::from_bytes(work.random.bytes()))))
}

pub(super) fn current_of(work: &mut Work<'_>, id: &GroupId, member: &MemberId) -> Current {
    let group = work.consumer_group(id);
    group.as_ref().and_then(|group| group.members.get(member)).map(Current::of).unwrap_or_default()
}

/// Takes the member one step towards its target.
pub(super) fn reconcile(
    work: &mut Work<'_>,
    id: &GroupId,
    member: &MemberId,
    wants_changed: bool,
    owned: Option<&[OwnedPartitions]>,
) -> Result<Current, GroupError> {
    let group = work.consumer_group(id).unwrap_or_default();
    let Some(written) = group.members.get(member) else { return Ok(Current::default()) };
    let current = Current::of(written);
    if !wants_changed && current.is_reconciled_to(group.target_epoch) {
        return Ok(current);
    }
    let target = group.targets.get(member).map(|target| read(target)).unwrap_or_default();
    let wanted = subscription::topic_ids(work.metadata, &group, &written.metadata);
    let way = Way {
        group: &group,
        target_epoch: group.target_epoch,
        target: &target,
        wanted: &wanted,
        has_changed_wants: wants_changed,
        owned,
    };
    let next = way.step(&current)?;
    if next != current {
        Writer::new(work, id).current(member, Some(&next));
    }
    Ok(next)
}

fn heartbeat_interval(work: &Work<'_>, id: &GroupId) -> Duration {
    let own = work.metadata.group_config(id).heartbeat_interval;
    own.unwrap_or(work.settings.consumer_heartbeat_interval)
}
