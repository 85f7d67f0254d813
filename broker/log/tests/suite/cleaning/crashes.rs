//! Power that fails at any moment of a round, files that are cut or torn, and checkpoints.

use std::{collections::BTreeSet, num::NonZeroUsize};

use broker_log::{
    CleanError, Disk as _, LoadSpec, Log, LogConfig, LogDirectory, Owner, Recovery, SimDisk, SimFaults,
};
use broker_types::{BrokerId, ClusterId, DirectoryId, TopicName, Uuid};

use super::support::*;
use crate::support::*;

/// A log in which some keys come again, some not, one goes by a tombstone; all of it synced.
fn written(seed: u64) -> (SimDisk, Log<SimDisk>) {
    let disk = disk(seed);
    let mut log = create(&disk, compacted());
    append_keys(&mut log, 40, 13);
    append(&mut log, &keyed(&[("key 3", None)], 1000));
    append_keys(&mut log, 20, 5);
    log.flush(log.end_offset(), ms(0)).expect("flushes");
    (disk, log)
}

/// What must hold after any stop: the last values are there, and nothing that was not written, in its order.
fn check(log: &Log<SimDisk>, before: &[Kept], what: &str) {
    let after = records(log);
    assert_eq!(latest(&after), latest(before), "{what}");
    let offsets: Vec<_> = after.iter().map(|(offset, ..)| *offset).collect();
    assert!(offsets.is_sorted_by(|one, two| one < two), "{what}: {offsets:?}");
    let known: BTreeSet<_> = before.iter().collect();
    assert!(after.iter().all(|record| known.contains(record)), "{what}");
}

#[test]
fn power_may_fail_at_every_change_of_a_round() {
    let (disk, mut log) = written(1);
    let before = records(&log);
    let first = disk.changes();
    round(&mut log, 3000);
    let (cleaned, changes) = (records(&log), disk.changes() - first);
    assert!(changes > 20 && cleaned.len() < before.len());
    let mut outcomes = BTreeSet::new();
    for fails_after in 0..=changes {
        for seed in 0..12 {
            let (disk, mut log) = written(seed);
            disk.set_faults(SimFaults { power_fails_after: Some(fails_after), ..SimFaults::default() });
            let ended = round_with(&mut log, ms(3000), limits());
            assert_eq!(ended.is_ok(), fails_after == changes, "change {fails_after}");
            disk.crash();
            let what = format!("power failed at change {fails_after}, seed {seed}");
            let (mut log, _) = open_with(&disk, unclean(61), compacted());
            check(&log, &before, &what);
            outcomes.insert(records(&log).len());
            assert_eq!(log.end_offset(), at(61), "{what}");
            assert_tidy(&disk);
            // And once more, from whatever was left.
            let again = open_with(&disk, unclean(61), compacted()).0;
            check(&again, &before, &what);
            append(&mut log, &keyed(&[("new", Some("1"))], 1000));
            settle(&mut log);
            round(&mut log, 3000);
            assert_eq!(&records(&log)[..cleaned.len()], cleaned, "{what}");
        }
    }
    assert!(outcomes.len() > 2, "before, between and after: {outcomes:?}");
}

#[test]
fn a_round_that_failed_on_the_disk_leaves_a_log_that_reads() {
    let (_, mut log) = written(1);
    let before = records(&log);
    let _ = round(&mut log, 3000);
    for nth in 0..200 {
        for kind in 0..3 {
            let (disk, mut log) = written(1);
            disk.set_faults(match kind {
                0 => SimFaults { write_fails_after: Some(nth), ..SimFaults::default() },
                1 => SimFaults { sync_fails_after: Some(nth), ..SimFaults::default() },
                _ => SimFaults { read_fails_after: Some(nth), ..SimFaults::default() },
            });
            let ended = round_with(&mut log, ms(3000), limits());
            disk.set_faults(SimFaults::default());
            if let Err(error) = ended {
                assert!(matches!(error, CleanError::Storage(_)), "{error}");
            }
            let (log, _) = open_with(&disk, unclean(61), compacted());
            check(&log, &before, &format!("fault {kind} at {nth}"));
        }
    }
}

/// A folder just before `.swap` becomes the log's own, with the old segments still there or not.
fn swapped(with_old: bool) -> (SimDisk, Vec<Kept>, Vec<Kept>) {
    let (disk, log) = written(1);
    let before = records(&log);
    drop(log);
    let clean = disk.snapshot(1);
    // All old segments become one.
    let config = LogConfig { segment_bytes: 1 << 20, ..compacted() };
    let (mut log, _) = open_with(&clean, unclean(61), config);
    log.set_high_watermark(log.end_offset());
    round(&mut log, 3000).expect("cleans");
    let cleaned = records(&log);
    let base = "00000000000000000000";
    for kind in ["log", "index", "timeindex"] {
        let bytes = clean.get(&folder().join(format!("{base}.{kind}"))).expect("is there");
        disk.put(&folder().join(format!("{base}.{kind}.swap")), &bytes).expect("puts");
    }
    if !with_old {
        for name in names(&disk) {
            let is_old = !name.ends_with(".swap") && !name.starts_with("00000000000000000061");
            if is_old && name.starts_with('0') {
                disk.remove_file(&folder().join(name)).expect("removes");
            }
        }
    }
    (disk, before, cleaned)
}

#[test]
fn a_whole_swap_takes_the_place_of_the_old_segments() {
    for with_old in [true, false] {
        let (disk, _, cleaned) = swapped(with_old);
        let (log, _) = open_with(&disk, unclean(61), compacted());
        // Old segments behind the last batch of the new one would stay; the last batch of a round always does.
        assert_eq!(records(&log), cleaned);
        assert_tidy(&disk);
        assert_eq!(log.segments().count(), 2, "{with_old}");
    }
}

#[test]
fn a_swap_cut_anywhere_does_not_cost_the_old_segments() {
    let (disk, before, cleaned) = swapped(true);
    let path = folder().join("00000000000000000000.log.swap");
    let bytes = disk.get(&path).expect("is there");
    // A file that ends between two batches looks whole: only the sync before its renaming rules that out.
    let mut ends = BTreeSet::from([0]);
    for batch in broker_records::batches(&bytes).flatten() {
        ends.insert(ends.last().copied().unwrap_or(0) + batch.bytes.len());
    }
    for length in (0..=bytes.len()).filter(|length| *length == bytes.len() || !ends.contains(length)) {
        let copy = disk.snapshot(1);
        copy.put(&path, &bytes[..length]).expect("puts");
        let (log, _) = open_with(&copy, unclean(61), compacted());
        check(&log, &before, &format!("cut to {length}"));
        assert!(length < bytes.len() || records(&log) == cleaned);
    }
    let batches = broker_records::batches(&bytes).flatten().map(|batch| batch.bytes.len());
    // Only base offset and epoch are outside the checksum.
    let checked = batches.flat_map(|size| (0..size).map(|place| (8..12).contains(&place) || place >= 16));
    for (byte, _) in checked.enumerate().filter(|(_, is_checked)| *is_checked) {
        let copy = disk.snapshot(1);
        let mut torn = bytes.clone();
        torn[byte] ^= 0x20;
        copy.put(&path, &torn).expect("puts");
        let (log, _) = open_with(&copy, unclean(61), compacted());
        assert_eq!(records(&log), before, "byte {byte}");
    }
}

#[test]
fn cleaned_files_go_and_with_them_the_swaps_behind() {
    let (disk, before, _) = swapped(true);
    let cleaned = folder().join("00000000000000000000.index.cleaned");
    disk.put(&cleaned, b"torn").expect("puts");
    let (log, _) = open_with(&disk, unclean(61), compacted());
    assert_eq!(records(&log), before);
    assert_tidy(&disk);
}

fn directory(disk: &SimDisk) -> LogDirectory<SimDisk> {
    let owner = Owner { cluster_id: ClusterId::new("c"), node_id: BrokerId::new(1) };
    LogDirectory::open(disk.clone(), data(), &owner, DirectoryId::new(Uuid::from_bytes([1; 16])))
        .expect("opens")
}

fn load(directory: &LogDirectory<SimDisk>, config: &LogConfig) -> Option<Log<SimDisk>> {
    let spec =
        LoadSpec { config_of: |_: &TopicName| config.clone(), threads: NonZeroUsize::MIN, now: ms(2000) };
    directory.load(&spec).expect("loads").logs.into_iter().next()
}

fn checkpoint(disk: &SimDisk) -> String {
    let bytes = disk.get(&data().join("cleaner-offset-checkpoint")).expect("is there");
    String::from_utf8(bytes).expect("is text")
}

#[test]
fn how_far_a_log_was_cleaned_is_kept_and_follows_its_cuts() {
    let disk = disk(1);
    let opened = directory(&disk);
    let mut log = opened.create_log(tp(), Some(topic_id()), compacted(), ms(0)).expect("creates");
    append_keys(&mut log, 60, 7);
    round(&mut log, 3000);
    assert_eq!(checkpoint(&disk), "0\n1\norders 3 60\n");
    append_keys(&mut log, 10, 7);
    disk.kill_process();
    drop((opened, log));
    let opened = directory(&disk);
    let mut log = load(&opened, &compacted()).expect("is there");
    assert_eq!(log.cleaned_to(), Some(at(60)));
    log.truncate_to(at(57), ms(0)).expect("cuts");
    assert_eq!(checkpoint(&disk), "0\n1\norders 3 57\n");
    assert_eq!(log.cleaned_to(), Some(at(57)));
    log.delete(1).expect("deletes").run().expect("removes");
    let mut log = opened.create_log(tp(), Some(topic_id()), compacted(), ms(0)).expect("creates");
    assert_eq!(log.cleaned_to(), None);
    append_keys(&mut log, 20, 7);
    round(&mut log, 3000);
    assert_eq!(checkpoint(&disk), "0\n1\norders 3 20\n");
}

#[test]
fn a_malformed_checkpoint_only_costs_work() {
    let disk = disk(1);
    let opened = directory(&disk);
    let mut log = opened.create_log(tp(), Some(topic_id()), compacted(), ms(0)).expect("creates");
    append_keys(&mut log, 60, 7);
    round(&mut log, 3000);
    let kept = records(&log);
    opened.close(&mut [&mut log], None).expect("closes");
    drop((opened, log));
    for content in ["", "1\n", "0\n1\norders 3 9999\n", "0\n1\norders 3 x\n"] {
        let copy = disk.snapshot(1);
        copy.put(&data().join("cleaner-offset-checkpoint"), content.as_bytes()).expect("puts");
        let opened = directory(&copy);
        let mut log = load(&opened, &compacted()).expect("is there");
        append_keys(&mut log, 3, 1);
        round(&mut log, 3000);
        let after = records(&log);
        assert_eq!(after.len(), kept.len(), "{content}");
        assert_eq!(checkpoint(&copy), "0\n1\norders 3 63\n");
    }
}

#[test]
fn gaps_that_cleaning_left_are_no_loss_when_the_policy_has_changed() {
    let disk = disk(1);
    let opened = directory(&disk);
    let config = LogConfig { segment_bytes: 256, ..compacted() };
    let mut log = opened.create_log(tp(), Some(topic_id()), config.clone(), ms(0)).expect("creates");
    for i in 0..30 {
        append(&mut log, &keyed(&[(if i % 5 == 0 { "often" } else { "rest" }, Some(&"x".repeat(60)))], 1000));
        append(&mut log, &keyed(&[(&format!("key {i}"), Some("v"))], 1000));
    }
    settle(&mut log);
    round(&mut log, 3000);
    let kept = records(&log);
    disk.kill_process();
    drop((opened, log));
    let opened = directory(&disk);
    let checkpoint = disk.get(&data().join("recovery-point-offset-checkpoint")).expect("is there");
    assert_eq!(checkpoint, b"0\n1\norders 3 60\n", "before the first segment was swapped in");
    let deleting = LogConfig { compact_policy: false, delete_policy: true, ..config };
    let log = load(&opened, &deleting).expect("is there");
    assert_eq!(records(&log), kept);
    // Even when only the end of the round is known, and every segment is read anew.
    disk.put(&data().join("recovery-point-offset-checkpoint"), b"0\n0\n").expect("puts");
    disk.kill_process();
    let opened = directory(&disk);
    assert_eq!(records(&load(&opened, &deleting).expect("is there")), kept);
}

#[test]
fn a_clean_stop_after_a_round_is_one() {
    let (disk, mut log) = written(1);
    round(&mut log, 3000);
    let kept = records(&log);
    log.close().expect("closes");
    let (log, report) = open_with(&disk, Recovery::Clean, compacted());
    assert_eq!((records(&log), report.indexes_rebuilt, report.segments_checked), (kept, 0, 0));
}
