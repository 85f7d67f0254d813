//! Assignments of replicas, chosen by the caller or by placement.

use alloc::{boxed::Box, vec::Vec};

use broker_metadata::{Image, LeaderRecovery, Partition};
use broker_types::{BrokerId, DirectoryId, LeaderEpoch, PartitionEpoch};

/// Why replicas that the caller chose are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// A partition without replicas.
    #[error("The manual partition assignment includes an empty replica list.")]
    Empty,
    /// A broker that does not exist.
    #[error("The manual partition assignment includes broker {0}, but no such broker is registered.")]
    UnknownBroker(i32),
    /// A broker twice in one partition.
    #[error("The manual partition assignment includes the broker {0} more than once.")]
    Twice(i32),
    /// Partitions with different numbers of replicas.
    #[error(
        "The manual partition assignment includes a partition with {here} replica(s), but this is not consistent with \
         previous partitions, which have {before} replica(s)."
    )]
    Inconsistent {
        /// Replicas of this partition.
        here: usize,
        /// Replicas of those before it.
        before: usize,
    },
}

/// Checks the replicas of one partition that the caller chose; all partitions of a topic have equally many.
pub(crate) fn checked(
    image: &Image,
    brokers: &[i32],
    replication_factor: Option<usize>,
) -> Result<Vec<BrokerId>, AssignmentError> {
    if brokers.is_empty() {
        return Err(AssignmentError::Empty);
    }
    let mut sorted = brokers.to_vec();
    sorted.sort_unstable();
    let mut previous = None;
    for id in sorted {
        if BrokerId::from_wire(id).and_then(|id| image.cluster().broker(id)).is_none() {
            return Err(AssignmentError::UnknownBroker(id));
        }
        if previous == Some(id) {
            return Err(AssignmentError::Twice(id));
        }
        previous = Some(id);
    }
    match replication_factor.filter(|before| *before != brokers.len()) {
        Some(before) => Err(AssignmentError::Inconsistent { here: brokers.len(), before }),
        None => Ok(brokers.iter().copied().map(BrokerId::new).collect()),
    }
}

/// A new partition on these replicas: in sync are those that are active, the first of them leads. `None` when none is.
pub(crate) fn new_partition(image: &Image, replicas: Vec<BrokerId>) -> Option<Partition> {
    let isr: Box<[_]> = replicas.iter().copied().filter(|id| image.cluster().is_active(*id)).collect();
    let leader = *isr.first()?;
    let directory = |id: &BrokerId| {
        image.cluster().broker(*id).map_or(DirectoryId::UNASSIGNED, |broker| broker.default_directory())
    };
    Some(Partition {
        directories: replicas.iter().map(directory).collect(),
        replicas: replicas.into(),
        isr,
        elr: Box::default(),
        last_known_elr: Box::default(),
        adding: Box::default(),
        removing: Box::default(),
        leader: Some(leader),
        recovery: LeaderRecovery::Recovered,
        leader_epoch: LeaderEpoch::ZERO,
        partition_epoch: PartitionEpoch::ZERO,
    })
}
