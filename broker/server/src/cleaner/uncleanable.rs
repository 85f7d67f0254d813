//! The logs that cannot be cleaned, and why.

use std::{collections::BTreeMap, sync::Arc};

use broker_types::{TopicId, TopicPartition};
use parking_lot::Mutex;
use serde::Serialize;

use crate::partition::Partition;

/// Set aside until the broker starts again or the replica leaves it.
#[derive(Debug, Default)]
pub(crate) struct Uncleanable {
    reasons: Mutex<BTreeMap<TopicPartition, (TopicId, String)>>,
}

/// A log that cannot be cleaned, as the admin port shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shown {
    topic: String,
    partition: i32,
    reason: String,
}

impl Uncleanable {
    pub(super) fn add(&self, partition: &Partition, reason: String) {
        self.reasons.lock().insert(partition.id().clone(), (partition.topic_id(), reason));
    }

    pub(super) fn contains(&self, partition: &Partition) -> bool {
        let reasons = self.reasons.lock();
        reasons.get(partition.id()).is_some_and(|(topic, _)| *topic == partition.topic_id())
    }

    /// Forgets the replicas that are not there any more.
    pub(super) fn retain(&self, partitions: &[Arc<Partition>]) {
        let mut reasons = self.reasons.lock();
        if !reasons.is_empty() {
            let is_there = |id: &TopicPartition, topic: TopicId| {
                partitions.iter().any(|partition| partition.id() == id && partition.topic_id() == topic)
            };
            reasons.retain(|id, (topic, _)| is_there(id, *topic));
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.reasons.lock().len()
    }

    /// All of them, in order.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let reasons = self.reasons.lock();
        let shown = reasons.iter().map(|(id, (_, reason))| Shown {
            topic: id.topic.as_str().to_owned(),
            partition: id.partition.get(),
            reason: reason.clone(),
        });
        shown.collect()
    }
}
