//! What is written is read back, and garbage is an error.

use alloc::{vec, vec::Vec};

use broker_protocol::records::group::{
    ConsumerGroupMetadataKey, ConsumerGroupMetadataValue, LegacyOffsetCommitKey, LegacyOffsetCommitValue,
    ShareGroupMetadataKey, group_metadata_value::MemberMetadata,
};
use broker_types::{ProducerEpoch, ProducerId, Random};

use super::*;
use crate::TransactionResult;

fn producer() -> Producer {
    Producer { id: ProducerId::new(9), epoch: ProducerEpoch::new(2) }
}

fn offset(value: Option<OffsetCommitValue>, producer: Option<Producer>) -> GroupRecord {
    let key = OffsetCommitKey { group: Str::from("g"), topic: Str::from("t"), partition: 3 };
    GroupRecord::Offset { key, value: value.map(Arc::new), producer }
}

fn records() -> Vec<GroupRecord> {
    let committed = OffsetCommitValue {
        offset: 7,
        metadata: Str::from("note"),
        commit_timestamp: 5,
        ..OffsetCommitValue::default()
    };
    let expiring = OffsetCommitValue { expire_timestamp: 99, ..committed.clone() };
    let group = GroupMetadataValue {
        protocol_type: Str::from("consumer"),
        generation: 4,
        protocol: Some(Str::from("range")),
        leader: Some(Str::from("m")),
        current_state_timestamp: 6,
        members: vec![MemberMetadata {
            member_id: Str::from("m"),
            group_instance_id: Some(Str::from("i")),
            client_id: Str::from("c"),
            client_host: Str::from("/127.0.0.1"),
            rebalance_timeout: 60_000,
            session_timeout: 30_000,
            subscription: Bytes::from_static(b"sub"),
            assignment: Bytes::from_static(b"ass"),
        }],
    };
    let consumer = ConsumerRecord::Group(
        ConsumerGroupMetadataKey { group_id: Str::from("g") },
        Some(ConsumerGroupMetadataValue { epoch: 3, metadata_hash: 12 }),
    );
    vec![
        offset(Some(committed), None),
        offset(Some(expiring), Some(producer())),
        offset(None, None),
        GroupRecord::Classic { group: Str::from("g"), value: Some(Arc::new(group)) },
        GroupRecord::Classic { group: Str::from("g"), value: None },
        GroupRecord::Consumer(consumer),
    ]
}

#[test]
fn every_record_is_read_as_it_was_written() {
    for record in records() {
        let Encoded::Entry { key, value, producer } = record.encode().unwrap() else { panic!("{record:?}") };
        assert_eq!(GroupRecord::decode(Some(key), value, producer), Ok(Some(record)));
    }
}

#[test]
fn the_versions_are_those_that_kafka_writes() {
    let versions = records().into_iter().map(|record| match record.encode().unwrap() {
        Encoded::Entry { value: Some(value), .. } => i32::from(value[1]),
        _ => -1,
    });
    assert_eq!(versions.collect::<Vec<_>>(), [4, 1, -1, 3, -1, 0]);
}

#[test]
fn a_marker_is_a_control_batch() {
    let end =
        EndTransaction { producer: producer(), coordinator_epoch: 1, result: TransactionResult::Commit };
    assert_eq!(GroupRecord::End(end).encode(), Ok(Encoded::Marker(end)));
}

#[test]
fn an_offset_of_an_old_broker_is_read() {
    let key = LegacyOffsetCommitKey { group: Str::from("g"), topic: Str::from("t"), partition: 3 };
    let value = LegacyOffsetCommitValue { offset: 7, metadata: Str::EMPTY, commit_timestamp: 5 };
    let key = GroupKey::from(key).encode().unwrap();
    let value = encode_prefixed(&value, 0).unwrap();
    let expected = OffsetCommitValue { offset: 7, commit_timestamp: 5, ..OffsetCommitValue::default() };
    assert_eq!(
        GroupRecord::decode(Some(key.clone()), Some(value), None),
        Ok(Some(offset(Some(expected), None)))
    );
    assert_eq!(GroupRecord::decode(Some(key), None, None), Ok(Some(offset(None, None))));
}

#[test]
fn groups_of_other_kinds_are_passed_by_and_garbage_is_told() {
    let share = GroupKey::from(ShareGroupMetadataKey { group_id: Str::from("s") }).encode().unwrap();
    assert_eq!(GroupRecord::decode(Some(share), None, None), Ok(None));
    assert_eq!(GroupRecord::decode(None, None, None), Err(UnreadableRecord::NoKey));
    let unknown = GroupRecord::decode(Some(Bytes::from_static(&[0, 99])), None, None);
    assert_eq!(unknown, Err(UnreadableRecord::Key(RecordError::UnknownType(99))));
    let Encoded::Entry { key, .. } = records()[3].encode().unwrap() else { panic!() };
    let future = GroupRecord::decode(Some(key), Some(Bytes::from_static(&[0, 9, 0])), None);
    assert!(matches!(future, Err(UnreadableRecord::Value { record_type: 2, .. })), "{future:?}");
}

#[test]
fn no_bytes_make_it_panic() {
    let mut random = Random::new(5);
    for record in records() {
        let Encoded::Entry { key, value, .. } = record.encode().unwrap() else { continue };
        for _ in 0..500 {
            let mut damaged = [key.to_vec(), value.as_ref().map(|value| value.to_vec()).unwrap_or_default()];
            for bytes in &mut damaged {
                let end = random.index(bytes.len() + 1);
                bytes.truncate(end);
                if let Some(byte) = bytes.get_mut(random.index(end)) {
                    *byte ^= 1 << random.index(8);
                }
            }
            let [key, value] = damaged.map(Bytes::from);
            // Only that it returns counts: a flipped bit may still be a record.
            let _ = GroupRecord::decode(Some(key), Some(value), None);
        }
    }
}
