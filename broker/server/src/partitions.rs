//! The partition replicas on this broker, by topic name and by topic id, and what takes them to other brokers: the
//! fetchers of those that follow, the proposals of those that lead.
//!
//! Invariant: both tables name the same topics; they change only as the metadata image does.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use broker_types::{PartitionId, TopicId, TopicName};
use parking_lot::RwLock;

use crate::{fetchers::Fetchers, isr::Proposals, partition::Partition};

/// The replicas of one topic.
#[derive(Debug)]
pub(crate) struct HostedTopic {
    name: TopicName,
    id: TopicId,
    /// By partition index; `None` where another broker has the replica.
    partitions: ArcSwap<Vec<Option<Arc<Partition>>>>,
}

/// All replicas of this broker.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    tables: RwLock<Tables>,
    fetchers: Fetchers,
    proposals: Arc<Proposals>,
}

#[derive(Debug, Default)]
struct Tables {
    by_name: HashMap<TopicName, Arc<HostedTopic>>,
    by_id: HashMap<TopicId, Arc<HostedTopic>>,
}

impl HostedTopic {
    pub(crate) fn name(&self) -> &TopicName {
        &self.name
    }

    pub(crate) fn id(&self) -> TopicId {
        self.id
    }

    pub(crate) fn partition(&self, index: PartitionId) -> Option<Arc<Partition>> {
        let index = usize::try_from(index.get()).ok()?;
        self.partitions.load().get(index).cloned().flatten()
    }

    /// The replicas that are here.
    pub(crate) fn partitions(&self) -> Vec<Arc<Partition>> {
        self.partitions.load().iter().flatten().cloned().collect()
    }
}

impl Partitions {
    /// Which replica follows whom.
    pub(crate) fn fetchers(&self) -> &Fetchers {
        &self.fetchers
    }

    /// What leaders here want of the controller.
    pub(crate) fn proposals(&self) -> &Arc<Proposals> {
        &self.proposals
    }

    pub(crate) fn topic(&self, name: &str) -> Option<Arc<HostedTopic>> {
        self.tables.read().by_name.get(name).cloned()
    }

    pub(crate) fn topic_by_id(&self, id: TopicId) -> Option<Arc<HostedTopic>> {
        self.tables.read().by_id.get(&id).cloned()
    }

    /// Every topic that has a replica here.
    pub(crate) fn topics(&self) -> Vec<Arc<HostedTopic>> {
        self.tables.read().by_id.values().cloned().collect()
    }

    /// Every replica that is here.
    pub(crate) fn all(&self) -> Vec<Arc<Partition>> {
        self.topics().iter().flat_map(|topic| topic.partitions()).collect()
    }

    /// How many replicas are here.
    pub(crate) fn count(&self) -> usize {
        let tables = self.tables.read();
        tables.by_id.values().map(|topic| topic.partitions.load().iter().flatten().count()).sum()
    }

    /// Adds replicas, those of one topic together.
    pub(crate) fn add(&self, added: Vec<Arc<Partition>>) {
        let mut by_topic: HashMap<TopicId, Vec<Arc<Partition>>> = HashMap::new();
        for partition in added {
            by_topic.entry(partition.topic_id()).or_default().push(partition);
        }
        let mut tables = self.tables.write();
        for (id, added) in by_topic {
            let Some(first) = added.first() else { continue };
            let topic = tables.topic(id, &first.id().topic);
            let mut partitions = topic.partitions.load().as_ref().clone();
            for partition in added {
                let Ok(index) = usize::try_from(partition.id().partition.get()) else { continue };
                if partitions.len() <= index {
                    partitions.resize(index + 1, None);
                }
                partitions[index] = Some(partition);
            }
            topic.partitions.store(Arc::new(partitions));
        }
    }

    /// Takes one replica out.
    pub(crate) fn remove_replica(&self, id: TopicId, index: PartitionId) -> Option<Arc<Partition>> {
        let tables = self.tables.write();
        let topic = tables.by_id.get(&id)?;
        let mut partitions = topic.partitions.load().as_ref().clone();
        let removed = partitions.get_mut(usize::try_from(index.get()).ok()?)?.take();
        topic.partitions.store(Arc::new(partitions));
        removed
    }

    /// Takes a topic out and gives its replicas.
    pub(crate) fn remove(&self, id: TopicId) -> Vec<Arc<Partition>> {
        let mut tables = self.tables.write();
        let Some(topic) = tables.by_id.remove(&id) else { return Vec::new() };
        // A new life of the name may stand there already.
        if tables.by_name.get(&topic.name).is_some_and(|named| named.id == id) {
            tables.by_name.remove(&topic.name);
        }
        topic.partitions()
    }
}

impl Tables {
    fn topic(&mut self, id: TopicId, name: &TopicName) -> Arc<HostedTopic> {
        if let Some(topic) = self.by_id.get(&id) {
            return Arc::clone(topic);
        }
        let topic = Arc::new(HostedTopic { name: name.clone(), id, partitions: ArcSwap::default() });
        self.by_id.insert(id, Arc::clone(&topic));
        self.by_name.insert(name.clone(), Arc::clone(&topic));
        topic
    }
}
