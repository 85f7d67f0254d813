//! The topics and their partitions.

mod partition;
mod topic;

use alloc::vec::Vec;

use broker_protocol::records::metadata::{
    ClearElrRecord, PartitionChangeRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
};
use broker_types::{PartitionId, TopicId, TopicName};

pub use self::{
    partition::{LeaderRecovery, Partition},
    topic::Topic,
};
use crate::{Change, Map, ReplayError};

/// Every topic, by id and by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topics {
    by_id: Map<TopicId, Topic>,
    by_name: Map<TopicName, TopicId>,
}

impl Topics {
    /// The topics by id.
    #[must_use]
    pub fn by_id(&self) -> &Map<TopicId, Topic> {
        &self.by_id
    }

    /// The ids by name, in the order of names.
    #[must_use]
    pub fn by_name(&self) -> &Map<TopicName, TopicId> {
        &self.by_name
    }

    /// How many topics there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.size()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The topic of this id.
    #[must_use]
    pub fn get(&self, id: TopicId) -> Option<&Topic> {
        self.by_id.get(&id)
    }

    /// The topic of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name).and_then(|id| self.by_id.get(id))
    }

    /// One partition.
    #[must_use]
    pub fn partition(&self, id: TopicId, partition: PartitionId) -> Option<&Partition> {
        self.get(id).and_then(|topic| topic.partition(partition))
    }

    /// Every partition of every topic, by topic id and index.
    pub fn partitions(&self) -> impl Iterator<Item = (&Topic, PartitionId, &Partition)> {
        self.by_id.values().flat_map(|topic| topic.partitions().iter().map(move |(id, p)| (topic, *id, p)))
    }

    pub(crate) fn create(&mut self, record: &TopicRecord) -> Result<Change, ReplayError> {
        let id = TopicId::from_wire(record.topic_id).ok_or(ReplayError::UnknownTopicId(record.topic_id))?;
        let name = TopicName::new(&record.name);
        if self.by_id.contains_key(&id) {
            return Err(ReplayError::TopicIdTaken(id));
        }
        if let Some(&existing) = self.by_name.get(&name) {
            return Err(ReplayError::TopicNameTaken { name, existing, id });
        }
        self.by_name.insert_mut(name.clone(), id);
        self.by_id.insert_mut(id, Topic::new(name, id));
        Ok(Change::TopicCreated(id))
    }

    pub(crate) fn set_partition(&mut self, record: &PartitionRecord) -> Result<Change, ReplayError> {
        let id = TopicId::new(record.topic_id);
        let partition = Partition::from_record(record)?;
        let topic = self.by_id.get_mut(&id).ok_or(ReplayError::UnknownTopicId(record.topic_id))?;
        let index = PartitionId::new(record.partition_id);
        topic.set_partition(index, partition);
        Ok(Change::Partition(id, index))
    }

    pub(crate) fn change_partition(&mut self, record: &PartitionChangeRecord) -> Result<Change, ReplayError> {
        let id = TopicId::new(record.topic_id);
        let index = PartitionId::new(record.partition_id);
        let topic = self.get(id).ok_or(ReplayError::UnknownTopicId(record.topic_id))?;
        let partition =
            topic.partition(index).ok_or(ReplayError::UnknownPartition { topic: id, partition: index })?;
        let changed = partition.merged(record)?;
        if let Some(topic) = self.by_id.get_mut(&id) {
            topic.set_partition(index, changed);
        }
        Ok(Change::Partition(id, index))
    }

    pub(crate) fn remove(&mut self, record: &RemoveTopicRecord) -> Result<Topic, ReplayError> {
        let id = TopicId::new(record.topic_id);
        let topic = self.get(id).cloned().ok_or(ReplayError::UnknownTopicId(record.topic_id))?;
        self.by_id.remove_mut(&id);
        self.by_name.remove_mut(topic.name());
        Ok(topic)
    }

    /// Forgets the eligible leader replicas of one topic, or of all when the record names none (KIP-966).
    pub(crate) fn clear_elr(&mut self, record: &ClearElrRecord) -> Result<Change, ReplayError> {
        let ids: Vec<TopicId> = if record.topic_name.is_empty() {
            self.by_id.keys().copied().collect()
        } else {
            let unknown = || ReplayError::UnknownTopicName(record.topic_name.detached());
            alloc::vec![self.find(&record.topic_name).ok_or_else(unknown)?.id()]
        };
        let mut cleared = Vec::new();
        for id in ids {
            let Some(topic) = self.get(id) else { continue };
            let without: Vec<_> =
                topic.partitions().iter().filter_map(|(index, p)| Some((*index, p.without_elr()?))).collect();
            for (index, partition) in without {
                if let Some(topic) = self.by_id.get_mut(&id) {
                    topic.set_partition(index, partition);
                    cleared.push((id, index));
                }
            }
        }
        Ok(Change::ElrCleared(cleared))
    }
}
