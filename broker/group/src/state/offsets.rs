//! Committed offsets, and those that wait for their transaction's end.

use alloc::sync::Arc;

use broker_protocol::records::group::{OffsetCommitKey, OffsetCommitValue};
use broker_types::{GroupId, Offset, PartitionId, ProducerId, TopicName};

use super::{ClassicGroup, Group, State, Stored};
use crate::{EndTransaction, Map, Producer, TransactionResult};

pub(crate) type PartitionOffsets = Map<PartitionId, Stored>;
pub(crate) type TopicOffsets = Map<TopicName, PartitionOffsets>;
/// The producers of each partition, as a set.
pub(super) type OpenTransactions = Map<TopicName, Map<PartitionId, Map<ProducerId, ()>>>;

impl State {
    pub(super) fn replay_offset(
        &mut self,
        at: Offset,
        key: &OffsetCommitKey,
        value: Option<&Arc<OffsetCommitValue>>,
        producer: Option<Producer>,
    ) {
        let partition = PartitionId::new(key.partition);
        let Some(value) = value else { return self.forget(&key.group, &key.topic, partition) };
        if !self.groups.contains_key(&*key.group) {
            self.groups.insert_mut(GroupId::new(&key.group), Group::Classic(ClassicGroup::default()));
        }
        let stored = Stored { at, value: Arc::clone(value) };
        match producer {
            None => {
                if put(&mut self.offsets, &key.group, &key.topic, partition, stored) {
                    self.offsets_count += 1;
                }
            }
            Some(Producer { id, .. }) => {
                let groups = entry(&mut self.pending, &id, || id);
                put(groups, &key.group, &key.topic, partition, stored);
                let topics = entry(&mut self.open, &*key.group, || GroupId::new(&key.group));
                let partitions = entry(topics, &*key.topic, || TopicName::new(&key.topic));
                entry(partitions, &partition, || partition).insert_mut(id, ());
            }
        }
    }

    /// A tombstone takes pending offsets too: they were asked for before it.
    fn forget(&mut self, group: &str, topic: &str, partition: PartitionId) {
        if take(&mut self.offsets, group, topic, partition).is_some() {
            self.offsets_count -= 1;
        }
        let producers = self.open.get(group).and_then(|topics| topics.get(topic)?.get(&partition)).cloned();
        for producer in producers.iter().flat_map(|producers| producers.keys()) {
            if let Some(groups) = self.pending.get_mut(producer) {
                take(groups, group, topic, partition);
            }
            self.close(group, topic, partition, *producer);
        }
    }

    pub(super) fn replay_end(&mut self, end: &EndTransaction) {
        let producer = end.producer.id;
        let Some(groups) = self.pending.get(&producer).cloned() else { return };
        self.pending.remove_mut(&producer);
        for (group, topics) in groups.iter() {
            for (topic, partitions) in topics.iter() {
                for (partition, stored) in partitions.iter() {
                    self.close(group.as_str(), topic.as_str(), *partition, producer);
                    if end.result == TransactionResult::Commit {
                        self.materialize(group, topic, *partition, stored);
                    }
                }
            }
        }
    }

    /// The later record wins, wherever the marker lies: compaction may have moved neither.
    fn materialize(&mut self, group: &GroupId, topic: &TopicName, partition: PartitionId, stored: &Stored) {
        let old = self.stored(group.as_str(), topic.as_str(), partition);
        if old.is_none_or(|old| stored.at > old.at)
            && put(&mut self.offsets, group.as_str(), topic.as_str(), partition, stored.clone())
        {
            self.offsets_count += 1;
        }
    }

    fn close(&mut self, group: &str, topic: &str, partition: PartitionId, producer: ProducerId) {
        let Some(topics) = self.open.get_mut(group) else { return };
        let Some(partitions) = topics.get_mut(topic) else { return };
        let Some(producers) = partitions.get_mut(&partition) else { return };
        producers.remove_mut(&producer);
        if producers.is_empty() {
            partitions.remove_mut(&partition);
        }
        if partitions.is_empty() {
            topics.remove_mut(topic);
        }
        if topics.is_empty() {
            self.open.remove_mut(group);
        }
    }

    /// The partitions of a group with pending offsets.
    pub(crate) fn pending_partitions(&self, group: &str) -> impl Iterator<Item = (&TopicName, PartitionId)> {
        let topics = self.open.get(group).into_iter().flat_map(|topics| topics.iter());
        topics.flat_map(|(topic, partitions)| partitions.keys().map(move |partition| (topic, *partition)))
    }

    /// The pending offsets of a topic, whatever the producer: the group, the partition, the offset.
    pub(crate) fn pending_of_topic(
        &self,
        topic: &str,
    ) -> impl Iterator<Item = (&GroupId, PartitionId, &Stored)> {
        self.pending.values().flat_map(|groups| groups.iter()).flat_map(move |(group, topics)| {
            let partitions = topics.get(topic).into_iter().flat_map(|partitions| partitions.iter());
            partitions.map(move |(partition, stored)| (group, *partition, stored))
        })
    }

    /// The committed offsets of a topic: the group, the partition, the offset.
    pub(crate) fn offsets_of_topic(
        &self,
        topic: &str,
    ) -> impl Iterator<Item = (&GroupId, PartitionId, &Stored)> {
        self.offsets.iter().flat_map(move |(group, topics)| {
            let partitions = topics.get(topic).into_iter().flat_map(|partitions| partitions.iter());
            partitions.map(move |(partition, stored)| (group, *partition, stored))
        })
    }
}

/// The value under a key, which is made with an empty value when it is not there.
fn entry<'a, K, V, Q>(map: &'a mut Map<K, V>, key: &Q, own: impl FnOnce() -> K) -> &'a mut V
where
    K: Ord + Clone + core::borrow::Borrow<Q>,
    V: Clone + Default,
    Q: Ord + ?Sized,
{
    if !map.contains_key(key) {
        map.insert_mut(own(), V::default());
    }
    match map.get_mut(key) {
        Some(value) => value,
        None => unreachable!("it was put there"),
    }
}

/// Says whether there was none.
fn put(
    groups: &mut Map<GroupId, TopicOffsets>,
    group: &str,
    topic: &str,
    partition: PartitionId,
    stored: Stored,
) -> bool {
    let topics = entry(groups, group, || GroupId::new(group));
    let partitions = entry(topics, topic, || TopicName::new(topic));
    match partitions.get_mut(&partition) {
        Some(old) => {
            *old = stored;
            false
        }
        None => {
            partitions.insert_mut(partition, stored);
            true
        }
    }
}

/// Takes one away, and the maps that are empty then.
fn take(
    groups: &mut Map<GroupId, TopicOffsets>,
    group: &str,
    topic: &str,
    partition: PartitionId,
) -> Option<Stored> {
    let stored = groups.get(group)?.get(topic)?.get(&partition)?.clone();
    let topics = groups.get_mut(group)?;
    let partitions = topics.get_mut(topic)?;
    partitions.remove_mut(&partition);
    if partitions.is_empty() {
        topics.remove_mut(topic);
    }
    if topics.is_empty() {
        groups.remove_mut(group);
    }
    Some(stored)
}
