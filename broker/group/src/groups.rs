//! Groups as a whole: which one a request means, and what it is told of them.

use alloc::{sync::Arc, vec::Vec};

use broker_protocol::{Str, records::group::GroupMetadataValue};
use broker_types::{GroupId, ReplyId};

use crate::{
    Group, GroupError, GroupRecord, GroupState, Heartbeat, JoinGroup, LeaveGroup, Left, Response, State,
    SyncGroup,
    classic::{self, LiveGroup},
    consumer,
    coordinator::Live,
    work::Work,
};

mod describe;
mod survey;
#[cfg(test)]
mod tests;

/// There is no group of the name.
pub(crate) fn not_found(group: &GroupId) -> GroupError {
    GroupError::GroupIdNotFound(Str::from(alloc::format!("Group {group} not found.")))
}

/// There is one of another type.
pub(crate) fn of_another_type(group: &GroupId, wanted: &str) -> GroupError {
    GroupError::GroupIdNotFound(Str::from(alloc::format!("Group {group} is not a {wanted} group.")))
}

impl Live {
    pub(crate) fn join(&mut self, work: &mut Work<'_>, state: &State, reply: ReplyId, request: JoinGroup) {
        if let Err(error) = classic::precheck(work.settings, &request) {
            return classic::refuse(work, reply, error, request.member);
        }
        let id = request.group.clone();
        let hard = match state.group(id.as_str()) {
            Some(Group::Classic(hard)) => Some(hard),
            Some(Group::Consumer(group)) if !group.members.is_empty() => {
                return self.classic_join(work, reply, &request);
            }
            Some(Group::Consumer(_)) if request.member.is_none() => {
                // A group without members is of whichever type comes.
                self.delete_group(work, state, &id);
                None
            }
            Some(Group::Consumer(_)) => {
                return classic::refuse(work, reply, GroupError::UnknownMember, request.member);
            }
            None if request.member.is_some() => {
                return classic::refuse(work, reply, GroupError::UnknownMember, request.member);
            }
            None => None,
        };
        let empty = || LiveGroup::empty(&id, &hard.cloned().unwrap_or_default());
        let group = self.classic.entry(id.clone()).or_insert_with(empty);
        let before = work.records.len();
        classic::join(group, work, reply, request);
        if hard.is_none() && work.records.len() == before {
            // The group is there from now on, whatever became of the member.
            group.write_new(work);
        }
    }

    pub(crate) fn sync(&mut self, work: &mut Work<'_>, reply: ReplyId, request: SyncGroup) {
        let refused = if request.group.as_str().is_empty() {
            GroupError::InvalidGroupId
        } else if let Some(group) = self.classic.get_mut(&request.group) {
            return group.sync(work, reply, request);
        } else if self.consumer.contains_key(&request.group) {
            let synced = self.classic_sync(work, &request);
            return work.reply(reply, Response::SyncGroup(synced));
        } else {
            GroupError::UnknownMember
        };
        work.reply(reply, Response::SyncGroup(Err(refused)));
    }

    pub(crate) fn heartbeat(&mut self, work: &mut Work<'_>, request: &Heartbeat) -> Result<(), GroupError> {
        if request.group.as_str().is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        if self.consumer.contains_key(&request.group) {
            return self.classic_heartbeat(work, request);
        }
        let group = self.classic.get_mut(&request.group).ok_or(GroupError::UnknownMember)?;
        group.heartbeat(work, request)
    }

    pub(crate) fn leave(
        &mut self,
        work: &mut Work<'_>,
        request: LeaveGroup,
    ) -> Result<Vec<Left>, GroupError> {
        if request.group.as_str().is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        let unknown = |member: crate::Leaving| Left {
            member: member.member,
            instance: member.instance,
            result: Err(GroupError::UnknownMember),
        };
        Ok(match self.classic.get_mut(&request.group) {
            Some(group) => classic::leave(group, work, request.members),
            None if self.consumer.contains_key(&request.group) => {
                self.classic_leave(work, &request.group, request.members)
            }
            None => request.members.into_iter().map(unknown).collect(),
        })
    }

    /// Deletes groups without members, each for itself.
    pub(crate) fn delete_groups(
        &mut self,
        work: &mut Work<'_>,
        state: &State,
        ids: Vec<GroupId>,
    ) -> Vec<(GroupId, Result<(), GroupError>)> {
        let mut results = Vec::with_capacity(ids.len());
        let mut deleted = alloc::collections::BTreeSet::new();
        for id in ids {
            let result = match state.group(id.as_str()) {
                None => Err(not_found(&id)),
                // Named twice: the first took it away.
                Some(_) if deleted.contains(&id) => Err(not_found(&id)),
                Some(_) if self.state_of(&id, state) != GroupState::Empty => Err(GroupError::NonEmptyGroup),
                Some(_) => {
                    self.delete_offsets_of(work, state, &id);
                    self.delete_group(work, state, &id);
                    deleted.insert(id.clone());
                    Ok(())
                }
            };
            results.push((id, result));
        }
        results
    }

    /// Writes the tombstone of a group without members.
    pub(crate) fn delete_group(&mut self, work: &mut Work<'_>, state: &State, id: &GroupId) {
        match state.group(id.as_str()) {
            Some(Group::Classic(_)) => work.records.push(GroupRecord::remove_classic(id)),
            Some(Group::Consumer(group)) => {
                consumer::tombstones(work, id, group);
                consumer::remove_all(self, work, id);
            }
            None => {}
        }
        if let Some(group) = self.classic.remove(id) {
            let kept = group.drop_from(work);
            debug_assert!(kept.is_empty(), "a group without members keeps no replies");
        }
    }

    /// What a group does.
    pub(crate) fn state_of(&self, id: &GroupId, state: &State) -> GroupState {
        match (self.classic.get(id), state.group(id.as_str())) {
            (_, None) => GroupState::Dead,
            (_, Some(Group::Consumer(group))) => consumer::state_of(group),
            (Some(group), Some(_)) => group.state(),
            (None, Some(_)) => GroupState::Empty,
        }
    }

    /// Takes up again the groups whose last records were not written; gives the replies that they kept.
    pub(crate) fn roll_back(&mut self, work: &mut Work<'_>, state: &State) -> Vec<ReplyId> {
        let mut kept = Vec::new();
        let is_written = |group: &LiveGroup| match state.group(group.id.as_str()) {
            Some(Group::Classic(hard)) => same(hard.value(), group.written()),
            Some(Group::Consumer(_)) | None => false,
        };
        let lost: Vec<_> = self.classic.values().filter(|group| !is_written(group)).collect();
        let lost: Vec<_> = lost.into_iter().map(|group| group.id.clone()).collect();
        for id in lost {
            if let Some(group) = self.classic.remove(&id) {
                kept.extend(group.drop_from(work));
            }
        }
        for (id, group) in state.groups() {
            if !self.classic.contains_key(id) {
                self.load(work, id, group);
            }
        }
        let is_gone = |id: &&GroupId| !matches!(state.group(id.as_str()), Some(Group::Consumer(_)));
        let gone: Vec<_> = self.consumer.keys().filter(is_gone).cloned().collect();
        gone.iter().for_each(|id| consumer::remove_all(self, work, id));
        self.consumer.values_mut().for_each(consumer::ConsumerLive::look_again);
        kept
    }
}

/// Whether both are the same record.
fn same(one: Option<&Arc<GroupMetadataValue>>, other: Option<&Arc<GroupMetadataValue>>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        _ => false,
    }
}
