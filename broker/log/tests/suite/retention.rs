use std::time::Duration;

use broker_log::{DeletionReason, Disk as _, Log, LogConfig, SimDisk};

use crate::support::*;

fn log_with(config: LogConfig) -> (SimDisk, Log<SimDisk>) {
    let disk = disk(1);
    let mut log = create(&disk, config);
    append_many(&mut log, 60);
    log.set_high_watermark(log.end_offset());
    (disk, log)
}

fn no_limits() -> LogConfig {
    LogConfig { retention_age: None, retention_bytes: None, ..config() }
}

#[test]
fn old_segments_go_by_the_age_of_their_newest_record() {
    let (_disk, mut log) =
        log_with(LogConfig { retention_age: Some(Duration::from_millis(100)), ..config() });
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    let second_end = bases[2].get() - 1;
    assert!(log.retain(ms(1000 + bases[1].get() - 1 + 100)).expect("retains").is_empty());
    let gone = log.retain(ms(1000 + second_end + 101)).expect("retains");
    assert_eq!(
        gone.iter().map(|d| (d.base, d.reason)).collect::<Vec<_>>(),
        [(bases[0], DeletionReason::Age), (bases[1], DeletionReason::Age)]
    );
    assert_eq!(log.start_offset(), bases[2]);
    let all = log.retain(ms(1_000_000)).expect("retains");
    assert_eq!(all.len(), bases.len() - 2, "the active one is rolled and goes, too");
    assert_eq!((log.start_offset(), log.end_offset(), log.size_bytes()), (at(60), at(60), 0));
    assert!(log.retain(ms(2_000_000)).expect("retains").is_empty(), "an empty active segment stays");
    append(&mut log, &batch(1, 1));
    assert_eq!(log.end_offset(), at(61));
}

#[test]
fn a_future_timestamp_holds_everything_behind_it() {
    let disk = disk(1);
    let mut log = create(&disk, LogConfig { retention_age: Some(Duration::from_millis(100)), ..config() });
    append(&mut log, &batch(1, 1_000_000_000));
    append_many(&mut log, 60);
    log.set_high_watermark(log.end_offset());
    assert!(log.retain(ms(1_000_000)).expect("retains").is_empty());
}

#[test]
fn size_is_brought_down_to_the_limit_from_above() {
    let (_disk, mut log) = log_with(LogConfig { retention_bytes: Some(2500), ..no_limits() });
    let before = log.size_bytes();
    let gone = log.retain(ms(0)).expect("retains");
    assert!(gone.iter().all(|deletion| deletion.reason == DeletionReason::Size));
    assert!(log.size_bytes() >= 2500 && log.size_bytes() < 2500 + 1024);
    assert_eq!(before, log.size_bytes() + gone.iter().map(|deletion| deletion.size_bytes).sum::<u64>());
}

#[test]
fn nothing_above_the_high_watermark_goes() {
    let (_disk, mut log) = log_with(LogConfig { retention_bytes: Some(0), ..no_limits() });
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    log.set_high_watermark(bases[2]);
    assert_eq!(log.retain(ms(0)).expect("retains").len(), 2);
    assert_eq!(log.start_offset(), bases[2]);
}

#[test]
fn compacted_topics_lose_only_what_is_before_their_start() {
    let limits = LogConfig { retention_bytes: Some(0), retention_age: Some(Duration::ZERO), ..config() };
    let (_disk, mut log) = log_with(LogConfig { delete_policy: false, compact_policy: true, ..limits });
    assert!(log.retain(ms(1_000_000)).expect("retains").is_empty());
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    assert!(log.advance_start_offset(at(61)).is_err());
    assert_eq!(log.advance_start_offset(bases[1].plus(1)), Ok(bases[1].plus(1)));
    assert_eq!(log.advance_start_offset(at(0)), Ok(bases[1].plus(1)), "never back");
    let gone = log.retain(ms(0)).expect("retains");
    assert_eq!(
        gone.iter().map(|d| (d.base, d.reason)).collect::<Vec<_>>(),
        [(bases[0], DeletionReason::StartOffset)]
    );
    assert_eq!(log.start_offset(), bases[1].plus(1));
    assert_eq!(log.epochs()[0].start, log.start_offset());
}

#[test]
fn files_are_renamed_at_once_and_unlinked_after_the_delay() {
    let (disk, mut log) = log_with(LogConfig { retention_bytes: Some(0), ..no_limits() });
    log.retain(ms(1000)).expect("retains");
    let deleted = || {
        let entries = disk.list(folder()).expect("lists");
        entries.iter().filter(|entry| entry.name.ends_with(".deleted")).count()
    };
    assert!(deleted() >= 9);
    assert!(log.take_due_deletes(ms(60_999)).is_none());
    log.take_due_deletes(ms(61_000)).expect("is due").run().expect("unlinks");
    assert_eq!(deleted(), 0);
    assert!(log.take_due_deletes(ms(99_000)).is_none());
}

#[test]
fn a_deleted_log_is_renamed_and_then_gone() {
    let (disk, log) = log_with(no_limits());
    let job = log.delete(0xabc).expect("renames");
    let names =
        || disk.list(DIR.as_ref()).expect("lists").into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    assert_eq!(names(), [format!("orders-3.{:032x}-delete", 0xabc)]);
    job.run().expect("removes");
    assert_eq!(names(), [""; 0]);
}
