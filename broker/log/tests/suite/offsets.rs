use broker_log::{Log, LogConfig, Recovery, SimDisk, SimFaults, record_at_time, record_of_max_time};
use broker_records::BatchView;

use crate::support::*;

fn offset_at(log: &mut Log<SimDisk>, time: i64) -> Option<(i64, i64)> {
    let found = log.batch_for_time(ms(time)).expect("searches")?;
    let bytes = found.slice.read_to_vec().expect("reads");
    let view = BatchView::parse(&bytes).expect("parses");
    assert_eq!(view.header, found.header);
    let record =
        record_at_time(&view.header, view.records(), ms(time), log.start_offset()).expect("reads")?;
    Some((record.offset.get(), record.timestamp.as_millis()))
}

#[test]
fn times_lead_to_the_first_record_that_is_not_older() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 60);
    append(&mut log, &batch(1, 500));
    append(&mut log, &batch(1, 2000));
    append(&mut log, &batch(1, 2000));
    for time in 0..60 {
        assert_eq!(offset_at(&mut log, 1000 + time), Some((time, 1000 + time)));
    }
    assert_eq!(offset_at(&mut log, 0), Some((0, 1000)));
    assert_eq!(offset_at(&mut log, 1060), Some((61, 2000)), "an older one in between is passed");
    assert_eq!(offset_at(&mut log, 2001), None);
    log.set_high_watermark(log.end_offset());
    log.advance_start_offset(at(30)).expect("moves");
    assert_eq!(offset_at(&mut log, 0), Some((30, 1030)), "records before the start are not there");
    let largest = log.batch_of_max_time().expect("searches").expect("is there");
    let bytes = largest.slice.read_to_vec().expect("reads");
    let view = BatchView::parse(&bytes).expect("parses");
    let record = record_of_max_time(&view.header, view.records()).expect("reads").expect("is there");
    assert_eq!(record.offset, at(61), "the first of those");
    log.close().expect("closes");
    let (mut log, _) = open(&disk, Recovery::Clean);
    assert_eq!(offset_at(&mut log, 1060), Some((61, 2000)));
    assert!(create_empty().batch_of_max_time().expect("searches").is_none());
}

fn create_empty() -> Log<SimDisk> {
    create(&disk(1), config())
}

#[test]
fn truncation_takes_the_tail_of_everything() {
    for keep in [0, 1, 7, 30, 59, 60] {
        let disk = disk(1);
        let mut log = create(&disk, config());
        for i in 0..60_i32 {
            let sent = from_producer(1, 0, i, 1);
            let origin = broker_log::AppendOrigin::Client;
            log.append_as_leader(&sent, epoch(i / 20), ms(1000), origin).expect("appends");
        }
        log.flush(at(60), ms(0)).expect("flushes");
        log.set_high_watermark(at(60));
        assert_eq!(log.truncate_to(at(keep), ms(0)).expect("truncates"), at(keep));
        assert_eq!(contents(&log), (0..keep).map(|i| (i, i)).collect::<Vec<_>>());
        assert_eq!(
            (log.end_offset(), log.high_watermark(), log.recovery_point()),
            (at(keep), at(keep), at(keep))
        );
        assert!(log.epochs().iter().all(|entry| entry.start < at(keep)));
        let next = i32::try_from(keep).expect("small");
        assert_eq!(append(&mut log, &from_producer(1, 0, next, 1)).first_offset, at(keep));
        let (log, _) = open(&disk, unclean(keep));
        assert_eq!(log.end_offset(), at(keep + 1));
    }
}

#[test]
fn truncation_inside_a_batch_takes_the_batch_and_before_the_start_all() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &batch(5, 1));
    append(&mut log, &batch(5, 1));
    assert_eq!(log.truncate_to(at(7), ms(0)).expect("truncates"), at(5));
    log.set_high_watermark(at(5));
    log.advance_start_offset(at(3)).expect("moves");
    assert_eq!(log.truncate_to(at(1), ms(0)).expect("truncates"), at(1));
    assert_eq!((log.start_offset(), log.end_offset()), (at(1), at(1)));
    log.truncate_fully_and_start_at(at(500), ms(0)).expect("restarts");
    assert_eq!(append(&mut log, &batch(1, 1)).first_offset, at(500));
    let (log, _) = open(&disk, unclean(500));
    assert_eq!((log.start_offset(), log.end_offset()), (at(500), at(501)));
}

#[test]
fn flushes_are_due_by_count_age_and_roll() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 2);
    assert_eq!(log.needs_flush(ms(1_000_000_000)), None, "left to replication");
    log.set_config(LogConfig { flush_messages: Some(3), ..config() });
    assert_eq!(log.needs_flush(ms(0)), None);
    append_many(&mut log, 1);
    assert_eq!(log.needs_flush(ms(0)), Some(at(3)));
    log.flush(at(3), ms(0)).expect("flushes");
    assert_eq!((log.recovery_point(), log.needs_flush(ms(0))), (at(3), None));
    log.set_config(LogConfig { flush_age: Some(std::time::Duration::from_millis(10)), ..config() });
    append_many(&mut log, 1);
    assert_eq!((log.needs_flush(ms(9)), log.needs_flush(ms(10))), (None, Some(at(4))));
    log.set_config(config());
    append_many(&mut log, 20);
    let active = log.segments().last().expect("is there").base;
    assert_eq!(log.needs_flush(ms(0)), Some(active), "rolled segments are");
    log.flush(active, ms(0)).expect("flushes");
    assert_eq!((log.recovery_point(), log.needs_flush(ms(0))), (active, None));
}

#[test]
fn a_flush_begun_before_a_truncation_vouches_for_nothing() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 5);
    let job = log.begin_flush(at(5)).expect("plans").expect("is due");
    log.truncate_to(at(2), ms(0)).expect("truncates");
    append_many(&mut log, 3);
    let outcome = job.run();
    log.complete_flush(&job, &outcome, ms(0));
    assert_eq!(log.recovery_point(), at(0));
}

#[test]
fn a_flush_does_not_rest_on_another_that_is_still_under_way() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 5);
    let slow = log.begin_flush(at(5)).expect("plans").expect("is due");
    let quick = log.begin_flush(at(5)).expect("plans").expect("is due, for the other has not run");
    let outcome = quick.run();
    log.complete_flush(&quick, &outcome, ms(0));
    assert_eq!(log.recovery_point(), at(5));
    disk.crash();
    drop((log, slow));
    let (log, _) = open(&disk, unclean(0));
    assert_eq!(log.end_offset(), at(5));
}

#[test]
fn a_failed_sync_is_never_tried_again() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 1);
    disk.set_faults(SimFaults { sync_fails_after: Some(0), ..SimFaults::default() });
    assert!(log.flush(at(1), ms(0)).is_err());
    assert!(log.is_failed());
    assert_eq!((log.recovery_point(), log.needs_flush(ms(1_000_000))), (at(0), None));
    assert!(log.close().is_err(), "a failed log does not count as cleanly closed");
}
