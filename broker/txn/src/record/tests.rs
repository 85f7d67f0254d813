//! The bytes are Kafka's: those of `TransactionLog` in its 4.3.1 jars, written down here.

use alloc::{format, string::String};

use broker_types::{Random, TopicPartition};

use super::*;

fn transaction(state: TransactionState) -> Transaction {
    let orders = TopicPartition::new(TopicName::new("orders"), PartitionId::new(3));
    Transaction {
        producer: Producer { id: ProducerId::new(9), epoch: ProducerEpoch::new(5) },
        previous_producer_id: Some(ProducerId::new(8)),
        next_producer_id: None,
        timeout: Duration::from_secs(60),
        state,
        partitions: Partitions::from_iter([orders]),
        started_at: Some(Timestamp::from_millis(1000)),
        updated_at: Timestamp::from_millis(2000),
        client_version: TransactionVersion::V2,
    }
}

fn empty() -> Transaction {
    Transaction {
        producer: Producer { id: ProducerId::new(9), epoch: ProducerEpoch::new(0) },
        previous_producer_id: Some(ProducerId::new(9)),
        timeout: Transaction::NO_TIMEOUT,
        partitions: Partitions::default(),
        started_at: None,
        client_version: TransactionVersion::V0,
        ..transaction(TransactionState::Empty)
    }
}

fn prepared() -> Transaction {
    Transaction {
        producer: Producer { id: ProducerId::new(9), epoch: ProducerEpoch::new(i16::MAX) },
        previous_producer_id: Some(ProducerId::new(9)),
        next_producer_id: Some(ProducerId::new(77)),
        ..transaction(TransactionState::PrepareCommit)
    }
}

fn complete() -> Transaction {
    Transaction {
        producer: Producer { id: ProducerId::new(77), epoch: ProducerEpoch::new(0) },
        previous_producer_id: Some(ProducerId::new(9)),
        timeout: Duration::from_millis(1),
        partitions: Partitions::default(),
        updated_at: Timestamp::from_millis(3000),
        ..transaction(TransactionState::CompleteAbort)
    }
}

fn record(value: Transaction, version: TransactionVersion) -> TransactionRecord {
    TransactionRecord::new(TransactionalId::new("tx"), value, version)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn value_hex(value: Transaction, version: TransactionVersion) -> String {
    hex(&record(value, version).encode().unwrap().value.unwrap())
}

#[test]
fn the_key_is_kafkas() {
    assert_eq!(hex(&record(empty(), TransactionVersion::V2).encode().unwrap().key), "000000027478");
}

#[test]
fn values_with_tagged_fields_are_kafkas() {
    assert_eq!(
        value_hex(transaction(TransactionState::Ongoing), TransactionVersion::V2),
        "0001000000000000000900050000ea600102076f726465727302000000030000000000000007d000000000000003e8\
         020008000000000000000802020002"
    );
    assert_eq!(
        value_hex(prepared(), TransactionVersion::V1),
        "000100000000000000097fff0000ea600202076f726465727302000000030000000000000007d000000000000003e8\
         03000800000000000000090108000000000000004d02020002"
    );
    assert_eq!(
        value_hex(empty(), TransactionVersion::V2),
        "0001000000000000000900007fffffff000000000000000007d0ffffffffffffffff0100080000000000000009"
    );
    assert_eq!(
        value_hex(complete(), TransactionVersion::V2),
        "0001000000000000004d00000000000105010000000000000bb800000000000003e8020008000000000000000902020002"
    );
}

#[test]
fn values_of_the_first_version_are_kafkas() {
    assert_eq!(
        value_hex(transaction(TransactionState::Ongoing), TransactionVersion::V0),
        "0000000000000000000900050000ea60010000000100066f72646572730000000100000003\
         00000000000007d000000000000003e8"
    );
    assert_eq!(
        value_hex(empty(), TransactionVersion::V0),
        "0000000000000000000900007fffffff00ffffffff00000000000007d0ffffffffffffffff"
    );
}

#[test]
fn every_record_is_read_as_it_was_written() {
    let values = [transaction(TransactionState::Ongoing), prepared(), empty(), complete()];
    for (value, version) in values
        .into_iter()
        .flat_map(|value| [TransactionVersion::V0, TransactionVersion::V1].map(|v| (value.clone(), v)))
    {
        let record = record(value, version);
        let Encoded { key, value } = record.encode().unwrap();
        assert_eq!(TransactionRecord::decode(Some(key), value), Ok(record));
    }
    let tombstone = TransactionRecord::tombstone(TransactionalId::new("tx"), TransactionVersion::V0);
    let Encoded { key, value } = tombstone.encode().unwrap();
    assert_eq!(value, None);
    assert_eq!(TransactionRecord::decode(Some(key), None), Ok(tombstone));
}

#[test]
fn what_the_log_loses_is_lost_at_once() {
    let value = record(prepared(), TransactionVersion::V0).value.unwrap();
    assert_eq!(
        (value.previous_producer_id, value.next_producer_id, value.client_version),
        (None, None, TransactionVersion::V0)
    );
}

#[test]
fn records_of_newer_programs_and_garbage_are_told() {
    let Encoded { key, value } = record(empty(), TransactionVersion::V0).encode().unwrap();
    let value = value.unwrap();
    let with = |at: usize, byte: u8| {
        let mut value = value.to_vec();
        value[at] = byte;
        TransactionRecord::decode(Some(key.clone()), Some(Bytes::from(value)))
    };
    assert_eq!(TransactionRecord::decode(None, Some(value.clone())), Err(UnreadableRecord::NoKey));
    let unknown = TransactionRecord::decode(Some(Bytes::from_static(&[0, 9])), None);
    assert_eq!(unknown, Err(UnreadableRecord::Key(RecordError::UnknownType(9))));
    assert!(matches!(with(1, 7), Err(UnreadableRecord::Value(_))), "a version that does not exist");
    // Dead: Kafka never writes it.
    assert_eq!(with(16, 6), Err(UnreadableRecord::State(6)));
}

#[test]
fn no_bytes_make_it_panic() {
    let mut random = Random::new(5);
    for version in [TransactionVersion::V0, TransactionVersion::V1] {
        let Encoded { key, value } = record(prepared(), version).encode().unwrap();
        for _ in 0..2_000 {
            let mut damaged = [key.to_vec(), value.clone().unwrap().to_vec()];
            for bytes in &mut damaged {
                bytes.truncate(random.index(bytes.len() + 1));
                let at = random.index(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.index(8);
                }
            }
            let [key, value] = damaged.map(Bytes::from);
            // Only that it returns counts: a flipped bit may still be a record.
            let _ = TransactionRecord::decode(Some(key), Some(value));
        }
    }
}
