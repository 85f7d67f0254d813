//! Who leads a partition when brokers come and go.

use alloc::vec::Vec;

use broker_metadata::{ConfigResource, Image, LeaderRecovery, Partition};
use broker_protocol::records::metadata::{MetadataRecord, PartitionChangeRecord};
use broker_types::{BrokerId, PartitionId, TopicId};

/// What happens to a broker while leaders are chosen, before its own record is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Move {
    /// It leaves the in-sync replicas and leads nothing more.
    Leaves(BrokerId),
    /// It may lead again.
    Returns(BrokerId),
}

const NO_LEADER: i32 = -1;
const UNCHANGED: i32 = -2;

/// A change record that changes nothing yet.
pub(crate) fn unchanged(topic: TopicId, partition: PartitionId) -> PartitionChangeRecord {
    PartitionChangeRecord {
        partition_id: partition.get(),
        topic_id: topic.uuid(),
        leader: UNCHANGED,
        leader_recovery_state: -1,
        ..PartitionChangeRecord::default()
    }
}

/// The records that follow for the partitions that a broker's move concerns: those that have it in the ISR when it
/// leaves, those without a leader when it returns.
pub(crate) fn follow(image: &Image, unclean_by_default: bool, step: Move) -> Vec<MetadataRecord> {
    follow_where(image, unclean_by_default, step, |_, _, partition| match step {
        Move::Leaves(broker) => partition.isr.contains(&broker),
        Move::Returns(_) => partition.leader.is_none(),
    })
}

/// The records that follow for some partitions.
pub(crate) fn follow_where(
    image: &Image,
    unclean_by_default: bool,
    step: Move,
    concerned: impl Fn(TopicId, PartitionId, &Partition) -> bool,
) -> Vec<MetadataRecord> {
    let chosen = image.topics().partitions().filter(|(topic, index, p)| concerned(topic.id(), *index, p));
    let records = chosen.filter_map(|(topic, index, partition)| {
        let unclean = may_elect_unclean(image, unclean_by_default, topic.name().as_str());
        let change = change(image, topic.id(), index, partition, unclean, step)?;
        Some(MetadataRecord::PartitionChange(change))
    });
    records.collect()
}

/// Whether a broker leads any partition.
pub(crate) fn leads_any(image: &Image, broker: BrokerId) -> bool {
    image.topics().partitions().any(|(_, _, partition)| partition.leader == Some(broker))
}

/// `unclean.leader.election.enable` of a topic: its own, the cluster's, the static one.
fn may_elect_unclean(image: &Image, by_default: bool, topic: &str) -> bool {
    const KEY: &str = "unclean.leader.election.enable";
    let own = image.configs().get(&ConfigResource::topic(topic), KEY);
    let value = own.or_else(|| image.configs().get(&ConfigResource::cluster(), KEY));
    value.map_or(by_default, |value| &**value == "true")
}

/// What changes in one partition, if anything. The leader stays while it may; otherwise the first replica in the
/// order of assignment that is in sync and alive leads; otherwise, where that is allowed, the first that is alive. An
/// ISR never becomes empty: its last member is who may lead without loss.
fn change(
    image: &Image,
    topic: TopicId,
    index: PartitionId,
    partition: &Partition,
    unclean: bool,
    step: Move,
) -> Option<PartitionChangeRecord> {
    let (leaves, returns) = match step {
        Move::Leaves(broker) => (Some(broker), None),
        Move::Returns(broker) => (None, Some(broker)),
    };
    let isr: Vec<_> = partition.isr.iter().copied().filter(|id| Some(*id) != leaves).collect();
    let may_lead = |id: BrokerId| {
        let alive = Some(id) == returns || image.cluster().is_active(id);
        Some(id) != leaves && alive && directory_is_online(image, partition, id)
    };
    let in_sync = |id: &BrokerId| isr.contains(id) && may_lead(*id);
    let clean = partition.leader.filter(in_sync).or_else(|| partition.replicas.iter().copied().find(in_sync));
    let any = || partition.replicas.iter().copied().find(|id| unclean && may_lead(*id));
    let leader = clean.or_else(any);

    let mut record = unchanged(topic, index);
    if leader != partition.leader {
        record.leader = leader.map_or(NO_LEADER, BrokerId::get);
    }
    match leader.filter(|_| clean.is_none()) {
        Some(unclean_leader) => {
            record.isr = Some(alloc::vec![unclean_leader.get()]);
            if partition.recovery == LeaderRecovery::Recovered {
                record.leader_recovery_state = LeaderRecovery::Recovering.code();
            }
        }
        None if !isr.is_empty() && *isr != *partition.isr => {
            record.isr = Some(isr.iter().map(|id| id.get()).collect());
        }
        None => {}
    }
    (record != unchanged(topic, index)).then_some(record)
}

fn directory_is_online(image: &Image, partition: &Partition, id: BrokerId) -> bool {
    let directory = partition.directory(id);
    let broker = image.cluster().broker(id);
    directory.zip(broker).is_some_and(|(directory, broker)| broker.has_online_dir(directory))
}
