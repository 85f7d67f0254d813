//! AlterPartition: a leader proposes the in-sync replicas of its partitions (KIP-497, KIP-704, KIP-841, KIP-903, KIP-966).
//!
//! Invariant: only the leader that the image names changes an ISR, only from the registration that it knows, and only
//! replicas that live in the very life that the leader saw come in.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_metadata::{Image, LeaderRecovery, Partition, Topic};
use broker_protocol::records::metadata::MetadataRecord;
use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, PartitionEpoch, PartitionId, TopicId};

use crate::{
    Settings,
    brokers::{StaleBroker, registered},
    leadership::policy,
    partition_change::unchanged,
};

/// What a leader proposes for its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlterPartition {
    /// Who proposes.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// One per partition.
    pub proposals: Vec<IsrProposal>,
}

/// The in-sync replicas of one partition as its leader sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IsrProposal {
    /// The partition's topic.
    pub topic: TopicId,
    /// Its index.
    pub partition: PartitionId,
    /// The leadership that proposes.
    pub leader_epoch: LeaderEpoch,
    /// The registration that the leader knows.
    pub partition_epoch: PartitionEpoch,
    /// The in-sync replicas, each with the registration that the leader saw; `None` where it did not say.
    pub isr: Vec<(BrokerId, Option<BrokerEpoch>)>,
    /// Whether the leader still recovers from an unclean election.
    pub recovery: LeaderRecovery,
}

/// A registration as it is after a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlteredPartition {
    /// Who leads.
    pub leader: Option<BrokerId>,
    /// Its epoch.
    pub leader_epoch: LeaderEpoch,
    /// The in-sync replicas.
    pub isr: Vec<BrokerId>,
    /// Whether the leader recovers.
    pub recovery: LeaderRecovery,
    /// The version of the registration.
    pub partition_epoch: PartitionEpoch,
}

/// Why a proposal was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlterPartitionError {
    /// There is no such topic.
    #[error("no topic has this id")]
    UnknownTopic,
    /// The topic has no such partition.
    #[error("the topic has no such partition")]
    UnknownPartition,
    /// The leader knows more than this controller: it is not the active one any more.
    #[error("the proposal rests on newer metadata")]
    FromTheFuture,
    /// The leadership is over.
    #[error("the leadership that proposes is over")]
    FencedLeader,
    /// The registration is another one by now.
    #[error("the partition's registration is another one by now")]
    Outdated,
    /// It makes no sense: from another than the leader, of brokers without the partition, without the leader itself.
    #[error("the proposal makes no sense")]
    Invalid,
    /// A broker of it is fenced, about to stop, or another life than the leader saw.
    #[error("a proposed replica may not be in sync")]
    Ineligible,
}

/// One answer per proposal, with what it was about.
pub type Altered = Vec<(TopicId, PartitionId, Result<AlteredPartition, AlterPartitionError>)>;

pub(crate) fn alter(
    image: &Image,
    settings: &Settings,
    request: &AlterPartition,
) -> Result<(Vec<MetadataRecord>, Altered), StaleBroker> {
    registered(image, request.broker, request.epoch)?;
    let mut records = Vec::new();
    let answer = |proposal: &IsrProposal| {
        let result = one(image, settings, request.broker, proposal).map(|(record, altered)| {
            records.extend(record);
            altered
        });
        (proposal.topic, proposal.partition, result)
    };
    let answers = request.proposals.iter().map(answer).collect();
    Ok((records, answers))
}

fn one(
    image: &Image,
    settings: &Settings,
    broker: BrokerId,
    proposal: &IsrProposal,
) -> Result<(Option<MetadataRecord>, AlteredPartition), AlterPartitionError> {
    let topic = image.topics().get(proposal.topic).ok_or(AlterPartitionError::UnknownTopic)?;
    let partition = topic.partition(proposal.partition).ok_or(AlterPartitionError::UnknownPartition)?;
    check(image, broker, partition, proposal)?;
    let isr: Vec<BrokerId> = proposal.isr.iter().map(|(id, _)| *id).collect();
    let mut record = unchanged(proposal.topic, proposal.partition);
    let nothing = record.clone();
    let members = |ids: &[BrokerId]| ids.iter().copied().collect::<BTreeSet<_>>();
    if members(&isr) != members(&partition.isr) {
        record.isr = Some(raw(&isr));
    }
    if proposal.recovery != partition.recovery {
        record.leader_recovery_state = proposal.recovery.code();
    }
    let elr = eligible(image, settings, topic, partition, &isr);
    if *elr != *partition.elr {
        record.eligible_leader_replicas = Some(raw(&elr));
    }
    if elr.is_empty() && !partition.last_known_elr.is_empty() {
        record.last_known_elr = Some(Vec::new());
    }
    let has_changed = record != nothing;
    let altered = AlteredPartition {
        leader: partition.leader,
        leader_epoch: partition.leader_epoch,
        isr: if record.isr.is_some() { isr } else { partition.isr.to_vec() },
        recovery: proposal.recovery,
        partition_epoch: if has_changed {
            partition.partition_epoch.next()
        } else {
            partition.partition_epoch
        },
    };
    Ok((has_changed.then(|| MetadataRecord::from(record)), altered))
}

fn check(
    image: &Image,
    broker: BrokerId,
    partition: &Partition,
    proposal: &IsrProposal,
) -> Result<(), AlterPartitionError> {
    if proposal.leader_epoch > partition.leader_epoch || proposal.partition_epoch > partition.partition_epoch
    {
        return Err(AlterPartitionError::FromTheFuture);
    }
    if proposal.leader_epoch < partition.leader_epoch {
        return Err(AlterPartitionError::FencedLeader);
    }
    if partition.leader != Some(broker) {
        return Err(AlterPartitionError::Invalid);
    }
    if proposal.partition_epoch < partition.partition_epoch {
        return Err(AlterPartitionError::Outdated);
    }
    let ids: BTreeSet<BrokerId> = proposal.isr.iter().map(|(id, _)| *id).collect();
    let is_valid = ids.len() == proposal.isr.len()
        && ids.contains(&broker)
        && ids.iter().all(|id| partition.replicas.contains(id));
    let recovers = proposal.recovery == LeaderRecovery::Recovering;
    if !is_valid || recovers && (ids.len() > 1 || partition.recovery == LeaderRecovery::Recovered) {
        return Err(AlterPartitionError::Invalid);
    }
    let is_eligible = |(id, seen): &(BrokerId, Option<BrokerEpoch>)| {
        let known = image.cluster().broker(*id).filter(|_| image.cluster().is_active(*id));
        known.is_some_and(|known| seen.is_none_or(|seen| seen == known.epoch))
    };
    if proposal.isr.iter().all(is_eligible) { Ok(()) } else { Err(AlterPartitionError::Ineligible) }
}

/// Who may lead without loss though it is not in sync: whoever leaves an ISR below its minimum, until it is whole again.
fn eligible(
    image: &Image,
    settings: &Settings,
    topic: &Topic,
    partition: &Partition,
    isr: &[BrokerId],
) -> Vec<BrokerId> {
    let policy = policy(image, settings, topic);
    if !policy.keeps_elr || isr.len() >= policy.min_isr {
        return Vec::new();
    }
    let were: BTreeSet<BrokerId> = partition.elr.iter().chain(&*partition.isr).copied().collect();
    were.into_iter().filter(|id| !isr.contains(id)).collect()
}

fn raw(ids: &[BrokerId]) -> Vec<i32> {
    ids.iter().map(|id| id.get()).collect()
}

#[cfg(test)]
mod tests;
