//! The consumers' own formats inside of classic requests: what they subscribe to, and what they are assigned.

use alloc::{collections::BTreeMap, vec::Vec};

use broker_protocol::{
    Message, Str,
    messages::{ConsumerProtocolAssignment, ConsumerProtocolSubscription, consumer_protocol_assignment},
    wire::{DecodeError, Reader, Writer},
};
use broker_types::{PartitionId, TopicId};
use bytes::Bytes;

use super::assignor::Assignment;
use crate::{Metadata, OwnedPartitions};

/// A subscription, with the version that it was written in. One of a newer version begins as ours.
pub(super) fn subscription(metadata: Bytes) -> Result<ConsumerProtocolSubscription, DecodeError> {
    versioned(metadata)
}

/// An assignment that a leader made.
pub(super) fn assignment(bytes: Bytes) -> Result<ConsumerProtocolAssignment, DecodeError> {
    versioned(bytes)
}

fn versioned<M: Message>(bytes: Bytes) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16("version")?;
    M::decode(&mut reader, version.min(*M::VERSIONS.end()))
}

/// The version of a member's formats.
fn version(metadata: &Bytes) -> i16 {
    let known = ConsumerProtocolAssignment::VERSIONS;
    let version = Reader::new(metadata.clone()).i16("version").unwrap_or(*known.start());
    version.clamp(*known.start(), *known.end())
}

/// What a subscription says that the member owns; topics that are gone are left out.
pub(super) fn owned(
    metadata: &dyn Metadata,
    subscription: &ConsumerProtocolSubscription,
) -> Vec<OwnedPartitions> {
    let owned = subscription.owned_partitions.iter().filter_map(|owned| {
        let topic = metadata.topic(&owned.topic)?.id;
        Some(OwnedPartitions {
            topic,
            partitions: owned.partitions.iter().copied().map(PartitionId::new).collect(),
        })
    });
    owned.collect()
}

/// A leader's assignment by topic ids; topics that are gone are left out.
pub(super) fn by_id(metadata: &dyn Metadata, assignment: &ConsumerProtocolAssignment) -> Assignment {
    let mut assigned = Assignment::new();
    for topic in &assignment.assigned_partitions {
        if let Some(known) = metadata.topic(&topic.topic) {
            let partitions = topic.partitions.iter().copied().map(PartitionId::new);
            assigned.entry(known.id).or_default().extend(partitions);
        }
    }
    assigned.retain(|_, partitions| !partitions.is_empty());
    assigned
}

/// Partitions as a classic member is told of them, in the version of its own metadata.
pub(super) fn written(
    metadata: &dyn Metadata,
    partitions: impl Iterator<Item = (TopicId, Vec<PartitionId>)>,
    own: &Bytes,
) -> Bytes {
    let mut by_name = BTreeMap::<Str, Vec<i32>>::new();
    for (topic, partitions) in partitions {
        if let Some(name) = metadata.name(topic) {
            let partitions = partitions.into_iter().map(PartitionId::get);
            by_name.entry(Str::from(name.as_str())).or_default().extend(partitions);
        }
    }
    let assigned_partitions = by_name
        .into_iter()
        .map(|(topic, partitions)| consumer_protocol_assignment::TopicPartition { topic, partitions })
        .collect();
    let assignment = ConsumerProtocolAssignment { assigned_partitions, user_data: None };
    let version = version(own);
    let mut writer = Writer::new();
    writer.i16(version);
    // Names of topics are short: nothing of it can be too long to be written.
    match assignment.encode(&mut writer, version) {
        Ok(()) => writer.finish().into_bytes(),
        Err(_) => Bytes::new(),
    }
}
