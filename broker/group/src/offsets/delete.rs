//! OffsetDelete, and offsets that go with their group or topic.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_types::{GroupId, PartitionId};

use crate::{
    ByTopic, DeletedTopic, Group, GroupError, GroupRecord, GroupState, OffsetDelete, OffsetResult, State,
    consumer::is_subscribed, coordinator::Live, groups::not_found, state::Stored, work::Work,
};

impl Live {
    pub(crate) fn delete_offsets(
        &mut self,
        work: &mut Work<'_>,
        state: &State,
        request: &OffsetDelete,
    ) -> Result<Vec<ByTopic<OffsetResult>>, GroupError> {
        let group = &request.group;
        if group.as_str().is_empty() {
            return Err(GroupError::InvalidGroupId);
        }
        let hard = state.group(group.as_str()).ok_or_else(|| not_found(group))?;
        // Of other protocols nobody knows what they consume.
        let knows_topics = self.classic.get(group).is_none_or(|live| live.uses_consumer_protocol());
        if self.state_of(group, state) != GroupState::Empty && !knows_topics {
            return Err(GroupError::NonEmptyGroup);
        }
        let mut delete = |by_topic: &ByTopic<PartitionId>| {
            let topic = &by_topic.topic;
            let is_subscribed = self.is_subscribed(group, hard, topic.as_str());
            let mut delete = |partition: &PartitionId| {
                if is_subscribed {
                    return OffsetResult {
                        partition: *partition,
                        result: Err(GroupError::SubscribedToTopic),
                    };
                }
                let (group_name, topic_name) = (group.as_str(), topic.as_str());
                if state.stored(group_name, topic_name, *partition).is_some()
                    || state.is_pending(group_name, topic_name, *partition)
                {
                    work.records.push(GroupRecord::forget(group, topic, *partition));
                }
                OffsetResult { partition: *partition, result: Ok(()) }
            };
            by_topic.with(by_topic.partitions.iter().map(&mut delete).collect())
        };
        Ok(request.topics.iter().map(&mut delete).collect())
    }

    /// Whether a group consumes a topic now.
    pub(crate) fn is_subscribed(&self, id: &GroupId, hard: &Group, topic: &str) -> bool {
        match hard {
            Group::Classic(_) => self.classic.get(id).is_some_and(|group| group.is_subscribed(topic)),
            Group::Consumer(group) => is_subscribed(group, topic),
        }
    }

    /// Forgets everything that a group committed or is about to.
    pub(crate) fn delete_offsets_of(&self, work: &mut Work<'_>, state: &State, group: &GroupId) {
        for (topic, partition, _) in state.offsets(group.as_str()) {
            work.records.push(GroupRecord::forget(group, topic, partition));
        }
        for (topic, partition) in state.pending_partitions(group.as_str()) {
            if state.stored(group.as_str(), topic.as_str(), partition).is_none() {
                work.records.push(GroupRecord::forget(group, topic, partition));
            }
        }
    }

    /// Forgets the offsets of topics that are gone, but not those of topics that came after them.
    pub(crate) fn topics_deleted(&self, work: &mut Work<'_>, state: &State, topics: &[DeletedTopic]) {
        for DeletedTopic { topic, id } in topics {
            let is_gone = |stored: &Stored| stored.topic_id().is_none_or(|of| of == *id);
            let committed = state.offsets_of_topic(topic.as_str());
            let all = committed.chain(state.pending_of_topic(topic.as_str()));
            let gone: BTreeSet<(&GroupId, PartitionId)> = all
                .filter(|(.., stored)| is_gone(stored))
                .map(|(group, partition, _)| (group, partition))
                .collect();
            for (group, partition) in gone {
                work.records.push(GroupRecord::forget(group, topic, partition));
            }
        }
    }
}
