//! AlterPartition: a leader tells which of its replicas are in sync (KIP-497, KIP-704, KIP-903).

use alloc::vec::Vec;

use broker_metadata::{Broker, Image, LeaderRecovery, Partition, Topic};
use broker_protocol::records::metadata::MetadataRecord;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId};

use crate::{
    Settings,
    brokers::{StaleBroker, registered},
    leadership::policy,
    partition_change::PartitionChange,
    staged::Staged,
};

/// A leader's view of the replicas of its partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterPartition {
    /// The leader.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// Its partitions by topic.
    pub topics: Vec<(TopicId, Vec<IsrChange>)>,
}

/// The new in-sync replicas of one partition.
#[derive(Clone, Debug, PartialEq)]
pub struct IsrChange {
    /// The partition.
    pub partition: PartitionId,
    /// The leadership that says so.
    pub leader_epoch: LeaderEpoch,
    /// The registration that it rests on.
    pub partition_epoch: PartitionEpoch,
    /// The replicas in sync, the leader included.
    pub isr: Vec<IsrMember>,
    /// Whether the leader still recovers from an unclean election.
    pub recovery: LeaderRecovery,
}

/// A replica that is in sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsrMember {
    /// Its broker.
    pub broker: BrokerId,
    /// The life of the broker that was seen in sync; `None` when the leader cannot tell.
    pub epoch: Option<BrokerEpoch>,
}

/// The partition after the change.
#[derive(Clone, Debug, PartialEq)]
pub struct AlteredPartition {
    /// Its leader.
    pub leader: Option<BrokerId>,
    /// The epoch of the leadership.
    pub leader_epoch: LeaderEpoch,
    /// The replicas in sync.
    pub isr: Vec<BrokerId>,
    /// Whether the leader still recovers.
    pub recovery: LeaderRecovery,
    /// The epoch of the registration.
    pub partition_epoch: PartitionEpoch,
}

/// Why in-sync replicas are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlterPartitionError {
    /// No topic has the id.
    #[error("This server does not host this topic ID.")]
    UnknownTopicId,
    /// The topic has no such partition.
    #[error("This server does not host this topic-partition.")]
    UnknownPartition,
    /// The request knows a later leader or partition epoch than this controller: another is active.
    #[error("the request has seen a later epoch than this controller")]
    FromTheFuture,
    /// The leadership of the request is over.
    #[error("the current leader epoch is {current}, not {given}")]
    FencedLeaderEpoch {
        /// The epoch that is.
        current: LeaderEpoch,
        /// The epoch of the request.
        given: LeaderEpoch,
    },
    /// The sender does not lead.
    #[error("the broker is not the leader of the partition")]
    NotLeader,
    /// The partition has changed since.
    #[error("the current partition epoch is {current}, not {given}")]
    StalePartitionEpoch {
        /// The epoch that is.
        current: PartitionEpoch,
        /// The epoch of the request.
        given: PartitionEpoch,
    },
    /// Empty, with a broker twice, or with one that is no replica.
    #[error("the ISR is invalid")]
    InvalidIsr,
    /// The leader is not in it.
    #[error("the ISR does not include the leader")]
    WithoutLeader,
    /// More than the leader, which still recovers.
    #[error("the ISR has more than one replica while the leader still recovers from an unclean election")]
    NotAloneInRecovery,
    /// A leader that has recovered says that it has not.
    #[error("the leader recovery state cannot change from recovered to recovering")]
    RecoveringAgain,
    /// A replica that is not registered, fenced, stopping, or known in another life.
    #[error("replica {0} is not eligible for the ISR")]
    IneligibleReplica(BrokerId),
    /// The ISR was taken; it completed a reassignment that moved the leadership away from the sender.
    #[error("the completed reassignment elected a new leader")]
    NewLeaderElected,
}

/// One result per partition, by topic, in the order of the request.
pub type AlteredPartitions =
    Vec<(TopicId, Vec<(PartitionId, Result<AlteredPartition, AlterPartitionError>)>)>;

/// Takes new in-sync replicas; a reassignment completes when they are what it waits for.
pub(crate) fn alter(
    image: &Image,
    settings: &Settings,
    request: &AlterPartition,
) -> Result<(Vec<MetadataRecord>, AlteredPartitions), StaleBroker> {
    registered(image, request.broker, request.epoch)?;
    let mut staged = Staged::new(image);
    let altered = request.topics.iter().map(|(id, changes)| {
        let topic = image.topics().get(*id).ok_or(AlterPartitionError::UnknownTopicId);
        let one = |change: &IsrChange| {
            let result =
                topic.and_then(|topic| alter_one(image, settings, &mut staged, topic, request, change));
            (change.partition, result)
        };
        (*id, changes.iter().map(one).collect())
    });
    let altered = altered.collect();
    Ok((staged.records, altered))
}

fn alter_one(
    image: &Image,
    settings: &Settings,
    staged: &mut Staged<'_>,
    topic: &Topic,
    request: &AlterPartition,
    change: &IsrChange,
) -> Result<AlteredPartition, AlterPartitionError> {
    let missing = AlterPartitionError::UnknownPartition;
    let partition = staged.partition(topic.id(), change.partition).ok_or(missing)?;
    check(image, partition, request.broker, change)?;
    let policy = policy(image, settings, topic);
    let mut target = PartitionChange::new(image, topic.id(), change.partition, partition, policy);
    target.isr = change.isr.iter().map(|member| member.broker).collect();
    target.recovery = change.recovery;
    if let Some(record) = target.record() {
        staged.push(topic.id(), change.partition, record);
    }
    let altered = staged.partition(topic.id(), change.partition).ok_or(missing)?;
    if altered.leader != Some(request.broker) {
        return Err(AlterPartitionError::NewLeaderElected);
    }
    Ok(AlteredPartition {
        leader: altered.leader,
        leader_epoch: altered.leader_epoch,
        isr: altered.isr.to_vec(),
        recovery: altered.recovery,
        partition_epoch: altered.partition_epoch,
    })
}

fn check(
    image: &Image,
    partition: &Partition,
    leader: BrokerId,
    change: &IsrChange,
) -> Result<(), AlterPartitionError> {
    if change.leader_epoch > partition.leader_epoch || change.partition_epoch > partition.partition_epoch {
        return Err(AlterPartitionError::FromTheFuture);
    }
    if change.leader_epoch < partition.leader_epoch {
        let (current, given) = (partition.leader_epoch, change.leader_epoch);
        return Err(AlterPartitionError::FencedLeaderEpoch { current, given });
    }
    if partition.leader != Some(leader) {
        return Err(AlterPartitionError::NotLeader);
    }
    if change.partition_epoch < partition.partition_epoch {
        let (current, given) = (partition.partition_epoch, change.partition_epoch);
        return Err(AlterPartitionError::StalePartitionEpoch { current, given });
    }
    let mut sorted: Vec<_> = change.isr.iter().map(|member| member.broker).collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).any(|pair| pair.first() == pair.last());
    if sorted.is_empty() || twice || !sorted.iter().all(|id| partition.replicas.contains(id)) {
        return Err(AlterPartitionError::InvalidIsr);
    }
    if !sorted.contains(&leader) {
        return Err(AlterPartitionError::WithoutLeader);
    }
    if change.recovery == LeaderRecovery::Recovering {
        if sorted.len() > 1 {
            return Err(AlterPartitionError::NotAloneInRecovery);
        }
        if partition.recovery == LeaderRecovery::Recovered {
            return Err(AlterPartitionError::RecoveringAgain);
        }
    }
    match change.isr.iter().find(|member| !eligible(image, member)) {
        Some(member) => Err(AlterPartitionError::IneligibleReplica(member.broker)),
        None => Ok(()),
    }
}

/// Whether a broker may be in sync: active, in the life that the leader saw.
fn eligible(image: &Image, member: &IsrMember) -> bool {
    let fits = |broker: &Broker| broker.is_active() && member.epoch.is_none_or(|epoch| epoch == broker.epoch);
    image.cluster().broker(member.broker).is_some_and(fits)
}

#[cfg(test)]
mod tests;
