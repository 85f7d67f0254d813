//! Transactions in a compacted log.

use broker_log::{Log, Recovery, SimDisk};
use broker_records::ControlType;

use super::support::*;
use crate::support::*;

fn aborted(log: &Log<SimDisk>) -> Vec<(i64, i64, i64)> {
    let aborted = log.aborted_transactions(log.start_offset(), log.end_offset()).expect("reads");
    aborted.iter().map(|txn| (txn.producer_id.get(), txn.first_offset.get(), txn.last_offset.get())).collect()
}

fn offsets(log: &Log<SimDisk>) -> Vec<i64> {
    records(log).iter().map(|(offset, ..)| *offset).collect()
}

/// Producer 1 aborts 0..=1 (marker 4), producer 2 commits 2..=3 (marker 5), over two segments.
fn written(disk: &SimDisk) -> Log<SimDisk> {
    let mut log = create(disk, compacted());
    append(&mut log, &keyed_by(1, 0, true, &[("a", Some("aborted")), ("b", Some("aborted"))]));
    append(&mut log, &keyed_by(2, 0, true, &[("a", Some("committed")), ("c", Some("committed"))]));
    log.roll(ms(1000)).expect("rolls");
    assert_eq!(marked(&mut log, 1, ControlType::Abort), at(4));
    assert_eq!(marked(&mut log, 2, ControlType::Commit), at(5));
    settle(&mut log);
    log
}

#[test]
fn aborted_records_go_and_hide_nothing() {
    let disk = disk(1);
    let mut log = written(&disk);
    append(&mut log, &keyed(&[("b", Some("later"))], 1000));
    settle(&mut log);
    round(&mut log, 10_000);
    assert_eq!(offsets(&log), [2, 3, 6]);
    // The batch of producer 1 is its last: it stays, empty. So its entry stays with its marker, too.
    assert_eq!(aborted(&log), [(1, 0, 4)]);
    let found: Vec<_> =
        headers(&log).iter().map(|header| (header.base_offset, header.record_count)).collect();
    assert_eq!(found, [(0, 0), (2, 2), (4, 1), (5, 1), (6, 1)]);
    log.close().expect("closes");
    let (log, report) = open_with(&disk, Recovery::Clean, compacted());
    assert_eq!((offsets(&log), aborted(&log), report.indexes_rebuilt), (vec![2, 3, 6], vec![(1, 0, 4)], 0));
}

#[test]
fn markers_go_after_their_transactions_and_their_horizon() {
    let disk = disk(1);
    let mut log = written(&disk);
    // Both producers write on, so that nothing of their first transactions is their last batch.
    for producer in [1, 2] {
        append(&mut log, &keyed_by(producer, 2, true, &[("z", Some("1"))]));
        marked(&mut log, producer, ControlType::Commit);
    }
    append(&mut log, &keyed(&[("a", Some("later")), ("c", Some("later"))], 1000));
    settle(&mut log);
    let markers = |log: &Log<SimDisk>| -> Vec<(i64, bool)> {
        let all = headers(log);
        let control = all.iter().filter(|header| header.attributes.is_control());
        control.map(|header| (header.base_offset, header.attributes.has_delete_horizon())).collect()
    };
    round(&mut log, 10_000);
    assert_eq!(markers(&log), [(4, false), (5, false), (7, false), (9, false)], "records were met");
    assert_eq!((offsets(&log), aborted(&log)), (vec![8, 10, 11], vec![(1, 0, 4)]));

    let next = |log: &mut Log<SimDisk>, now| {
        append(log, &keyed(&[("more", Some("1"))], 1000));
        settle(log);
        round(log, now);
    };
    next(&mut log, 20_000);
    // The batch of producer 1's second transaction is empty but there, for its sequence.
    assert_eq!(markers(&log), [(4, true), (5, true), (7, false), (9, false)]);
    assert_eq!(aborted(&log), [], "nothing of it is left");
    next(&mut log, 24_999);
    assert_eq!(markers(&log).len(), 4);
    next(&mut log, 25_000);
    assert_eq!(markers(&log), [(7, false), (9, false)]);
}

#[test]
fn an_abort_marker_behind_the_cleaned_part_counts() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append(&mut log, &keyed(&[("a", Some("before"))], 1000));
    append(&mut log, &keyed_by(1, 0, true, &[("a", Some("aborted"))]));
    log.roll(ms(1000)).expect("rolls");
    // In the active segment, and its index not written yet.
    marked(&mut log, 1, ControlType::Abort);
    log.flush(at(2), ms(2000)).expect("flushes");
    log.set_high_watermark(log.end_offset());
    let begun = log.begin_cleaning(ms(10_000)).expect("looks");
    assert!(begun.is_none(), "the marker could be lost, and the transaction commit then");
    log.flush(log.end_offset(), ms(2000)).expect("flushes");
    round(&mut log, 10_000);
    assert_eq!(offsets(&log), [0], "the aborted record hides nothing");
    assert_eq!(log.cleaned_to(), Some(at(2)));
    append(&mut log, &keyed(&[("b", Some("later"))], 1000));
    settle(&mut log);
    round(&mut log, 10_000);
    assert_eq!(offsets(&log), [0, 3]);
}
