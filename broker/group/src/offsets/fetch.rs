//! OffsetFetch.

use alloc::vec::Vec;

use broker_types::{PartitionId, TopicId};

use crate::{
    ByTopic, FetchedOffset, Group, GroupError, OffsetFetch, State,
    consumer::may_fetch,
    coordinator::Live,
    state::{PartitionOffsets, Stored},
};

impl Live {
    /// What a group has committed. A group that is not there has committed nothing.
    pub(crate) fn fetch(
        state: &State,
        request: &OffsetFetch,
    ) -> Result<Vec<ByTopic<FetchedOffset>>, GroupError> {
        let group = request.group.as_str();
        if let Some(Group::Consumer(hard)) = state.group(group) {
            may_fetch(&request.group, hard, request.member.as_ref(), request.epoch)?;
        }
        if state.group(group).is_none() {
            let none = |partition: &PartitionId| FetchedOffset { partition: *partition, result: Ok(None) };
            let topics = request.topics.iter().flatten();
            return Ok(topics.map(|topic| topic.with(topic.partitions.iter().map(none).collect())).collect());
        }
        let fetched = |topic: &str, id: Option<TopicId>, partition: PartitionId, stored: Option<&Stored>| {
            let result = if request.require_stable && state.is_pending(group, topic, partition) {
                Err(GroupError::UnstableOffsetCommit)
            } else {
                Ok(stored.filter(|stored| is_of(stored, id)).map(Stored::told))
            };
            FetchedOffset { partition, result }
        };
        Ok(match &request.topics {
            Some(topics) => {
                let tell = |by_topic: &ByTopic<PartitionId>| {
                    let topic = by_topic.topic.as_str();
                    let stored = state.partitions(group, topic);
                    let tell = |partition: &PartitionId| {
                        let stored = stored.and_then(|partitions| partitions.get(partition));
                        fetched(topic, by_topic.id, *partition, stored)
                    };
                    by_topic.with(by_topic.partitions.iter().map(tell).collect())
                };
                topics.iter().map(tell).collect()
            }
            None => {
                let tell = |(topic, partitions): (&broker_types::TopicName, &PartitionOffsets)| {
                    let tell = |(partition, stored): (&PartitionId, &Stored)| {
                        fetched(topic.as_str(), None, *partition, Some(stored))
                    };
                    ByTopic {
                        topic: topic.clone(),
                        id: None,
                        partitions: partitions.iter().map(tell).collect(),
                    }
                };
                state.topics(group).into_iter().flat_map(|topics| topics.iter()).map(tell).collect()
            }
        })
    }
}

/// Whether an offset was committed to this topic, not to an earlier one of its name. Who does not say is believed.
fn is_of(stored: &Stored, topic: Option<TopicId>) -> bool {
    stored.topic_id().zip(topic).is_none_or(|(stored, asked)| stored == asked)
}
