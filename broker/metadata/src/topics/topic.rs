//! One topic.

use broker_protocol::{Str, records::metadata::TopicRecord};
use broker_types::{PartitionId, TopicId, TopicName};

use super::Partition;
use crate::Map;

/// A topic's name, id and partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    name: TopicName,
    id: TopicId,
    partitions: Map<PartitionId, Partition>,
}

impl Topic {
    pub(super) fn new(name: TopicName, id: TopicId) -> Self {
        Self { name, id, partitions: Map::default() }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &TopicName {
        &self.name
    }

    /// The id of this life of the name.
    #[must_use]
    pub fn id(&self) -> TopicId {
        self.id
    }

    /// The partitions by index.
    #[must_use]
    pub fn partitions(&self) -> &Map<PartitionId, Partition> {
        &self.partitions
    }

    /// One partition.
    #[must_use]
    pub fn partition(&self, index: PartitionId) -> Option<&Partition> {
        self.partitions.get(&index)
    }

    pub(super) fn set_partition(&mut self, index: PartitionId, partition: Partition) {
        self.partitions.insert_mut(index, partition);
    }

    pub(crate) fn to_record(&self) -> TopicRecord {
        TopicRecord { name: Str::from(self.name.as_str()), topic_id: self.id.uuid() }
    }
}
