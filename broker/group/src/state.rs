//! Hard state: what the records of one partition of `__consumer_offsets` add up to.
//!
//! Persistent maps throughout: a clone costs a few reference counts. Values are shared with the records.

use alloc::sync::Arc;

use broker_protocol::{Str, records::group::OffsetCommitValue};
use broker_types::{GroupId, LeaderEpoch, Offset, PartitionId, ProducerId, Timestamp, TopicId, TopicName};

use crate::{GroupRecord, Map};

mod classic;
mod consumer;
mod offsets;
#[cfg(test)]
mod tests;

pub use classic::ClassicGroup;
pub use consumer::{ConsumerGroup, ConsumerMember};
use offsets::OpenTransactions;
pub(crate) use offsets::{PartitionOffsets, TopicOffsets};

/// The groups and offsets of one shard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    groups: Map<GroupId, Group>,
    offsets: Map<GroupId, TopicOffsets>,
    /// Offsets of transactions that did not end yet.
    pending: Map<ProducerId, Map<GroupId, TopicOffsets>>,
    /// Which producers have pending offsets of which partition.
    open: Map<GroupId, OpenTransactions>,
    offsets_count: usize,
}

/// A group as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Group {
    /// JoinGroup and SyncGroup, or offsets only.
    Classic(ClassicGroup),
    /// KIP-848.
    Consumer(Arc<ConsumerGroup>),
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// As the client wrote it.
    pub offset: i64,
    /// The leader epoch of the last record consumed (KIP-320).
    pub leader_epoch: Option<LeaderEpoch>,
    /// The client's own note.
    pub metadata: Str,
    /// When.
    pub committed_at: Timestamp,
    /// To which topic of the name, when the client said so.
    pub topic_id: Option<TopicId>,
}

/// An offset as it is kept: the value of the record and where that is in the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) at: Offset,
    pub(crate) value: Arc<OffsetCommitValue>,
}

impl Stored {
    pub(crate) fn topic_id(&self) -> Option<TopicId> {
        TopicId::from_wire(self.value.topic_id)
    }

    pub(crate) fn told(&self) -> CommittedOffset {
        CommittedOffset {
            offset: self.value.offset,
            leader_epoch: LeaderEpoch::from_wire(self.value.leader_epoch),
            metadata: self.value.metadata.clone(),
            committed_at: Timestamp::from_millis(self.value.commit_timestamp),
            topic_id: self.topic_id(),
        }
    }
}

impl State {
    /// Takes one record in. Total: a record that changes nothing is passed by.
    pub fn replay(&mut self, offset: Offset, record: &GroupRecord) {
        match record {
            GroupRecord::Offset { key, value, producer } => {
                self.replay_offset(offset, key, value.as_ref(), *producer);
            }
            GroupRecord::Classic { group, value: None } => {
                if let Some(Group::Classic(_)) = self.groups.get(&**group) {
                    self.remove_group(group);
                }
            }
            GroupRecord::Classic { group, value: Some(value) } => {
                let classic = ClassicGroup::written(Arc::clone(value));
                self.groups.insert_mut(GroupId::new(group), Group::Classic(classic));
            }
            GroupRecord::Consumer(record) => self.replay_consumer(record),
            GroupRecord::End(end) => self.replay_end(end),
        }
    }

    /// A group by its id.
    #[must_use]
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    /// All groups, by id.
    pub fn groups(&self) -> impl Iterator<Item = (&GroupId, &Group)> {
        self.groups.iter()
    }

    /// How many groups there are.
    #[must_use]
    pub fn groups_count(&self) -> usize {
        self.groups.size()
    }

    /// How many offsets are committed; pending ones do not count.
    #[must_use]
    pub const fn offsets_count(&self) -> usize {
        self.offsets_count
    }

    /// A committed offset.
    #[must_use]
    pub fn offset(&self, group: &str, topic: &str, partition: PartitionId) -> Option<CommittedOffset> {
        self.stored(group, topic, partition).map(Stored::told)
    }

    /// All committed offsets of a group, by topic and partition: for lag.
    pub fn offsets(&self, group: &str) -> impl Iterator<Item = (&TopicName, PartitionId, CommittedOffset)> {
        let topics = self.offsets.get(group).into_iter().flat_map(|topics| topics.iter());
        topics.flat_map(|(topic, partitions)| {
            partitions.iter().map(move |(partition, stored)| (topic, *partition, stored.told()))
        })
    }

    pub(crate) fn topics(&self, group: &str) -> Option<&TopicOffsets> {
        self.offsets.get(group)
    }

    pub(crate) fn partitions(&self, group: &str, topic: &str) -> Option<&PartitionOffsets> {
        self.offsets.get(group)?.get(topic)
    }

    pub(crate) fn stored(&self, group: &str, topic: &str, partition: PartitionId) -> Option<&Stored> {
        self.partitions(group, topic)?.get(&partition)
    }

    /// Whether a transaction that did not end has an offset of this partition.
    #[must_use]
    pub fn is_pending(&self, group: &str, topic: &str, partition: PartitionId) -> bool {
        let partitions = self.open.get(group).and_then(|topics| topics.get(topic));
        partitions.is_some_and(|partitions| partitions.contains_key(&partition))
    }

    /// Whether any transaction that did not end has offsets of this group.
    #[must_use]
    pub fn has_pending(&self, group: &str) -> bool {
        self.open.contains_key(group)
    }

    /// The groups from one on, by id.
    pub(crate) fn groups_from<'a>(
        &'a self,
        from: Option<&'a GroupId>,
    ) -> impl Iterator<Item = (&'a GroupId, &'a Group)> {
        use core::ops::Bound;
        let start = from.map_or(Bound::Unbounded, Bound::Included);
        self.groups.range::<GroupId, _>((start, Bound::Unbounded))
    }

    pub(crate) fn group_ids_after<'a>(
        &'a self,
        after: Option<&'a GroupId>,
    ) -> impl Iterator<Item = &'a GroupId> {
        use core::ops::Bound;
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.groups.range::<GroupId, _>((start, Bound::Unbounded)).map(|(id, _)| id)
    }

    fn remove_group(&mut self, id: &str) {
        self.groups.remove_mut(id);
    }
}
