use broker_records::{Attributes, MAGIC};

use super::*;

fn batch(id: i64, epoch: i16, sequence: i32, offset: i64, records: i32) -> BatchHeader {
    BatchHeader {
        base_offset: offset,
        length: 49,
        leader_epoch: 0,
        magic: MAGIC,
        crc: 0,
        attributes: Attributes::NONE,
        last_offset_delta: records - 1,
        base_timestamp: 1000,
        max_timestamp: 1000,
        producer_id: id,
        producer_epoch: epoch,
        base_sequence: sequence,
        record_count: records,
    }
}

fn in_txn(header: BatchHeader) -> BatchHeader {
    BatchHeader { attributes: header.attributes.with_transactional(), ..header }
}

fn marker(id: i64, epoch: i16, offset: i64) -> BatchHeader {
    let header = in_txn(batch(id, epoch, -1, offset, 1));
    BatchHeader { attributes: header.attributes.with_control(), ..header }
}

const ABORT: Option<Marker> = Some(Marker { is_abort: true, coordinator_epoch: 2, timestamp: 1000 });
const COMMIT: Option<Marker> = Some(Marker { is_abort: false, coordinator_epoch: 2, timestamp: 1000 });

fn check(producers: &Producers, header: &BatchHeader) -> Result<Verdict, ProducerError> {
    producers.check(header, None, AppendOrigin::Client, None)
}

fn out_of_order(result: &Result<Verdict, ProducerError>) -> bool {
    matches!(result, Err(ProducerError::OutOfOrderSequence { .. }))
}

#[test]
fn an_unknown_producer_may_begin_anywhere_and_then_must_go_on() {
    let mut producers = Producers::default();
    assert_eq!(check(&producers, &batch(1, 0, 77, 0, 3)), Ok(Verdict::Append));
    producers.apply(&batch(1, 0, 77, 0, 3), None);
    assert_eq!(check(&producers, &batch(1, 0, 80, 3, 1)), Ok(Verdict::Append));
    assert!(out_of_order(&check(&producers, &batch(1, 0, 81, 3, 1))));
    assert!(out_of_order(&check(&producers, &batch(1, 0, 79, 3, 1))));
}

#[test]
fn one_of_the_last_five_batches_is_a_duplicate_with_its_first_place() {
    let mut producers = Producers::default();
    for i in 0..6_i32 {
        producers.apply(&batch(1, 0, i * 2, 10 + i64::from(i) * 2, 2), None);
    }
    assert!(out_of_order(&check(&producers, &batch(1, 0, 0, 0, 2))), "the sixth last is forgotten");
    for i in 1..6_i32 {
        let verdict = check(&producers, &batch(1, 0, i * 2, 0, 2));
        let Ok(Verdict::Duplicate(known)) = verdict else { panic!("{verdict:?}") };
        assert_eq!(known.first_offset(), Offset::new(10 + i64::from(i) * 2));
    }
    assert!(out_of_order(&check(&producers, &batch(1, 0, 8, 0, 3))), "another length is another batch");
}

#[test]
fn sequences_wrap_after_the_largest() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 0, i32::MAX - 1, 0, 2), None);
    assert_eq!(check(&producers, &batch(1, 0, 0, 2, 1)), Ok(Verdict::Append));
    let mut producers = Producers::default();
    producers.apply(&batch(1, 0, i32::MAX, 0, 3), None);
    assert_eq!(check(&producers, &batch(1, 0, 2, 2, 1)), Ok(Verdict::Append));
}

#[test]
fn a_new_epoch_starts_at_zero_and_fences_the_old() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 3, 0, 0, 5), None);
    assert!(out_of_order(&check(&producers, &batch(1, 4, 5, 5, 1))));
    assert_eq!(check(&producers, &batch(1, 4, 0, 5, 1)), Ok(Verdict::Append));
    producers.apply(&batch(1, 4, 0, 5, 1), None);
    assert!(matches!(check(&producers, &batch(1, 3, 5, 6, 1)), Err(ProducerError::InvalidEpoch { .. })));
    let replicated = producers.check(&batch(1, 3, 9, 6, 1), None, AppendOrigin::Replication, None);
    assert_eq!(replicated, Ok(Verdict::Append), "followers take what the leader took");
}

#[test]
fn a_batch_may_follow_another_of_the_same_append() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 0, 0, 0, 1), None);
    let (second, third) = (batch(1, 0, 1, 0, 1), batch(1, 0, 2, 0, 1));
    let verdict = producers.check(&third, None, AppendOrigin::Client, Some(&second));
    assert_eq!(verdict, Ok(Verdict::Append));
}

#[test]
fn a_transaction_holds_the_stable_offset_until_its_marker_is_replicated() {
    let mut producers = Producers::default();
    producers.apply(&in_txn(batch(1, 0, 0, 10, 5)), None);
    producers.apply(&in_txn(batch(2, 0, 0, 15, 5)), None);
    assert_eq!(producers.first_unstable(), Some(Offset::new(10)));
    assert!(matches!(check(&producers, &batch(1, 0, 5, 20, 1)), Err(ProducerError::InvalidTxnState { .. })));
    let aborted = producers.apply(&marker(1, 0, 20), ABORT).expect("aborted");
    assert_eq!((aborted.first_offset, aborted.last_offset), (Offset::new(10), Offset::new(20)));
    assert_eq!(aborted.last_stable_offset, Offset::new(15), "the other one is open");
    assert_eq!(producers.first_unstable(), Some(Offset::new(10)), "not replicated");
    producers.high_watermark_moved(Offset::new(20));
    assert_eq!(producers.first_unstable(), Some(Offset::new(10)), "the marker itself is at 20");
    producers.high_watermark_moved(Offset::new(21));
    assert_eq!(producers.first_unstable(), Some(Offset::new(15)));
    assert_eq!(producers.apply(&marker(2, 0, 21), COMMIT), None);
    producers.high_watermark_moved(Offset::new(22));
    assert_eq!(producers.first_unstable(), None);
}

#[test]
fn a_marker_of_a_replaced_coordinator_is_fenced() {
    let mut producers = Producers::default();
    producers.apply(&in_txn(batch(1, 0, 0, 0, 1)), None);
    producers.apply(&marker(1, 0, 1), COMMIT);
    let old = Some(Marker { is_abort: false, coordinator_epoch: 1, timestamp: 0 });
    let verdict = producers.check(&marker(1, 0, 2), old, AppendOrigin::Coordinator, None);
    assert!(matches!(verdict, Err(ProducerError::CoordinatorFenced { sent: 1, current: 2, .. })));
}

#[test]
fn silent_producers_expire_unless_in_a_transaction() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 0, 0, 0, 1), None);
    producers.apply(&in_txn(batch(2, 0, 0, 1, 1)), None);
    let expiry = Duration::from_secs(1);
    assert_eq!(producers.expire(Timestamp::from_millis(1999), expiry), 0);
    assert_eq!(producers.expire(Timestamp::from_millis(2000), expiry), 1);
    assert_eq!(producers.iter().map(|(id, _)| id.get()).collect::<Vec<_>>(), [2]);
}
