//! AlterPartitionReassignments: partitions move to other replicas (KIP-455, KIP-860).
//!
//! A partition that moves has its old and its new replicas at once, with those that come and those that go noted. When
//! all that stay are in sync, a change of the ISR drops those that go. A cancelled move drops those that came.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_metadata::{Image, Partition, Topic};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_types::{BrokerId, PartitionId, TopicName};

use crate::{
    AssignmentError, MAX_RECORDS, Settings,
    leadership::policy,
    partition_change::{PartitionChange, Policy},
    staged::Staged,
    topics::checked,
};

/// Move partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterReassignments {
    /// The moves by topic.
    pub topics: Vec<(Str, Vec<Reassignment>)>,
    /// Whether a partition may end with more or fewer replicas than it has (KIP-860).
    pub allow_replication_factor_change: bool,
}

/// The move of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassignment {
    /// The partition.
    pub partition: PartitionId,
    /// Its replicas in the end, the preferred leader first; `None` to cancel the move that is under way.
    pub replicas: Option<Vec<i32>>,
}

/// Why a partition does not move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReassignmentError {
    /// The topic does not exist.
    #[error("Unable to find a topic named {0}.")]
    UnknownTopic(Str),
    /// The topic has no such partition.
    #[error("Unable to find partition {0}:{1}.")]
    UnknownPartition(Str, PartitionId),
    /// There is nothing to cancel.
    #[error("No partition reassignment is in progress.")]
    NotInProgress,
    /// The replicas do not fit.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// The number of replicas would change, and must not.
    #[error("The replication factor is changed from {from} to {to}")]
    FactorChanged {
        /// How many there are.
        from: usize,
        /// How many were asked for.
        to: usize,
    },
    /// Nobody would be left by a cancel.
    #[error("Invalid replica assignment: addingReplicas contains all replicas.")]
    AllAdding,
    /// Only replicas that come are in sync, and the topic keeps those that lack records from leading.
    #[error(
        "Unable to revert partition assignment for {0}:{1} because it would require an unclean leader election."
    )]
    UncleanRevert(Str, PartitionId),
    /// A cancelled move would leave fewer in sync than records were acknowledged by: the loss of one more could lose
    /// those. Kafka goes back all the same.
    #[error(
        "Unable to revert partition assignment for {topic}:{partition} because only {in_sync} of its former replicas \
         are in sync, and {needed} are needed (min.insync.replicas). Let others come back first."
    )]
    ThinRevert {
        /// The topic.
        topic: Str,
        /// The partition.
        partition: PartitionId,
        /// How many would be in sync.
        in_sync: usize,
        /// How many must be.
        needed: usize,
    },
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// One result per partition, by topic, in the order of the request.
pub type Reassigned = Vec<(Str, Vec<(PartitionId, Result<(), ReassignmentError>)>)>;

/// Starts or cancels moves.
pub(crate) fn alter(
    image: &Image,
    settings: &Settings,
    request: &AlterReassignments,
) -> (Vec<MetadataRecord>, Reassigned) {
    let mut staged = Staged::new(image);
    let results = request.topics.iter().map(|(name, moves)| {
        let topic = image.topics().find(name).ok_or_else(|| ReassignmentError::UnknownTopic(name.clone()));
        let one = |reassignment: &Reassignment| {
            let allow = request.allow_replication_factor_change;
            let result = topic
                .clone()
                .and_then(|topic| alter_one(image, settings, &mut staged, topic, reassignment, allow));
            (reassignment.partition, result)
        };
        (name.clone(), moves.iter().map(one).collect())
    });
    let results = results.collect();
    (staged.records, results)
}

fn alter_one(
    image: &Image,
    settings: &Settings,
    staged: &mut Staged<'_>,
    topic: &Topic,
    reassignment: &Reassignment,
    allow_factor_change: bool,
) -> Result<(), ReassignmentError> {
    let index = reassignment.partition;
    let unknown = || ReassignmentError::UnknownPartition(Str::from(topic.name().as_str()), index);
    let partition = staged.partition(topic.id(), index).ok_or_else(unknown)?;
    let policy = policy(image, settings, topic);
    let change = match &reassignment.replicas {
        None => cancel(image, topic, index, partition, policy)?,
        Some(replicas) => {
            let target = checked(image, replicas, None)?;
            let from = factor(partition);
            if !allow_factor_change && from != target.len() {
                return Err(ReassignmentError::FactorChanged { from, to: target.len() });
            }
            move_to(image, topic, index, partition, policy, target)
        }
    };
    let Some(record) = change.record() else { return Ok(()) };
    if staged.records.len() >= MAX_RECORDS {
        return Err(ReassignmentError::TooManyRecords);
    }
    staged.push(topic.id(), index, record);
    Ok(())
}

/// How many replicas a partition has, or will have once its move is over.
fn factor(partition: &Partition) -> usize {
    let all: BTreeSet<_> = partition.replicas.iter().chain(&*partition.adding).collect();
    all.iter().filter(|id| !partition.removing.contains(id)).count()
}

fn move_to<'a>(
    image: &'a Image,
    topic: &Topic,
    index: PartitionId,
    partition: &'a Partition,
    policy: Policy,
    target: Vec<BrokerId>,
) -> PartitionChange<'a> {
    let difference = |of: &[BrokerId], from: &[BrokerId]| -> Vec<BrokerId> {
        let of: BTreeSet<_> = of.iter().copied().collect();
        of.into_iter().filter(|id| !from.contains(id)).collect()
    };
    let removing = difference(&partition.replicas, &target);
    let adding = difference(&target, &partition.replicas);
    // A move never gives the lead to a replica that lacks records, whatever the topic allows.
    let policy = Policy { unclean: false, ..policy };
    let mut change = PartitionChange::new(image, topic.id(), index, partition, policy);
    change.replicas = target;
    change.replicas.extend(&removing);
    // With none of a kind what a move before this one noted stands, as Kafka has it.
    if !removing.is_empty() {
        change.removing = removing;
    }
    if !adding.is_empty() {
        change.adding = adding;
    }
    change
}

fn cancel<'a>(
    image: &'a Image,
    topic: &Topic,
    index: PartitionId,
    partition: &'a Partition,
    policy: Policy,
) -> Result<PartitionChange<'a>, ReassignmentError> {
    if !partition.is_reassigning() {
        return Err(ReassignmentError::NotInProgress);
    }
    let mut change = PartitionChange::new(image, topic.id(), index, partition, policy);
    change.replicas.retain(|id| !partition.adding.contains(id));
    change.isr.retain(|id| !partition.adding.contains(id));
    if change.isr.is_empty() {
        let first = change.replicas.first().copied().ok_or(ReassignmentError::AllAdding)?;
        if !policy.unclean {
            return Err(ReassignmentError::UncleanRevert(Str::from(topic.name().as_str()), index));
        }
        change.isr.push(first);
    }
    let (in_sync, needed) = (change.isr.len(), policy.min_isr.min(change.replicas.len()));
    if in_sync < needed && partition.isr.len() >= needed && !policy.unclean {
        let topic = Str::from(topic.name().as_str());
        return Err(ReassignmentError::ThinRevert { topic, partition: index, in_sync, needed });
    }
    change.adding.clear();
    change.removing.clear();
    Ok(change)
}

/// A move that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OngoingReassignment {
    /// The partition.
    pub partition: PartitionId,
    /// All its replicas, those that come and those that go included.
    pub replicas: Vec<BrokerId>,
    /// Those that come.
    pub adding: Vec<BrokerId>,
    /// Those that go.
    pub removing: Vec<BrokerId>,
}

/// The moves that are under way, of the named partitions or of all; topics and partitions that do not exist or do not
/// move are left out.
#[must_use]
pub fn list_reassignments(
    image: &Image,
    topics: Option<&[(Str, Vec<PartitionId>)]>,
) -> Vec<(TopicName, Vec<OngoingReassignment>)> {
    let ongoing = |topic: &Topic, index: PartitionId| {
        let partition = topic.partition(index).filter(|partition| partition.is_reassigning())?;
        Some(OngoingReassignment {
            partition: index,
            replicas: partition.replicas.to_vec(),
            adding: partition.adding.to_vec(),
            removing: partition.removing.to_vec(),
        })
    };
    let named = |(name, indexes): &(Str, Vec<PartitionId>)| {
        let topic = image.topics().find(name)?;
        Some((topic.name().clone(), indexes.iter().filter_map(|index| ongoing(topic, *index)).collect()))
    };
    let all = |topic: &Topic| {
        let indexes = topic.partitions().keys();
        (topic.name().clone(), indexes.filter_map(|index| ongoing(topic, *index)).collect())
    };
    let found: Vec<(_, Vec<_>)> = match topics {
        Some(topics) => topics.iter().filter_map(named).collect(),
        None => image.topics().by_id().values().map(all).collect(),
    };
    found.into_iter().filter(|(_, partitions)| !partitions.is_empty()).collect()
}

#[cfg(test)]
mod tests;
