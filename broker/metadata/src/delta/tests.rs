use alloc::{vec, vec::Vec};

use broker_protocol::records::metadata::*;
use broker_types::Offset;

use super::*;

fn id(number: u8) -> TopicId {
    TopicId::new(Uuid::from_bytes([number; 16]))
}

fn topic(name: &str, number: u8) -> MetadataRecord {
    TopicRecord { name: Str::from(name), topic_id: id(number).uuid() }.into()
}

fn remove(number: u8) -> MetadataRecord {
    RemoveTopicRecord { topic_id: id(number).uuid() }.into()
}

fn partition(number: u8, index: i32) -> MetadataRecord {
    let topic_id = id(number).uuid();
    PartitionRecord { partition_id: index, topic_id, leader: -1, ..PartitionRecord::default() }.into()
}

fn config(topic: &str, value: &str) -> MetadataRecord {
    let record = ConfigRecord {
        resource_type: 2,
        resource_name: Str::from(topic),
        name: Str::from("retention.ms"),
        value: Some(Str::from(value)),
    };
    record.into()
}

fn feature(level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: Str::from("metadata.version"), feature_level: level }.into()
}

fn begin() -> MetadataRecord {
    BeginTransactionRecord::default().into()
}

fn end() -> MetadataRecord {
    EndTransactionRecord.into()
}

fn abort() -> MetadataRecord {
    AbortTransactionRecord::default().into()
}

/// Replays on an image and collects what changed.
fn run(image: &mut Image, records: &[MetadataRecord]) -> Delta {
    let mut delta = Delta::default();
    for record in records {
        let offset = image.last_offset().map_or(Offset::ZERO, Offset::next);
        delta.add(image.replay(offset, record).expect("fits"));
    }
    delta
}

#[test]
fn collected_and_compared_deltas_agree() {
    let mut image = Image::default();
    run(&mut image, &[topic("a", 1), partition(1, 0), partition(1, 1), topic("b", 2), config("b", "1")]);
    let before = image.clone();
    let gone = image.topics().find("b").expect("is there").clone();
    let changes = [partition(1, 2), topic("c", 3), partition(3, 0), config("a", "5"), remove(2), feature(30)];
    let collected = run(&mut image, &changes);

    assert_eq!(
        collected.topics().iter().map(|(id, change)| (*id, change.clone())).collect::<Vec<_>>(),
        vec![
            (id(1), TopicDelta::Changed([PartitionId::new(2)].into())),
            (id(2), TopicDelta::Deleted(gone)),
            (id(3), TopicDelta::Created),
        ]
    );
    assert_eq!(collected.configs().iter().collect::<Vec<_>>(), vec![&ConfigResource::topic("a")]);
    assert_eq!(collected, Delta::between(&before, &image));
    assert!(Delta::between(&image, &image.clone()).is_empty());
}

#[test]
fn a_topic_that_came_and_went_is_not_mentioned() {
    let mut image = Image::default();
    let delta = run(&mut image, &[topic("a", 1), partition(1, 0), config("a", "1"), remove(1)]);
    assert!(delta.is_empty());
}

#[test]
fn a_name_that_lives_again_is_one_deleted_and_one_created() {
    let mut image = Image::default();
    run(&mut image, &[topic("a", 1), config("a", "1")]);
    let before = image.clone();
    let delta = run(&mut image, &[remove(1), topic("a", 2), config("a", "2")]);
    assert!(matches!(delta.topics().get(&id(1)), Some(TopicDelta::Deleted(_))));
    assert_eq!(delta.topics().get(&id(2)), Some(&TopicDelta::Created));
    assert_eq!(delta.configs().len(), 1);
    assert_eq!(delta, Delta::between(&before, &image));
}

#[test]
fn an_aborted_transaction_is_forgotten() {
    let mut image = Image::default();
    let aborted = run(&mut image, &[topic("a", 1), begin(), topic("b", 2), abort()]);
    assert_eq!(aborted.topics().keys().collect::<Vec<_>>(), vec![&id(1)]);
    let ended = run(&mut image, &[begin(), topic("b", 2), end()]);
    assert_eq!(ended.topics().keys().collect::<Vec<_>>(), vec![&id(2)]);
    assert!(!ended.in_transaction());
    assert!(run(&mut image, &[begin()]).in_transaction());
}
