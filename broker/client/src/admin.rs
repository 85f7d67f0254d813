//! What tools and the operator ask of a cluster.

pub mod acls;
pub mod cluster;
pub mod configs;
pub mod elections;
pub mod features;
pub mod group_offsets;
pub mod groups;
pub mod log_dirs;
pub mod offsets;
pub mod quorum;
pub mod quotas;
pub mod reassignments;
pub mod replicas;
pub mod tokens;
pub mod topics;
pub mod transactions;
pub mod users;

use std::{collections::BTreeMap, time::Duration};

use broker_protocol::Str;
use broker_types::{PartitionId, TopicName, TopicPartition};

/// How long the cluster may take over a change.
const CHANGE_TIMEOUT: Duration = Duration::from_secs(30);

/// Partitions as requests name them: by topic.
pub(crate) fn by_topic(partitions: &[TopicPartition]) -> Vec<(Str, Vec<i32>)> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for at in partitions {
        topics.entry(at.topic.as_str()).or_default().push(at.partition.get());
    }
    topics.into_iter().map(|(topic, partitions)| (Str::from(topic), partitions)).collect()
}

/// Partitions of one topic, by its name on the wire.
pub(crate) fn of_topic(topic: &str, ids: &[i32]) -> impl Iterator<Item = TopicPartition> {
    let name = TopicName::new(topic);
    ids.iter().map(move |id| TopicPartition::new(name.clone(), PartitionId::new(*id)))
}

fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
