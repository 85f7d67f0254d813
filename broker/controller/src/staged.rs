//! What one request has decided so far: a later part of the request sees what an earlier one changed.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_metadata::{Image, Partition};
use broker_protocol::records::metadata::{MetadataRecord, PartitionChangeRecord};
use broker_types::{PartitionId, TopicId};

/// The records of a request, and the partitions as they will be with them.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    image: &'a Image,
    changed: BTreeMap<(TopicId, PartitionId), Partition>,
    pub(crate) records: Vec<MetadataRecord>,
}

impl<'a> Staged<'a> {
    pub(crate) fn new(image: &'a Image) -> Self {
        Self { image, changed: BTreeMap::new(), records: Vec::new() }
    }

    /// The partition as it stands.
    pub(crate) fn partition(&self, topic: TopicId, index: PartitionId) -> Option<&Partition> {
        let changed = self.changed.get(&(topic, index));
        changed.or_else(|| self.image.topics().partition(topic, index))
    }

    /// Takes a change of one partition.
    pub(crate) fn push(&mut self, topic: TopicId, index: PartitionId, record: PartitionChangeRecord) {
        if let Some(Ok(merged)) = self.partition(topic, index).map(|partition| partition.merged(&record)) {
            self.changed.insert((topic, index), merged);
        }
        self.records.push(MetadataRecord::PartitionChange(record));
    }
}
