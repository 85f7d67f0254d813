//! Takes the logs that were found at the start into service, as far as the image knows them. What it does not know is set
//! aside as stray, never deleted.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use broker_log::Log;
use broker_metadata::{Image, Partition as Registered, Topic};
use broker_types::TopicPartition;

use super::{replica_settings, unique};
use crate::{broker::Broker, directories::Directory, partition::Partition};

/// A log that was found in a directory, before its topic was looked up.
pub(crate) struct FoundLog {
    pub(crate) directory: Arc<Directory>,
    pub(crate) log: Log,
    /// It was being moved in from another directory.
    pub(crate) is_copy: bool,
}

pub(super) fn adopt(broker: &Broker, image: &Image, found: Vec<FoundLog>) {
    let (copies, logs): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.is_copy);
    let mut adopted = BTreeMap::new();
    for FoundLog { directory, log, .. } in best_first(broker, image, logs) {
        let id = log.topic_partition().clone();
        match known(broker, image, &log) {
            // A stop in the middle of a move of Apache Kafka's leaves two.
            Some((topic, _)) if !adopted.contains_key(&id) => {
                let partition = take_in(broker, image, topic, id.clone(), directory, log);
                adopted.insert(id, partition);
            }
            _ => set_aside(&directory, &id, log, unique(broker)),
        }
    }
    for FoundLog { directory, mut log, .. } in copies {
        let id = log.topic_partition().clone();
        match (known(broker, image, &log), adopted.get(&id)) {
            (Some(_), Some(partition)) => broker.moves.begin(broker, partition, log, &directory),
            // It was whole, and the controller was told: a stop, or the end of the other directory, came before the swap.
            (Some((topic, registered)), None)
                if registered.directory(broker.id()) == Some(directory.id()) =>
            {
                if let Err(error) = log.promote() {
                    directory.fail(&error);
                    continue;
                }
                tracing::info!(partition = %id, directory = %directory.path().display(), "the copy is taken for the replica");
                adopted.insert(id.clone(), take_in(broker, image, topic, id, directory, log));
            }
            _ => set_aside(&directory, &id, log, unique(broker)),
        }
    }
    broker.partitions.add(adopted.into_values().collect());
    broker.metrics.partitions.set(i64::try_from(broker.partitions.count()).unwrap_or(i64::MAX));
}

/// Those first that lie where the image knows them.
fn best_first(broker: &Broker, image: &Image, mut logs: Vec<FoundLog>) -> Vec<FoundLog> {
    logs.sort_by_key(|found| {
        let registered = known(broker, image, &found.log).and_then(|(_, one)| one.directory(broker.id()));
        registered != Some(found.directory.id())
    });
    logs
}

/// What the image says of the partition that a log is of, if this broker has a replica of that very one.
fn known<'a>(broker: &Broker, image: &'a Image, log: &Log) -> Option<(&'a Topic, &'a Registered)> {
    let id = log.topic_partition();
    let topic = image.topics().find(id.topic.as_str())?;
    let registered = topic.partition(id.partition)?;
    let is_mine =
        registered.replicas.contains(&broker.id()) && log.topic_id().is_none_or(|found| found == topic.id());
    is_mine.then_some((topic, registered))
}

fn take_in(
    broker: &Broker,
    image: &Image,
    topic: &Topic,
    id: TopicPartition,
    directory: Arc<Directory>,
    log: Log,
) -> Arc<Partition> {
    let settings = Arc::new(broker.configs.of_topic(image, id.topic.as_str()));
    let replica = replica_settings(broker);
    let proposals = Arc::clone(broker.partitions.proposals());
    Arc::new(Partition::new(id, topic.id(), directory, settings, replica, proposals, log))
}

fn set_aside(directory: &Directory, id: &TopicPartition, log: Log, unique: u128) {
    tracing::warn!(partition = %id, "the cluster does not know this partition; it is set aside as stray");
    if let Err(error) = log.set_stray(unique) {
        directory.fail(&error);
    }
}
