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
    producers.check(header, None, &AppendOrigin::Client.into(), None, false)
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
    let replicated =
        producers.check(&batch(1, 3, 9, 6, 1), None, &AppendOrigin::Replication.into(), None, false);
    assert_eq!(replicated, Ok(Verdict::Append), "followers take what the leader took");
}

#[test]
fn a_batch_may_follow_another_of_the_same_append() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 0, 0, 0, 1), None);
    let (second, third) = (batch(1, 0, 1, 0, 1), batch(1, 0, 2, 0, 1));
    let verdict = producers.check(&third, None, &AppendOrigin::Client.into(), Some(&second), false);
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
    let verdict = producers.check(&marker(1, 0, 2), old, &AppendOrigin::Coordinator.into(), None, false);
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

/// A producer's next transaction is asked about; its first batch has this sequence.
fn ask(
    producers: &mut Producers,
    epoch: i16,
    sequence: i32,
    version: TransactionVersion,
) -> VerificationGuard {
    let producer = Producer { id: ProducerId::new(1), epoch: ProducerEpoch::new(epoch) };
    let now = Timestamp::from_millis(1000);
    let guard = producers.begin_verification(producer, Sequence::from_wire(sequence), version, now);
    guard.expect("the epoch is new").expect("no transaction is open")
}

fn check_guarded(
    producers: &Producers,
    header: &BatchHeader,
    guard: Option<VerificationGuard>,
) -> Result<Verdict, ProducerError> {
    let terms = Terms { guard, ..AppendOrigin::Client.into() };
    producers.check(header, None, &terms, None, true)
}

const UNVERIFIED: Result<Verdict, ProducerError> = Err(ProducerError::NotVerified { id: ProducerId::new(1) });

#[test]
fn a_transaction_begins_only_after_its_coordinator_was_asked() {
    let mut producers = Producers::default();
    let first = in_txn(batch(1, 0, 0, 0, 1));
    assert_eq!(check_guarded(&producers, &first, None), UNVERIFIED);
    assert_eq!(check(&producers, &first), Ok(Verdict::Append), "unless nobody cares");
    assert_eq!(check_guarded(&producers, &batch(1, 0, 0, 0, 1), None), Ok(Verdict::Append), "a plain batch");
    let guard = ask(&mut producers, 0, 0, TransactionVersion::V0);
    assert_eq!(check_guarded(&producers, &first, Some(guard)), Ok(Verdict::Append));
    producers.apply(&first, None);
    let second = in_txn(batch(1, 0, 1, 1, 1));
    assert_eq!(check_guarded(&producers, &second, None), Ok(Verdict::Append), "it is open");
    let producer = Producer { id: ProducerId::new(1), epoch: ProducerEpoch::new(0) };
    let again =
        producers.begin_verification(producer, None, TransactionVersion::V0, Timestamp::from_millis(0));
    assert_eq!(again, Ok(None));
}

#[test]
fn a_marker_voids_what_was_asked_before_it() {
    let mut producers = Producers::default();
    // A batch of the last transaction is late: it was asked about, and then the transaction was ended.
    let guard = ask(&mut producers, 0, 5, TransactionVersion::V0);
    producers.apply(&marker(1, 0, 0), ABORT);
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 0, 0, 1, 1)), Some(guard)), UNVERIFIED);
    let next = ask(&mut producers, 0, 0, TransactionVersion::V0);
    assert_ne!(guard, next);
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 0, 0, 1, 1)), Some(guard)), UNVERIFIED);
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 0, 0, 1, 1)), Some(next)), Ok(Verdict::Append));
}

/// Seed 13221 of the simulation of coordinators: offsets of a transaction counted for the next, which had the same epoch.
#[test]
fn what_was_asked_about_for_one_transaction_does_not_become_part_of_the_next() {
    let mut producers = Producers::default();
    // Two of the same transaction: the answer for one is slow.
    let slow = ask(&mut producers, 0, 0, TransactionVersion::V0);
    assert_eq!(ask(&mut producers, 0, 1, TransactionVersion::V0), slow);
    producers.apply(&in_txn(batch(1, 0, 0, 0, 1)), None);
    let second = in_txn(batch(1, 0, 1, 1, 1));
    assert_eq!(check_guarded(&producers, &second, Some(slow)), Ok(Verdict::Append), "its own is open");
    producers.apply(&marker(1, 0, 1), COMMIT);
    let next = ask(&mut producers, 0, 1, TransactionVersion::V0);
    producers.apply(&in_txn(batch(1, 0, 1, 2, 1)), None);
    let late = in_txn(batch(1, 0, 2, 3, 1));
    assert_eq!(check_guarded(&producers, &late, Some(slow)), UNVERIFIED);
    assert_eq!(check_guarded(&producers, &late, Some(next)), Ok(Verdict::Append));
    assert_eq!(check_guarded(&producers, &late, None), Ok(Verdict::Append), "it came when the next was open");
}

#[test]
fn the_marker_of_the_last_transaction_does_not_void_what_is_asked_for_the_next() {
    let mut producers = Producers::default();
    producers.apply(&in_txn(batch(1, 0, 0, 0, 1)), None);
    // The producer was told epoch 1 before the marker with that epoch was here.
    let guard = ask(&mut producers, 1, 0, TransactionVersion::V2);
    producers.apply(&marker(1, 1, 1), COMMIT);
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 1, 0, 2, 1)), Some(guard)), Ok(Verdict::Append));
}

#[test]
fn batches_that_wait_together_are_appended_in_their_order() {
    let mut producers = Producers::default();
    let guard = ask(&mut producers, 0, 7, TransactionVersion::V0);
    assert_eq!(ask(&mut producers, 0, 3, TransactionVersion::V0), guard);
    assert_eq!(ask(&mut producers, 0, 9, TransactionVersion::V0), guard);
    assert!(out_of_order(&check_guarded(&producers, &in_txn(batch(1, 0, 7, 0, 2)), Some(guard))));
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 0, 3, 0, 4)), Some(guard)), Ok(Verdict::Append));
}

#[test]
fn a_producer_that_bumps_with_every_transaction_begins_with_the_first_sequence() {
    let mut producers = Producers::default();
    let guard = ask(&mut producers, 4, 2, TransactionVersion::V2);
    assert!(out_of_order(&check_guarded(&producers, &in_txn(batch(1, 4, 2, 0, 1)), Some(guard))));
    assert_eq!(check_guarded(&producers, &in_txn(batch(1, 4, 0, 0, 1)), Some(guard)), Ok(Verdict::Append));
}

#[test]
fn an_older_instance_is_not_even_asked_about() {
    let mut producers = Producers::default();
    producers.apply(&batch(1, 3, 0, 0, 1), None);
    let old = Producer { id: ProducerId::new(1), epoch: ProducerEpoch::new(2) };
    let refused = producers.begin_verification(old, None, TransactionVersion::V2, Timestamp::from_millis(0));
    assert!(matches!(refused, Err(ProducerError::InvalidEpoch { .. })), "{refused:?}");
}

#[test]
fn guards_are_bounded_and_expire() {
    let mut verifications = Verifications::default();
    let begin = |verifications: &mut Verifications, id: i64, at: i64| {
        let producer = Producer { id: ProducerId::new(id), epoch: ProducerEpoch::new(0) };
        verifications.begin(producer, None, TransactionVersion::V2, Timestamp::from_millis(at))
    };
    let first = begin(&mut verifications, -1, 0);
    for id in 0..10_000 {
        begin(&mut verifications, id, id);
    }
    assert!(!verifications.is_current(ProducerId::new(-1), Some(first)), "the oldest made room");
    let last = begin(&mut verifications, 9_999, 0);
    assert!(verifications.is_current(ProducerId::new(9_999), Some(last)));
    verifications.expire(Timestamp::from_millis(10_000), Duration::from_millis(2), |_| true);
    assert!(verifications.is_current(ProducerId::new(9_999), Some(last)));
    assert!(!verifications.is_current(ProducerId::new(9_998), Some(last)));
    verifications.expire(Timestamp::from_millis(10_001), Duration::from_millis(2), |_| true);
    assert!(!verifications.is_current(ProducerId::new(9_999), Some(last)));
}

#[test]
fn a_marker_of_version_2_must_have_a_larger_epoch_than_the_transaction() {
    let mut producers = Producers::default();
    producers.apply(&in_txn(batch(1, 5, 0, 0, 1)), None);
    let check = |producers: &Producers, epoch, version| {
        let terms = Terms { marker_version: version, ..AppendOrigin::Coordinator.into() };
        producers.check(&marker(1, epoch, 1), COMMIT, &terms, None, true)
    };
    let refused = |result| matches!(result, Err(ProducerError::InvalidEpoch { .. }));
    assert!(refused(check(&producers, 4, TransactionVersion::V0)));
    assert_eq!(check(&producers, 5, TransactionVersion::V0), Ok(Verdict::Append));
    assert!(refused(check(&producers, 5, TransactionVersion::V2)));
    assert_eq!(check(&producers, 6, TransactionVersion::V2), Ok(Verdict::Append));
    producers.apply(&marker(1, 6, 1), COMMIT);
    assert_eq!(check(&producers, 6, TransactionVersion::V2), Ok(Verdict::Append), "it comes again");
    producers.apply(&in_txn(batch(1, 6, 0, 2, 1)), None);
    assert!(refused(check(&producers, 6, TransactionVersion::V2)), "and then too late: the next one is open");
}

#[test]
fn a_marker_with_the_very_last_epoch_may_come_again() {
    let mut producers = Producers::default();
    producers.apply(&in_txn(batch(1, i16::MAX, 0, 0, 1)), None);
    let terms = Terms { marker_version: TransactionVersion::V2, ..AppendOrigin::Coordinator.into() };
    let verdict = producers.check(&marker(1, i16::MAX, 1), ABORT, &terms, None, true);
    assert_eq!(verdict, Ok(Verdict::Append));
}
