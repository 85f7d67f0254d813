//! CreatePartitions (KIP-195).

use alloc::{collections::BTreeMap, vec::Vec};

use broker_metadata::{Image, Topic};
use broker_protocol::{Str, records::metadata::MetadataRecord};
use broker_types::{BrokerId, PartitionId, Random};

use super::assignment::{AssignmentError, checked, new_partition};
use crate::{
    MAX_RECORDS,
    placement::{PlacementError, place},
};

/// Topics that are to have more partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePartitions {
    /// The topics.
    pub topics: Vec<MorePartitions>,
    /// Only say what would happen.
    pub validate_only: bool,
}

/// One topic that is to have more partitions.
#[derive(Clone, Debug, PartialEq)]
pub struct MorePartitions {
    /// Its name.
    pub name: Str,
    /// How many it is to have in all.
    pub count: i32,
    /// The brokers of each new partition, the leader first; `None` to have them chosen.
    pub assignments: Option<Vec<Vec<i32>>>,
}

/// Why a topic did not get more partitions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreatePartitionsError {
    /// The request names it twice.
    #[error("Duplicate topic name.")]
    Duplicate,
    /// No topic has the name.
    #[error("This server does not host this topic-partition.")]
    UnknownTopic,
    /// It has so many already.
    #[error("Topic already has {0} partition(s).")]
    Same(usize),
    /// It has more already.
    #[error("The topic {name} currently has {current} partition(s); {wanted} would not be an increase.")]
    Fewer {
        /// The topic.
        name: Str,
        /// How many it has.
        current: usize,
        /// How many it is to have.
        wanted: i32,
    },
    /// An assignment for another number of partitions.
    #[error(
        "Attempted to add {wanted} additional partition(s), but only {assigned} assignment(s) were specified."
    )]
    AssignmentCount {
        /// How many are to be added.
        wanted: usize,
        /// How many are assigned.
        assigned: usize,
    },
    /// An assignment that does not fit.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// No assigned broker could lead.
    #[error(
        "All brokers specified in the manual partition assignment for partition {0} are fenced or in controlled \
         shutdown."
    )]
    AssignedInactive(usize),
    /// Replicas cannot be placed.
    #[error(transparent)]
    Placement(#[from] PlacementError),
    /// Every broker that was chosen is fenced or leaving.
    #[error(
        "Unable to replicate the partition {0} time(s): All brokers are currently fenced or in controlled shutdown."
    )]
    AllInactive(usize),
    /// More records than one request may write.
    #[error("Unable to perform excessively large batch operation.")]
    TooManyRecords,
}

/// One result per name, in the order of the request.
pub(crate) type Grown = Vec<(Str, Result<(), CreatePartitionsError>)>;

/// Adds partitions. The records of all topics count together against the limit.
pub(crate) fn create_partitions(
    image: &Image,
    random: &mut Random,
    request: &CreatePartitions,
) -> (Vec<MetadataRecord>, Grown) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for topic in &request.topics {
        *counts.entry(&topic.name).or_default() += 1;
    }
    let mut records = Vec::new();
    let mut results: Grown = Vec::new();
    for topic in &request.topics {
        let result = match counts.insert(&topic.name, 0) {
            Some(1) => grow(image, random, topic, MAX_RECORDS - records.len()).map(|new| records.extend(new)),
            Some(0) | None => continue,
            Some(_) => Err(CreatePartitionsError::Duplicate),
        };
        results.push((topic.name.clone(), result));
    }
    if request.validate_only {
        records.clear();
    }
    (records, results)
}

fn grow(
    image: &Image,
    random: &mut Random,
    request: &MorePartitions,
    room: usize,
) -> Result<Vec<MetadataRecord>, CreatePartitionsError> {
    let topic = image.topics().find(&request.name).ok_or(CreatePartitionsError::UnknownTopic)?;
    let current = topic.partitions().size();
    let additional = additional(request, current)?;
    if additional > room {
        return Err(CreatePartitionsError::TooManyRecords);
    }
    let factor = topic.partitions().values().next().map_or(0, |partition| partition.replicas.len());
    let replicas = match &request.assignments {
        Some(assignments) => assigned(image, assignments, additional, factor)?,
        None => place(image, random, additional, i16::try_from(factor).unwrap_or(i16::MAX))?,
    };
    let manual = request.assignments.is_some();
    records(image, topic, current, replicas, |index| {
        if manual {
            CreatePartitionsError::AssignedInactive(index)
        } else {
            CreatePartitionsError::AllInactive(factor)
        }
    })
}

fn additional(request: &MorePartitions, current: usize) -> Result<usize, CreatePartitionsError> {
    let fewer =
        || CreatePartitionsError::Fewer { name: request.name.clone(), current, wanted: request.count };
    let wanted = usize::try_from(request.count).map_err(|_| fewer())?;
    match wanted.checked_sub(current) {
        None => Err(fewer()),
        Some(0) => Err(CreatePartitionsError::Same(current)),
        Some(additional) => Ok(additional),
    }
}

fn assigned(
    image: &Image,
    assignments: &[Vec<i32>],
    additional: usize,
    factor: usize,
) -> Result<Vec<Vec<BrokerId>>, CreatePartitionsError> {
    if assignments.len() != additional {
        return Err(CreatePartitionsError::AssignmentCount {
            wanted: additional,
            assigned: assignments.len(),
        });
    }
    assignments.iter().map(|brokers| Ok(checked(image, brokers, Some(factor))?)).collect()
}

fn records(
    image: &Image,
    topic: &Topic,
    first: usize,
    replicas: Vec<Vec<BrokerId>>,
    inactive: impl Fn(usize) -> CreatePartitionsError,
) -> Result<Vec<MetadataRecord>, CreatePartitionsError> {
    let version = image.metadata_version();
    let record = |(index, replicas)| {
        let partition = new_partition(image, replicas).ok_or_else(|| inactive(index))?;
        let id = i32::try_from(index).map_err(|_| CreatePartitionsError::TooManyRecords)?;
        Ok(MetadataRecord::Partition(partition.to_record(topic.id(), PartitionId::new(id), version)))
    };
    (first..).zip(replicas).map(record).collect()
}
