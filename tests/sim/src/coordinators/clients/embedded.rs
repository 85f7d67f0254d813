//! The consumers' own formats inside of classic requests, as Kafka's consumer writes them.

use broker_protocol::{
    Message, Str,
    messages::{
        ConsumerProtocolAssignment, ConsumerProtocolSubscription, consumer_protocol_assignment,
        consumer_protocol_subscription,
    },
    wire::{Reader, Writer},
};
use broker_types::PartitionId;
use bytes::Bytes;

use crate::coordinators::setup::{SOURCE, number};

const VERSION: i16 = 3;

fn write<M: Message>(message: &M) -> Bytes {
    let mut writer = Writer::new();
    writer.i16(VERSION);
    let written = message.encode(&mut writer, VERSION);
    debug_assert!(written.is_ok());
    writer.finish().into_bytes()
}

fn read<M: Message>(bytes: &Bytes) -> Option<M> {
    let mut reader = Reader::new(bytes.clone());
    let version = reader.i16("version").ok()?;
    M::decode(&mut reader, version.min(VERSION)).ok()
}

fn indexes(parts: impl IntoIterator<Item = usize>) -> Vec<i32> {
    parts.into_iter().map(|part| (part - SOURCE[0]) as i32).collect()
}

/// What a member wants, and what it has.
pub(in crate::coordinators) fn subscription(
    owned: impl IntoIterator<Item = usize>,
    generation: i32,
) -> Bytes {
    let topic = Str::from_static("source");
    let partitions = indexes(owned);
    let owned = consumer_protocol_subscription::TopicPartition { topic: topic.clone(), partitions };
    let has_any = !owned.partitions.is_empty();
    write(&ConsumerProtocolSubscription {
        topics: vec![topic],
        owned_partitions: has_any.then_some(owned).into_iter().collect(),
        generation_id: generation,
        ..ConsumerProtocolSubscription::default()
    })
}

/// What a member has, and since which generation.
pub(in crate::coordinators) fn claims(subscription: &Bytes) -> (Vec<usize>, i32) {
    let Some(read) = read::<ConsumerProtocolSubscription>(subscription) else { return (Vec::new(), -1) };
    let all = read.owned_partitions.iter();
    let parts = all.flat_map(|owned| {
        owned.partitions.iter().filter_map(|index| number(&owned.topic, PartitionId::new(*index)))
    });
    (parts.collect(), read.generation_id)
}

pub(in crate::coordinators) fn assignment(parts: impl IntoIterator<Item = usize>) -> Bytes {
    let partitions = indexes(parts);
    let topic = Str::from_static("source");
    let assigned = consumer_protocol_assignment::TopicPartition { topic, partitions };
    write(&ConsumerProtocolAssignment { assigned_partitions: vec![assigned], user_data: None })
}

/// The partitions of an assignment.
pub(in crate::coordinators) fn assigned(assignment: &Bytes) -> impl Iterator<Item = usize> + use<> {
    let read = read::<ConsumerProtocolAssignment>(assignment);
    let topics = read.map(|read| read.assigned_partitions).unwrap_or_default();
    topics.into_iter().flat_map(|topic| {
        let name = topic.topic;
        let partitions = topic.partitions.into_iter();
        partitions.filter_map(move |index| number(&name, PartitionId::new(index)))
    })
}
