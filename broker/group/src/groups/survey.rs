//! All groups and what they have committed, in parts that hold nobody up.

use alloc::vec::Vec;
use core::ops::Bound;

use broker_types::{GroupId, PartitionId, TopicName};

use crate::{
    ByTopic, Group, GroupType, State, Survey, SurveyPlace, Surveyed, SurveyedGroup, coordinator::Live,
};

/// The least that a part holds: a group and one of its offsets.
const ENTRIES_MIN: usize = 2;

impl Live {
    pub(crate) fn survey(&self, state: &State, request: &Survey) -> Surveyed {
        let mut room = request.entries_max.max(ENTRIES_MIN);
        let mut groups = Vec::new();
        let from = request.from.as_ref();
        for (id, group) in state.groups_from(from.map(|place| &place.group)) {
            let place = |offset| Some(SurveyPlace { group: id.clone(), offset });
            if room == 0 {
                return Surveyed { groups, next: place(None) };
            }
            room -= 1;
            let from = from.filter(|place| place.group == *id).and_then(|place| place.offset.as_ref());
            let mut surveyed = self.surveyed(state, id, group);
            let next = offsets(state, id, from, room, &mut surveyed.offsets);
            room -= surveyed.offsets.iter().map(|topic| topic.partitions.len()).sum::<usize>();
            groups.push(surveyed);
            if next.is_some() {
                return Surveyed { groups, next: place(next) };
            }
        }
        Surveyed { groups, next: None }
    }

    fn surveyed(&self, state: &State, id: &GroupId, group: &Group) -> SurveyedGroup {
        let (kind, members) = match group {
            Group::Classic(_) => {
                (GroupType::Classic, self.classic.get(id).map_or(0, |group| group.members.len()))
            }
            Group::Consumer(group) => (GroupType::Consumer, group.members.size()),
        };
        let state = self.state_of(id, state);
        SurveyedGroup { group: id.clone(), kind, state, members, offsets: Vec::new() }
    }
}

/// Gives the offsets of a group from a place on, as far as there is room; and the first for which there was none.
fn offsets(
    state: &State,
    group: &GroupId,
    from: Option<&(TopicName, PartitionId)>,
    mut room: usize,
    given: &mut Vec<ByTopic<(PartitionId, i64)>>,
) -> Option<(TopicName, PartitionId)> {
    let first = from.map_or(Bound::Unbounded, |(topic, _)| Bound::Included(topic));
    let topics = state.topics(group.as_str());
    let topics = topics.into_iter().flat_map(|all| all.range::<TopicName, _>((first, Bound::Unbounded)));
    for (topic, partitions) in topics {
        let from = from.filter(|(first, _)| first == topic).map(|(_, partition)| partition);
        let first = from.map_or(Bound::Unbounded, Bound::Included);
        let mut left = partitions.range::<PartitionId, _>((first, Bound::Unbounded));
        let own: Vec<_> =
            left.by_ref().take(room).map(|(partition, stored)| (*partition, stored.value.offset)).collect();
        room -= own.len();
        if !own.is_empty() {
            given.push(ByTopic { topic: topic.clone(), id: None, partitions: own });
        }
        if let Some((partition, _)) = left.next() {
            return Some((topic.clone(), *partition));
        }
    }
    None
}

#[cfg(test)]
mod tests;
