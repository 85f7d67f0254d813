//! A set of partitions.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use broker_types::{PartitionId, TopicName, TopicPartition};

/// Partitions by topic, in order; no topic without partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partitions(BTreeMap<TopicName, BTreeSet<PartitionId>>);

impl Partitions {
    /// Adds one.
    pub fn insert(&mut self, topic: &TopicName, partition: PartitionId) {
        match self.0.get_mut(topic) {
            Some(partitions) => {
                partitions.insert(partition);
            }
            None => {
                self.0.insert(topic.clone(), BTreeSet::from([partition]));
            }
        }
    }

    /// Takes one away. Says whether it was there.
    pub fn remove(&mut self, topic: &TopicName, partition: PartitionId) -> bool {
        let Some(partitions) = self.0.get_mut(topic) else { return false };
        let was_there = partitions.remove(&partition);
        if partitions.is_empty() {
            self.0.remove(topic);
        }
        was_there
    }

    /// Whether one is in the set.
    #[must_use]
    pub fn contains(&self, topic: &TopicName, partition: PartitionId) -> bool {
        self.0.get(topic).is_some_and(|partitions| partitions.contains(&partition))
    }

    /// Whether all of the others are in the set.
    #[must_use]
    pub fn contains_all(&self, others: &Self) -> bool {
        others.iter().all(|(topic, partition)| self.contains(topic, partition))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&TopicName, PartitionId)> {
        self.by_topic()
            .flat_map(|(topic, partitions)| partitions.iter().map(move |&partition| (topic, partition)))
    }

    /// All, by topic.
    pub fn by_topic(&self) -> impl Iterator<Item = (&TopicName, &BTreeSet<PartitionId>)> {
        self.0.iter()
    }

    pub(crate) fn extend(&mut self, others: &Self) {
        for (topic, partition) in others.iter() {
            self.insert(topic, partition);
        }
    }

    pub(crate) fn remove_all(&mut self, others: &Self) {
        for (topic, partition) in others.iter() {
            self.remove(topic, partition);
        }
    }
}

impl FromIterator<TopicPartition> for Partitions {
    fn from_iter<I: IntoIterator<Item = TopicPartition>>(partitions: I) -> Self {
        let mut all = Self::default();
        for TopicPartition { topic, partition } in partitions {
            all.insert(&topic, partition);
        }
        all
    }
}

impl From<&Partitions> for Vec<TopicPartition> {
    fn from(partitions: &Partitions) -> Self {
        partitions.iter().map(|(topic, partition)| TopicPartition::new(topic.clone(), partition)).collect()
    }
}
