//! DescribeGroups and ListGroups.

use alloc::{string::String, vec::Vec};

use broker_protocol::Str;
use broker_types::GroupId;

use super::{not_found, of_another_type};
use crate::{
    ClassicGroup, ConsumerGroupDescription, Group, GroupDescription, GroupError, GroupState, GroupType,
    ListGroups, ListedGroup, MemberDescription, State,
    classic::{LiveGroup, Phase},
    consumer,
    coordinator::Live,
    work::Work,
};

impl Live {
    pub(crate) fn describe(
        &self,
        state: &State,
        ids: Vec<GroupId>,
    ) -> Vec<(GroupId, Result<GroupDescription, GroupError>)> {
        let describe = |id: GroupId| {
            let described = match (state.group(id.as_str()), self.classic.get(&id)) {
                (None, _) => Err(not_found(&id)),
                (Some(Group::Consumer(_)), _) => Err(of_another_type(&id, "classic")),
                (Some(Group::Classic(_)), Some(group)) => Ok(live(group)),
                (Some(Group::Classic(hard)), None) => Ok(empty(hard)),
            };
            (id, described)
        };
        ids.into_iter().map(describe).collect()
    }

    pub(crate) fn describe_consumers(
        &self,
        work: &Work<'_>,
        ids: Vec<GroupId>,
    ) -> Vec<(GroupId, Result<ConsumerGroupDescription, GroupError>)> {
        let describe = |id: GroupId| {
            let described = match work.base.group(id.as_str()) {
                _ if id.as_str().is_empty() => Err(GroupError::InvalidGroupId),
                None => Err(not_found(&id)),
                Some(Group::Classic(_)) => Err(of_another_type(&id, "consumer")),
                Some(Group::Consumer(group)) => {
                    Ok(consumer::describe(group, self.consumer.get(&id), work.settings, work.metadata))
                }
            };
            (id, described)
        };
        ids.into_iter().map(describe).collect()
    }

    pub(crate) fn list(&self, state: &State, request: &ListGroups) -> Vec<ListedGroup> {
        let states: Vec<String> = request.states.iter().map(|name| name.trim().to_lowercase()).collect();
        let types: Vec<String> = request.types.iter().map(|name| name.to_lowercase()).collect();
        let is_wanted = |listed: &ListedGroup| {
            let state = listed.state.name().to_lowercase();
            (states.is_empty() || states.contains(&state))
                && (types.is_empty() || types.iter().any(|kind| kind == listed.kind.name()))
        };
        let all = state.groups().map(|(id, group)| ListedGroup {
            group: id.clone(),
            protocol_type: self.protocol_type(id, group),
            state: self.state_of(id, state),
            kind: match group {
                Group::Classic(_) => GroupType::Classic,
                Group::Consumer(_) => GroupType::Consumer,
            },
        });
        all.filter(is_wanted).collect()
    }

    fn protocol_type(&self, id: &GroupId, group: &Group) -> Str {
        match (group, self.classic.get(id)) {
            (Group::Consumer(_), _) => Str::from_static("consumer"),
            (Group::Classic(_), Some(group)) => group.protocol_type.clone().unwrap_or_default(),
            (Group::Classic(hard), None) => hard.protocol_type().cloned().unwrap_or_default(),
        }
    }
}

fn live(group: &LiveGroup) -> GroupDescription {
    let is_stable = group.phase == Phase::Stable;
    let protocol = group.protocol.as_ref().filter(|_| is_stable);
    let members = group.members.values().map(|member| MemberDescription {
        member: member.id.clone(),
        instance: member.instance.clone(),
        client: member.client.clone(),
        metadata: protocol.map(|protocol| member.metadata(Some(protocol))).unwrap_or_default(),
        assignment: member.assignment.clone(),
    });
    GroupDescription {
        state: group.state(),
        protocol_type: group.protocol_type.clone().unwrap_or_default(),
        protocol: protocol.cloned().unwrap_or_default(),
        generation: group.generation,
        members: members.collect(),
        rebalances: group.history.to_vec(),
    }
}

fn empty(hard: &ClassicGroup) -> GroupDescription {
    GroupDescription {
        state: GroupState::Empty,
        protocol_type: hard.protocol_type().cloned().unwrap_or_default(),
        protocol: Str::EMPTY,
        generation: hard.generation(),
        members: Vec::new(),
        rebalances: Vec::new(),
    }
}
