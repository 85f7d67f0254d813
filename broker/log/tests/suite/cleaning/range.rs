//! What is dirty, and what may be cleaned.

use std::time::Duration;

use broker_log::{Log, LogConfig, SimDisk};

use super::support::*;
use crate::support::*;

/// Three whole segments of three records each and one in the active segment.
fn written(config: LogConfig) -> (SimDisk, Log<SimDisk>) {
    let disk = disk(1);
    let mut log = create(&disk, config);
    for segment in 0..3 {
        for i in 0..3 {
            append(&mut log, &keyed(&[("k", Some("v"))], 1000 + segment * 100 + i));
        }
        log.roll(ms(2000)).expect("rolls");
    }
    append(&mut log, &keyed(&[("k", Some("v"))], 1900));
    log.flush(log.end_offset(), ms(2000)).expect("flushes");
    log.set_high_watermark(log.end_offset());
    (disk, log)
}

/// First dirty offset, end of what may be cleaned.
fn range(log: &mut Log<SimDisk>, now: i64) -> Option<(i64, i64)> {
    let cleanable = log.cleanable(ms(now)).expect("looks");
    cleanable.map(|range| (range.first_dirty.get(), range.end.get()))
}

#[test]
fn the_active_segment_and_what_is_not_stable_are_not_cleaned() {
    let (_disk, mut log) = written(compacted());
    assert_eq!(range(&mut log, 5000), Some((0, 9)));
    for (high_watermark, end) in [(0, 0), (2, 0), (3, 3), (5, 3), (8, 6), (9, 9)] {
        log.set_high_watermark(at(high_watermark));
        let cleanable = log.cleanable(ms(5000)).expect("looks");
        let (dirty, found) = cleanable.map_or((0, 0), |range| (range.dirty_bytes, range.end.get()));
        assert_eq!(found, end, "high watermark {high_watermark}");
        assert_eq!(dirty > 0, end > 0);
    }
    log.set_high_watermark(at(10));
    append(&mut log, &keyed_by(1, 0, true, &[("k", Some("v"))]));
    settle(&mut log);
    append(&mut log, &keyed(&[("k", Some("v"))], 1900));
    settle(&mut log);
    assert_eq!(range(&mut log, 5000), Some((0, 9)), "the open transaction began in the segment at 9");
}

#[test]
fn what_a_loss_of_power_could_take_is_not_cleaned() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append(&mut log, &keyed(&[("k", Some("synced"))], 1000));
    settle(&mut log);
    append(&mut log, &keyed(&[("k", Some("not synced"))], 1000));
    log.roll(ms(2000)).expect("rolls");
    log.set_high_watermark(log.end_offset());
    assert_eq!(
        range(&mut log, 5000),
        Some((0, 1)),
        "the record at 1 could be lost, and the one at 0 with it"
    );
    log.flush(log.end_offset(), ms(2000)).expect("flushes");
    assert_eq!(range(&mut log, 5000), Some((0, 2)));
}

#[test]
fn a_log_that_is_not_compacted_is_not_cleaned() {
    let (_disk, mut log) = written(config());
    assert_eq!(range(&mut log, 5000), None);
    assert!(log.begin_cleaning(ms(5000)).expect("begins").is_none());
}

#[test]
fn young_records_wait() {
    let config = LogConfig { compaction_lag_min: Duration::from_millis(1000), ..compacted() };
    let (_disk, mut log) = written(config);
    // The segments' newest records are of 1002, 1102 and 1202.
    for (now, end) in [(2001, None), (2002, Some(3)), (2101, Some(3)), (2102, Some(6)), (2202, Some(9))] {
        let cleanable = log.cleanable(ms(now)).expect("looks").filter(|range| range.dirty_bytes > 0);
        assert_eq!(cleanable.map(|range| range.end.get()), end, "at {now}");
    }
}

#[test]
fn the_ratio_or_the_longest_lag_make_a_log_due() {
    let config = LogConfig {
        dirty_ratio_min: 0.5,
        compaction_lag_max: Some(Duration::from_millis(1000)),
        segment_bytes: 1 << 20,
        ..compacted()
    };
    let (_disk, mut log) = written(config);
    let due = |log: &mut Log<SimDisk>, now| {
        let cleanable = log.cleanable(ms(now)).expect("looks").expect("is compacted");
        (cleanable.is_due(), cleanable.overdue)
    };
    assert_eq!(due(&mut log, 1500), (true, Duration::ZERO), "all of it is dirty");
    // Five different records make a clean part that is larger than what comes after.
    for i in 0..5 {
        append(&mut log, &keyed(&[(&format!("other {i}"), Some(&"x".repeat(100)))], 3000));
    }
    settle(&mut log);
    round(&mut log, 3500);
    append(&mut log, &keyed(&[("k", Some("v"))], 4000));
    settle(&mut log);
    assert_eq!(due(&mut log, 4500), (false, Duration::ZERO));
    assert_eq!(due(&mut log, 5000), (false, Duration::ZERO));
    assert_eq!(due(&mut log, 5001), (true, Duration::from_millis(1)));
    let cleanable = log.cleanable(ms(4500)).expect("looks").expect("is compacted");
    assert!(cleanable.dirty_ratio() > 0.0 && cleanable.dirty_ratio() < 0.5);
}

#[test]
fn deleted_records_are_no_part_of_what_is_dirty() {
    let (_disk, mut log) = written(compacted());
    log.advance_start_offset(at(4)).expect("deletes");
    assert_eq!(range(&mut log, 5000), Some((4, 9)));
    round(&mut log, 5000);
    assert_eq!(log.cleaned_to(), Some(at(9)));
    log.advance_start_offset(at(10)).expect("deletes");
    assert!(log.begin_cleaning(ms(5000)).expect("begins").is_none());
}
