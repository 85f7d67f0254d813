//! The consumers' own formats inside of JoinGroup and SyncGroup: what a member subscribes to, and what it is given.

use std::collections::BTreeSet;

use broker_protocol::{
    Message, Str,
    messages::{
        ConsumerProtocolAssignment, ConsumerProtocolSubscription,
        consumer_protocol_assignment::TopicPartition as AssignedTopic,
    },
    wire::{DecodeError, Reader, Writer},
};
use broker_types::{TopicName, TopicPartition};
use bytes::Bytes;

use crate::{
    admin::{by_topic, of_topic},
    assignor::Subscriber,
};

/// Reads an assignment. One of a newer version begins as ours.
pub(crate) fn read_assignment(bytes: Bytes) -> Result<BTreeSet<TopicPartition>, DecodeError> {
    let assignment: ConsumerProtocolAssignment = versioned(bytes)?;
    let mut all = BTreeSet::new();
    for topic in &assignment.assigned_partitions {
        all.extend(of_topic(&topic.topic, &topic.partitions));
    }
    Ok(all)
}

fn versioned<M: Message>(bytes: Bytes) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16("version")?;
    M::decode(&mut reader, version.min(*M::VERSIONS.end()))
}

/// What a member says that it wants.
pub(crate) fn subscription<'a>(topics: impl Iterator<Item = &'a TopicName>) -> Bytes {
    let subscription = ConsumerProtocolSubscription {
        topics: topics.map(|topic| Str::from(topic.as_str())).collect(),
        ..ConsumerProtocolSubscription::default()
    };
    written(&subscription)
}

/// What a member wants and has, as the leader reads it. What cannot be read wants nothing.
pub(crate) fn read_subscriber(member: Str, instance: Option<Str>, metadata: Bytes) -> Subscriber {
    let read: ConsumerProtocolSubscription = versioned(metadata).unwrap_or_default();
    let mut owned = BTreeSet::new();
    for topic in &read.owned_partitions {
        owned.extend(of_topic(&topic.topic, &topic.partitions));
    }
    let topics = read.topics.iter().map(|topic| TopicName::new(topic)).collect();
    Subscriber { member, instance, topics, owned, generation: read.generation_id }
}

/// What a member is given.
pub(crate) fn assignment(partitions: &BTreeSet<TopicPartition>) -> Bytes {
    let all: Vec<_> = partitions.iter().cloned().collect();
    let topic = |(topic, partitions)| AssignedTopic { topic, partitions };
    let assigned_partitions = by_topic(&all).into_iter().map(topic).collect();
    written(&ConsumerProtocolAssignment { assigned_partitions, user_data: None })
}

fn written<M: Message>(message: &M) -> Bytes {
    let version = *M::VERSIONS.end();
    let mut writer = Writer::new();
    writer.i16(version);
    // Names of topics are short: nothing of it can be too long to be written.
    match message.encode(&mut writer, version) {
        Ok(()) => writer.finish().into_bytes(),
        Err(_) => Bytes::new(),
    }
}

#[cfg(test)]
mod tests {
    use broker_types::PartitionId;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let at = |topic, id| TopicPartition::new(TopicName::new(topic), PartitionId::new(id));
        let partitions = BTreeSet::from([at("a", 0), at("a", 2), at("b", 1)]);
        assert_eq!(read_assignment(assignment(&partitions)).unwrap(), partitions);
        let topics = BTreeSet::from([TopicName::new("a"), TopicName::new("b")]);
        let read = read_subscriber(Str::from_static("m"), None, subscription(topics.iter()));
        assert_eq!((read.topics, read.owned, read.generation), (topics, BTreeSet::new(), -1));
        assert!(read_subscriber(Str::EMPTY, None, Bytes::from_static(&[0])).topics.is_empty());
    }
}
