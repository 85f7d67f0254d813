//! What stays, byte for byte and after every kind of stop.

use broker_log::{CleanLimits, Log, Recovery, SimDisk};
use broker_records::Codec;

use super::support::*;
use crate::support::*;

fn kept(offset: i64, key: &str, value: &str) -> Kept {
    (offset, Some(key.to_owned()), Some(value.to_owned()))
}

#[test]
fn the_last_record_of_each_key_stays_at_its_offset() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append_keys(&mut log, 60, 7);
    append(&mut log, &keyed(&[("key 0", Some("active"))], 5000));
    log.set_high_watermark(log.end_offset());
    let totals = round(&mut log, 6000).expect("cleans");
    let mut expected: Vec<_> =
        (53..60).map(|i| kept(i, &format!("key {}", i % 7), &format!("value {i}"))).collect();
    expected.push(kept(60, "key 0", "active"));
    assert_eq!(records(&log), expected, "the active segment is not cleaned");
    assert_eq!((totals.records_read, totals.records_kept, totals.keys), (60, 7, 7));
    assert_eq!((log.cleaned_to(), log.end_offset()), (Some(at(60)), at(61)));
    assert_tidy(&disk);
    assert_eq!(round(&mut log, 6000), None, "nothing is dirty");
    for (copy, recovery) in [(disk.snapshot(1), unclean(60)), (disk.snapshot(2), unclean(61))] {
        let (log, report) = open_with(&copy, recovery, compacted());
        assert_eq!((records(&log), report.bytes_truncated), (expected.clone(), 0), "{recovery:?}");
    }
    log.close().expect("closes");
    let (log, report) = open_with(&disk, Recovery::Clean, compacted());
    assert_eq!((records(&log), report.indexes_rebuilt), (expected, 0));
}

#[test]
fn rounds_go_on_where_the_last_one_ended() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    for i in 0..6 {
        append_keys(&mut log, 30, 11);
        let totals = round(&mut log, 6000 + i).expect("cleans");
        assert_eq!(totals.keys, 11);
        assert!(i == 0 || totals.records_read <= 30 + 11, "the clean part is small");
        assert_eq!(records(&log).len(), 11);
    }
    append_keys(&mut log, 1, 11);
    round(&mut log, 7000);
    assert!(
        log.segments().count() <= 3,
        "what became small is joined: {:?}",
        log.segments().collect::<Vec<_>>()
    );
}

#[test]
fn a_map_without_room_cleans_step_by_step_to_the_same_end() {
    let whole = {
        let disk = disk(1);
        let mut log = create(&disk, compacted());
        append_keys(&mut log, 80, 23);
        round(&mut log, 3000);
        records(&log)
    };
    for keys in [1, 2, 5, 9] {
        let disk = disk(1);
        let mut log = create(&disk, compacted());
        append_keys(&mut log, 80, 23);
        let before = latest(&records(&log));
        let small = CleanLimits { map_bytes: 24 * (keys + 1), load_factor: 1.0, ..limits() };
        let mut rounds = 0;
        let mut reached = None;
        while round_with(&mut log, ms(3000), small).expect("cleans").is_some() {
            rounds += 1;
            assert_eq!(latest(&records(&log)), before, "after round {rounds}");
            assert!(log.cleaned_to() > reached, "each round goes on");
            reached = log.cleaned_to();
        }
        assert!(rounds > 1, "{keys}");
        assert_eq!(records(&log), whole, "{keys} keys at once");
    }
}

#[test]
fn batches_keep_their_codec() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    for codec in Codec::ALL {
        let long = format!("{codec} {}", "y".repeat(300));
        append(&mut log, &keyed_with(codec, &[("same", Some("1")), (codec.name(), Some(&long))]));
    }
    settle(&mut log);
    let before = records(&log);
    round(&mut log, 3000);
    let codecs: Vec<_> = headers(&log).iter().filter_map(|header| header.attributes.codec()).collect();
    assert_eq!(codecs, Codec::ALL);
    assert_eq!(latest(&records(&log)), latest(&before));
    assert_eq!(records(&log).len(), Codec::ALL.len() + 1);
}

#[test]
fn tombstones_stay_for_their_time_and_then_go() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append(&mut log, &keyed(&[("gone", Some("1")), ("here", Some("1"))], 1000));
    append(&mut log, &keyed(&[("gone", None)], 1000));
    settle(&mut log);
    round(&mut log, 10_000);
    let tombstone = (2, Some("gone".to_owned()), None);
    assert_eq!(records(&log), [kept(1, "here", "1"), tombstone.clone()]);
    append(&mut log, &keyed(&[("other", Some("1"))], 1000));
    settle(&mut log);
    round(&mut log, 14_999);
    assert_eq!(records(&log), [kept(1, "here", "1"), tombstone, kept(3, "other", "1")]);
    append(&mut log, &keyed(&[("more", Some("1"))], 1000));
    settle(&mut log);
    round(&mut log, 15_000);
    assert_eq!(records(&log), [kept(1, "here", "1"), kept(3, "other", "1"), kept(4, "more", "1")]);
}

#[test]
fn sequences_go_on_although_the_records_are_gone() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    for i in 0..20 {
        append(&mut log, &keyed_by(7, i, false, &[("k", Some(&i.to_string()))]));
        append(&mut log, &keyed_by(8, i, false, &[("k", Some(&i.to_string()))]));
    }
    append(&mut log, &keyed(&[("k", Some("last"))], 1000));
    settle(&mut log);
    round(&mut log, 3000);
    assert_eq!(records(&log).len(), 1);
    log.close().expect("closes");
    for entry in names(&disk).iter().filter(|name| name.ends_with(".snapshot")) {
        broker_log::Disk::remove_file(&disk, &folder().join(entry)).expect("removes");
    }
    let (mut log, _) = open_with(&disk, unclean(41), compacted());
    assert!(append(&mut log, &keyed_by(7, 19, false, &[("k", Some("19"))])).is_duplicate);
    assert!(!append(&mut log, &keyed_by(8, 20, false, &[("k", Some("20"))])).is_duplicate);
}

#[test]
fn readers_keep_what_they_planned() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append_keys(&mut log, 60, 3);
    let slice = log.read(at(0), 4096, at(60), true).expect("plans");
    let before = slice.read_to_vec().expect("reads");
    // Bounds are remembered by their place in a file.
    let bound = log.read(at(57), 4096, at(59), true).expect("plans");
    assert!(!bound.is_empty());
    round(&mut log, 3000);
    assert_eq!(slice.read_to_vec().expect("reads"), before);
    let after = log.read(at(0), 4096, at(59), true).expect("plans").read_to_vec().expect("reads");
    let bounded: Vec<_> = broker_records::batches(&after).flatten().map(|b| b.header.base_offset).collect();
    assert_eq!(bounded, [57, 58], "batches before the bound only");
    assert_eq!(log.read(at(10), 4096, at(60), true).expect("plans").first_offset(), at(57));
}

#[test]
fn times_are_found_in_what_is_left() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append_keys(&mut log, 60, 50);
    round(&mut log, 3000);
    let first_at = |log: &mut Log<SimDisk>, time| {
        log.batch_for_time(ms(time)).expect("searches").map(|batch| batch.header.base_offset)
    };
    for i in 0..60 {
        assert_eq!(first_at(&mut log, 1000 + i), Some(i.max(10)), "{i}");
    }
    assert_eq!(first_at(&mut log, 1060), None);
    assert_eq!(log.batch_of_max_time().expect("searches").expect("is there").header.base_offset, 59);
}
