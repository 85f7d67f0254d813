use std::time::Duration;

use broker_log::{AppendError, AppendOrigin, Log, LogConfig, ProducerError, Recovery, SimDisk, Terms};
use broker_records::ControlType;
use broker_types::{Producer, ProducerEpoch, ProducerId, Sequence, TransactionVersion};

use crate::support::*;

fn mark(log: &mut Log<SimDisk>, id: i64, control: ControlType) {
    log.append_as_leader(&marker(id, control), epoch(0), ms(1000), AppendOrigin::Coordinator)
        .expect("appends");
}

/// Producer 1 aborts 0..=1 and 6..=7 (markers 4, 8), producer 2 commits 2..=3 (marker 5); producer 3 is open from 9.
fn written(disk: &SimDisk) -> Log<SimDisk> {
    let mut log = create(disk, config());
    append(&mut log, &in_txn(1, 0, 2));
    append(&mut log, &in_txn(2, 0, 2));
    mark(&mut log, 1, ControlType::Abort);
    mark(&mut log, 2, ControlType::Commit);
    append(&mut log, &in_txn(1, 2, 2));
    mark(&mut log, 1, ControlType::Abort);
    append(&mut log, &in_txn(3, 0, 1));
    log
}

fn aborted(log: &Log<SimDisk>, from: i64, to: i64) -> Vec<(i64, i64, i64)> {
    let aborted = log.aborted_transactions(at(from), at(to)).expect("reads");
    aborted.iter().map(|txn| (txn.producer_id.get(), txn.first_offset.get(), txn.last_offset.get())).collect()
}

#[test]
fn the_stable_offset_waits_for_open_and_unreplicated_transactions() {
    let disk = disk(1);
    let mut log = written(&disk);
    let mut stable = |high_watermark| {
        log.set_high_watermark(at(high_watermark));
        log.last_stable_offset().get()
    };
    assert_eq!(stable(4), 0, "the first marker is not replicated");
    assert_eq!(stable(5), 2);
    assert_eq!(stable(6), 6);
    assert_eq!(stable(10), 9, "producer 3 is open");
    mark(&mut log, 3, ControlType::Commit);
    assert_eq!(log.last_stable_offset(), at(9));
    log.set_high_watermark(at(11));
    assert_eq!(log.last_stable_offset(), at(11));
}

#[test]
fn aborted_transactions_are_told_for_the_range_that_is_read() {
    let disk = disk(1);
    let mut log = written(&disk);
    assert_eq!(aborted(&log, 0, 10), [(1, 0, 4), (1, 6, 8)]);
    assert_eq!(aborted(&log, 0, 1), [(1, 0, 4)]);
    assert_eq!(aborted(&log, 5, 6), []);
    assert_eq!(aborted(&log, 5, 7), [(1, 6, 8)]);
    let killed = disk.snapshot(1);
    log.close().expect("closes");
    for (disk, recovery) in [(&killed, unclean(0)), (&disk, unclean(0)), (&disk, Recovery::Clean)] {
        let (mut log, _) = open(&disk.snapshot(1), recovery);
        assert_eq!(aborted(&log, 0, 10), [(1, 0, 4), (1, 6, 8)], "{recovery:?}");
        log.set_high_watermark(at(10));
        assert_eq!(log.last_stable_offset(), at(9), "{recovery:?}");
        assert_eq!(log.producers().find(|(id, _)| id.get() == 1).expect("is known").1.coordinator_epoch, 7);
        log.truncate_to(at(8), ms(0)).expect("truncates");
        assert_eq!(aborted(&log, 0, 10), [(1, 0, 4)]);
        log.set_high_watermark(at(8));
        assert_eq!(log.last_stable_offset(), at(6), "the second one is open again");
    }
}

#[test]
fn a_plain_batch_in_a_transaction_is_refused() {
    let disk = disk(1);
    let mut log = written(&disk);
    let plain = log.append_as_leader(&from_producer(3, 0, 1, 1), epoch(0), ms(0), AppendOrigin::Client);
    assert!(matches!(plain, Err(AppendError::Producer(ProducerError::InvalidTxnState { .. }))));
}

#[test]
fn the_first_batch_of_a_transaction_needs_the_guard_that_it_was_given() {
    let disk = disk(1);
    let mut log = create(&disk, LogConfig { verifies_transactions: true, ..config() });
    let producer = Producer { id: ProducerId::new(1), epoch: ProducerEpoch::new(0) };
    let sent = in_txn(1, 0, 2);
    let unasked = log.append_as_leader(&sent, epoch(0), ms(1000), AppendOrigin::Client);
    assert!(matches!(unasked, Err(AppendError::Producer(ProducerError::NotVerified { .. }))), "{unasked:?}");
    let ask = |log: &mut Log<SimDisk>| {
        log.begin_verification(producer, Some(Sequence::ZERO), TransactionVersion::V0, ms(1000))
            .expect("may begin")
    };
    let guard = ask(&mut log);
    assert!(guard.is_some() && !log.has_open_transaction(producer));
    let terms = Terms { guard, ..AppendOrigin::Client.into() };
    let appended = log.append_as_leader(&sent, epoch(0), ms(1000), terms).expect("appends");
    assert_eq!(appended.first_offset, at(0));
    assert!(log.has_open_transaction(producer));
    assert_eq!(ask(&mut log), None, "it is open");
    let again = log.append_as_leader(&sent, epoch(0), ms(1000), AppendOrigin::Client).expect("a duplicate");
    assert!(again.is_duplicate);
    log.append_as_leader(&in_txn(1, 2, 1), epoch(0), ms(1000), AppendOrigin::Client).expect("goes on");
    mark(&mut log, 1, ControlType::Commit);
    assert!(!log.has_open_transaction(producer));
    let late = log.append_as_leader(&in_txn(1, 3, 1), epoch(0), ms(1000), AppendOrigin::Client);
    assert!(matches!(late, Err(AppendError::Producer(ProducerError::NotVerified { .. }))), "{late:?}");
}

#[test]
fn aborted_transactions_are_told_for_what_a_slice_holds() {
    let disk = disk(1);
    // A segment holds about two transactions.
    let mut log = create(&disk, LogConfig { segment_bytes: 400, ..config() });
    for round in 0..6 {
        append(&mut log, &in_txn(1, round * 2, 2));
        mark(&mut log, 1, ControlType::Abort);
    }
    let mut told = Vec::new();
    let mut next = log.start_offset();
    while next < log.end_offset() {
        let slice = log.read(next, 1 << 20, log.end_offset(), true).expect("reads");
        let bytes = slice.read_to_vec().expect("reads");
        let aborted = log.aborted_transactions_in(next, &slice).expect("reads");
        let last = broker_records::batches(&bytes).last().expect("a batch").expect("whole");
        let end = last.header.next_offset();
        assert!(aborted.len() < 4, "not those of the whole log: {aborted:?}");
        let all = log.aborted_transactions(next, end).expect("reads");
        assert!(all.iter().all(|txn| aborted.contains(txn)), "all of the slice: {all:?}, {aborted:?}");
        told.extend(aborted.iter().map(|txn| txn.first_offset));
        next = end;
    }
    told.dedup();
    assert_eq!(told, [0, 3, 6, 9, 12, 15].map(at));
}

#[test]
fn a_marker_that_would_be_refused_is_known_before() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    let producer = |epoch| Producer { id: ProducerId::new(1), epoch: ProducerEpoch::new(epoch) };
    log.append_as_leader(&in_txn(1, 0, 2), epoch(0), ms(1000), AppendOrigin::Client).expect("appends");
    let (v0, v2) = (TransactionVersion::V0, TransactionVersion::V2);
    assert!(log.check_marker(producer(0), 0, v0).is_ok());
    assert!(log.check_marker(producer(1), 0, v2).is_ok());
    let late = log.check_marker(producer(0), 0, v2);
    assert!(
        matches!(late, Err(ProducerError::InvalidEpoch { .. })),
        "it is of the transaction before: {late:?}"
    );
    mark(&mut log, 1, ControlType::Commit);
    let fenced = log.check_marker(producer(0), -1, v0);
    assert!(matches!(fenced, Err(ProducerError::CoordinatorFenced { .. })), "{fenced:?}");
    let unknown = Producer { id: ProducerId::new(9), epoch: ProducerEpoch::new(0) };
    assert!(log.check_marker(unknown, -1, v2).is_ok(), "nothing is known of it");
}

#[test]
fn a_transaction_that_nobody_ends_is_late() {
    let disk = disk(1);
    let mut log = written(&disk);
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let written_at = log.producers().find(|(id, _)| id.get() == 3).expect("is open").1.last_timestamp;
    assert!(!log.has_late_transaction(written_at.plus(minutes(20)), minutes(15)));
    assert!(log.has_late_transaction(written_at.plus(minutes(20) + Duration::from_millis(1)), minutes(15)));
    mark(&mut log, 3, ControlType::Abort);
    assert!(!log.has_late_transaction(written_at.plus(minutes(999)), minutes(15)));
}
