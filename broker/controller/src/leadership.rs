//! What follows for partitions when a broker comes or goes.

use alloc::vec::Vec;

use broker_metadata::{ConfigResource, Image, Partition, Topic};
use broker_protocol::records::metadata::MetadataRecord;
use broker_types::{BrokerId, PartitionId, TopicId};

use crate::{
    Settings,
    partition_change::{Move, PartitionChange, Policy},
};

/// The feature that keeps eligible leader replicas.
pub(crate) const ELR_FEATURE: &str = "eligible.leader.replicas.version";

/// Whether eligible leader replicas are kept.
pub(crate) fn keeps_elr(image: &Image) -> bool {
    image.features().level(ELR_FEATURE) > 0
}

/// The records that follow for the partitions that a broker's move concerns: those that have it in ISR or ELR when it
/// leaves, those without a leader when it returns.
pub(crate) fn follow(image: &Image, settings: &Settings, step: Move) -> Vec<MetadataRecord> {
    follow_where(image, settings, step, |_, _, partition| match step {
        Move::Leaves(broker) => partition.isr.contains(&broker),
        Move::Crashed(broker) => partition.isr.contains(&broker) || partition.elr.contains(&broker),
        Move::Returns(_) => partition.leader.is_none(),
    })
}

/// The records that follow for some partitions.
pub(crate) fn follow_where(
    image: &Image,
    settings: &Settings,
    step: Move,
    concerned: impl Fn(TopicId, PartitionId, &Partition) -> bool,
) -> Vec<MetadataRecord> {
    let mut policy_of: Option<(TopicId, Policy)> = None;
    let chosen = image.topics().partitions().filter(|(topic, index, p)| concerned(topic.id(), *index, p));
    let records = chosen.filter_map(|(topic, index, partition)| {
        // Partitions come topic by topic: its configs are looked up once.
        let known = policy_of.filter(|(id, _)| *id == topic.id()).map(|(_, policy)| policy);
        let policy = known.unwrap_or_else(|| policy(image, settings, topic));
        policy_of = Some((topic.id(), policy));
        let change = PartitionChange::new(image, topic.id(), index, partition, policy).with(step);
        change.record().map(MetadataRecord::from)
    });
    records.collect()
}

/// Whether a broker leads any partition.
pub(crate) fn leads_any(image: &Image, broker: BrokerId) -> bool {
    image.topics().partitions().any(|(_, _, partition)| partition.leader == Some(broker))
}

/// How leaders of a topic are chosen: by its own configs, else the cluster's, else the static ones.
pub(crate) fn policy(image: &Image, settings: &Settings, topic: &Topic) -> Policy {
    let config = |key| {
        let own = image.configs().get(&ConfigResource::topic(topic.name().as_str()), key);
        own.or_else(|| image.configs().get(&ConfigResource::cluster(), key))
    };
    let min_isr = config("min.insync.replicas").and_then(|value| value.parse().ok());
    let replicas = topic.partitions().values().next().map_or(1, |partition| partition.replicas.len());
    Policy {
        unclean: config("unclean.leader.election.enable")
            .map_or(settings.unclean_leader_election, |value| &**value == "true"),
        keeps_elr: keeps_elr(image),
        min_isr: min_isr.unwrap_or(settings.min_insync_replicas).min(replicas),
    }
}

#[cfg(test)]
mod tests;
