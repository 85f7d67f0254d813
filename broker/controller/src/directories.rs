//! Which log directory holds which replica (KIP-858).

use alloc::{boxed::Box, vec::Vec};

use broker_metadata::Image;
use broker_protocol::records::metadata::MetadataRecord;
use broker_types::{BrokerEpoch, BrokerId, DirectoryId, PartitionId, TopicId};

use crate::{
    Settings,
    brokers::{StaleBroker, registered},
    leadership::follow_where,
    partition_change::Move,
    partition_change::unchanged,
};

/// A broker tells in which directories it put replicas.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignDirectories {
    /// The broker.
    pub broker: BrokerId,
    /// The epoch of its registration.
    pub epoch: BrokerEpoch,
    /// Where each replica is.
    pub assignments: Vec<AssignedDirectory>,
}

/// Where a broker put one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssignedDirectory {
    /// The directory.
    pub directory: DirectoryId,
    /// The topic.
    pub topic: TopicId,
    /// Its partition.
    pub partition: PartitionId,
}

/// Why an assignment is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// No topic has the id.
    #[error("This server does not host this topic ID.")]
    UnknownTopicId,
    /// The topic has no such partition.
    #[error("This server does not host this topic-partition.")]
    UnknownPartition,
    /// The broker has no replica of the partition.
    #[error(
        "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition."
    )]
    NotReplica,
}

/// One result per assignment, in the order of the request.
pub type Assigned = Vec<(AssignedDirectory, Result<(), DirectoryError>)>;

/// Notes where replicas are. A directory that is not among the broker's online ones takes the replica offline.
pub(crate) fn assign(
    image: &Image,
    settings: &Settings,
    request: &AssignDirectories,
) -> Result<(Vec<MetadataRecord>, Assigned), StaleBroker> {
    let broker = registered(image, request.broker, request.epoch)?;
    let mut records = Vec::new();
    let mut offline = Vec::new();
    let results = request.assignments.iter().map(|&assignment| {
        let result = assign_one(image, request.broker, assignment).map(|record| {
            records.extend(record);
            if !broker.has_online_dir(assignment.directory) {
                offline.push((assignment.topic, assignment.partition));
            }
        });
        (assignment, result)
    });
    let results = results.collect();
    if !offline.is_empty() {
        let step = Move::Leaves(request.broker);
        let concerned = |topic, index, partition: &broker_metadata::Partition| {
            offline.contains(&(topic, index)) && partition.isr.contains(&request.broker)
        };
        records.extend(follow_where(image, settings, step, concerned));
    }
    Ok((records, results))
}

fn assign_one(
    image: &Image,
    broker: BrokerId,
    assignment: AssignedDirectory,
) -> Result<Option<MetadataRecord>, DirectoryError> {
    let topic = image.topics().get(assignment.topic).ok_or(DirectoryError::UnknownTopicId)?;
    let partition = topic.partition(assignment.partition).ok_or(DirectoryError::UnknownPartition)?;
    let position =
        partition.replicas.iter().position(|id| *id == broker).ok_or(DirectoryError::NotReplica)?;
    let mut directories: Box<[DirectoryId]> = partition.directories.clone();
    match directories.get_mut(position) {
        Some(known) if *known != assignment.directory => *known = assignment.directory,
        _ => return Ok(None),
    }
    let mut record = unchanged(assignment.topic, assignment.partition);
    record.directories = Some(directories.iter().map(|dir| dir.uuid()).collect());
    Ok(Some(MetadataRecord::PartitionChange(record)))
}

/// The leaderships that a broker loses with failed directories.
pub(crate) fn failed(
    image: &Image,
    settings: &Settings,
    broker: BrokerId,
    dirs: &[DirectoryId],
) -> Vec<MetadataRecord> {
    let concerned = |_, _, partition: &broker_metadata::Partition| {
        partition.isr.contains(&broker) && partition.directory(broker).is_some_and(|dir| dirs.contains(&dir))
    };
    follow_where(image, settings, Move::Leaves(broker), concerned)
}

#[cfg(test)]
mod tests;
