use broker_log::{Disk as _, Log, LogConfig, Recovery, SimDisk};
use bytes::Bytes;

use crate::support::*;

const BATCHES: i64 = 9;

/// One segment of nine batches, of which the first five were flushed.
fn written() -> (SimDisk, Vec<Bytes>) {
    let disk = disk(1);
    let mut log = create(&disk, LogConfig { segment_bytes: 1 << 20, ..config() });
    let mut batches = Vec::new();
    for i in 0..BATCHES {
        let sent = from_producer(1, 0, i32::try_from(i).expect("small"), 1);
        append(&mut log, &sent);
        batches.push(sent);
        if i == 4 {
            log.flush(log.end_offset(), ms(0)).expect("flushes");
        }
    }
    (disk, batches)
}

fn whole(count: i64) -> Vec<(i64, i64)> {
    (0..count).map(|i| (i, i)).collect()
}

fn log_file() -> std::path::PathBuf {
    folder().join("00000000000000000000.log")
}

/// The log of a damaged copy, which must be usable.
fn recovered(disk: &SimDisk, bytes: &[u8], seed: u64) -> Log<SimDisk> {
    let copy = disk.snapshot(seed);
    copy.put(&log_file(), bytes).expect("puts");
    let (mut log, _) = open(&copy, unclean(0));
    let end = log.end_offset();
    append(&mut log, &from_producer(1, 0, i32::try_from(end.get()).expect("small"), 1));
    assert_eq!(contents(&log), whole(end.get() + 1), "goes on where it ends");
    let (log, _) = open(&copy, unclean(0));
    log
}

#[test]
fn a_log_cut_anywhere_keeps_all_whole_batches() {
    let (disk, batches) = written();
    let bytes = disk.get(&log_file()).expect("is there");
    for length in 0..=bytes.len() {
        let log = recovered(&disk, &bytes[..length], 1);
        let mut fits = 0;
        let mut position = 0;
        for sent in &batches {
            position += sent.len();
            fits += i64::from(position <= length);
        }
        assert_eq!(log.end_offset(), at(fits + 1), "cut to {length}");
    }
}

#[test]
fn a_log_with_any_bit_flipped_ends_before_it() {
    let (disk, batches) = written();
    let bytes = disk.get(&log_file()).expect("is there");
    let size = batches[0].len();
    for byte in 0..bytes.len() {
        // Only base offset and epoch are outside the checksum.
        let (place, bit) = (byte % size, (byte * 7) % 8);
        let mut damaged = bytes.clone();
        damaged[byte] ^= 1 << bit;
        let copy = disk.snapshot(1);
        copy.put(&log_file(), &damaged).expect("puts");
        let (log, _) = open(&copy, unclean(0));
        let hit = i64::try_from(byte / size).expect("small");
        if (8..12).contains(&place) || place >= 16 {
            assert_eq!(log.end_offset(), at(hit), "byte {byte}");
        }
        let kept = usize::try_from(hit).expect("small").min(contents(&log).len());
        assert_eq!(contents(&log)[..kept], whole(hit)[..kept], "byte {byte}");
    }
}

#[test]
fn zeros_and_garbage_after_the_end_are_cut_off() {
    let (disk, _) = written();
    let bytes = disk.get(&log_file()).expect("is there");
    for tail in
        [vec![0; 1], vec![0; 4096], vec![0xff; 100], bytes[..70].to_vec(), bytes[..bytes.len() / 2].to_vec()]
    {
        let mut longer = bytes.clone();
        longer.extend_from_slice(&tail);
        let copy = disk.snapshot(1);
        copy.put(&log_file(), &longer).expect("puts");
        let (log, report) = open(&copy, unclean(0));
        assert_eq!(contents(&log), whole(BATCHES));
        assert_eq!(report.bytes_truncated, tail.len() as u64);
        assert_eq!(copy.get(&log_file()).expect("is there"), bytes);
    }
}

#[test]
fn damaged_indexes_never_change_what_is_read() {
    for kind in ["index", "timeindex"] {
        let disk = disk(1);
        let mut log = create(&disk, config());
        append_many(&mut log, 60);
        log.flush(log.end_offset(), ms(0)).expect("flushes");
        let expected = contents(&log);
        for (segment, recovery) in
            [(0, Recovery::Clean), (0, unclean(60)), (55, Recovery::Clean), (55, unclean(60))]
        {
            let base = log.segments().filter(|s| s.base <= at(segment)).last().expect("is there").base;
            let path = folder().join(format!("{:020}.{kind}", base.get()));
            let bytes = disk.get(&path).expect("is there");
            let mut damages: Vec<Vec<u8>> = (0..bytes.len()).map(|length| bytes[..length].to_vec()).collect();
            damages.extend((0..bytes.len()).map(|byte| {
                let mut flipped = bytes.clone();
                flipped[byte] ^= 0x41;
                flipped
            }));
            damages.push([bytes.clone(), vec![0; 96]].concat());
            for damaged in damages {
                let copy = disk.snapshot(1);
                copy.put(&path, &damaged).expect("puts");
                let (log, _) = open(&copy, recovery);
                assert_eq!(contents(&log), expected, "{kind} of {base} after {recovery:?}");
            }
            let copy = disk.snapshot(1);
            copy.remove_file(&path).expect("removes");
            let (log, _) = open(&copy, recovery);
            assert_eq!(contents(&log), expected);
            assert_eq!(copy.get(&path).expect("is built anew"), bytes);
        }
    }
}

#[test]
fn what_lies_after_damage_goes_and_what_lies_before_the_recovery_point_stays() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 60);
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    log.flush(bases[2], ms(0)).expect("flushes");
    assert_eq!(log.recovery_point(), bases[2]);
    let path = folder().join(format!("{:020}.log", bases[3].get()));
    let mut bytes = disk.get(&path).expect("is there");
    bytes[batch(1, 1000).len() + 50] ^= 1;
    disk.put(&path, &bytes).expect("puts");
    let (log, report) = open(&disk, unclean(bases[2].get()));
    assert_eq!(report.segments_checked, 2);
    assert_eq!(report.segments_removed, bases.len() - 4);
    assert_eq!(log.end_offset(), bases[3].plus(1));
    assert_eq!(contents(&log), whole(log.end_offset().get()));
}

#[test]
fn a_lost_tail_in_the_middle_ends_the_log_compacted_or_not() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 60);
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    let path = folder().join(format!("{:020}.log", bases[1].get()));
    let bytes = disk.get(&path).expect("is there");
    let one = batch(1, 1000).len();
    disk.put(&path, &bytes[..one * 2]).expect("puts");
    let copy = disk.snapshot(1);
    let (log, _) = open(&disk, unclean(0));
    assert_eq!(log.end_offset(), bases[1].plus(2));
    let (log, _) = open_with(&copy, unclean(0), LogConfig { compact_policy: true, ..config() });
    assert_eq!(
        log.end_offset(),
        bases[1].plus(2),
        "compaction leaves such gaps before the recovery point only"
    );
}

#[test]
fn producers_and_epochs_are_the_same_after_every_kind_of_stop() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    for i in 0..40_i32 {
        let sent = from_producer(i64::from(i % 3), 0, i / 3, 1);
        log.append_as_leader(&sent, epoch(i / 10), ms(1000), broker_log::AppendOrigin::Client)
            .expect("appends");
    }
    let producers = |log: &Log<SimDisk>| {
        log.producers().map(|(id, entry)| (id, entry.last_sequence())).collect::<Vec<_>>()
    };
    let (expected, epochs) = (producers(&log), log.epochs().to_vec());
    assert_eq!(epochs.len(), 4);
    let killed = disk.snapshot(1);
    log.close().expect("closes");
    let mut copies =
        vec![(killed, unclean(0)), (disk.snapshot(1), Recovery::Clean), (disk.snapshot(1), unclean(40))];
    let without_snapshots = disk.snapshot(1);
    for entry in disk.list(folder()).expect("lists") {
        if entry.name.ends_with(".snapshot") {
            let path = folder().join(&entry.name);
            without_snapshots.remove_file(&path).expect("removes");
            let torn = disk.snapshot(1);
            let bytes = torn.get(&path).expect("is there");
            torn.put(&path, &bytes[..bytes.len() - 1]).expect("puts");
            copies.push((torn, Recovery::Clean));
        }
    }
    let without_epochs = disk.snapshot(1);
    without_epochs.remove_file(&folder().join("leader-epoch-checkpoint")).expect("removes");
    copies.push((without_epochs, Recovery::Clean));
    copies.push((without_snapshots, unclean(40)));
    for (copy, recovery) in copies {
        let (mut log, _) = open(&copy, recovery);
        assert_eq!(producers(&log), expected, "{recovery:?}");
        assert_eq!(log.epochs(), epochs, "{recovery:?}");
        assert_eq!(log.topic_id(), Some(topic_id()));
        let again = from_producer(0, 0, 13, 1);
        assert!(append(&mut log, &again).is_duplicate, "{recovery:?}");
    }
}

#[test]
fn interrupted_deletions_and_compactions_are_cleared() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 30);
    log.close().expect("closes");
    let expected = contents(&log);
    let first = disk.get(&log_file()).expect("is there");
    let put = |disk: &SimDisk, name: &str| disk.put(&folder().join(name), &first).expect("puts");
    put(&disk, "00000000000000000000.log.deleted");
    put(&disk, "00000000000000000099.index");
    put(&disk, "00000000000000000000.log.cleaned");
    put(&disk, "00000000000000000000.log.swap");
    let copy = disk.snapshot(1);
    let (log, _) = open(&copy, Recovery::Clean);
    assert_eq!(contents(&log), expected, "the swap is not whole: it goes");
    let names: Vec<_> = copy.list(folder()).expect("lists").into_iter().map(|entry| entry.name).collect();
    assert!(
        !names.iter().any(|name| name.ends_with("ed") || name.ends_with(".swap") || name.contains("99."))
    );

    disk.remove_file(&folder().join("00000000000000000000.log.cleaned")).expect("removes");
    disk.remove_file(&log_file()).expect("removes");
    let (log, report) = open(&disk, Recovery::Clean);
    assert_eq!(contents(&log), expected, "the swap takes its place");
    assert_eq!(report.indexes_rebuilt, 1);
}

#[test]
fn a_folder_without_segments_is_an_empty_log() {
    let disk = disk(1);
    disk.create_dir(folder()).expect("makes");
    let (mut log, _) = open(&disk, unclean(0));
    assert_eq!((log.start_offset(), log.end_offset(), log.topic_id()), (at(0), at(0), None));
    append(&mut log, &batch(1, 1));
}

#[test]
fn a_log_that_ends_before_its_start_goes_on_there() {
    let (disk, _) = written();
    let spec = broker_log::OpenSpec {
        topic_partition: tp(),
        config: config(),
        recovery: unclean(0),
        log_start: at(50),
        high_watermark: at(60),
        now: ms(0),
    };
    let (mut log, _) = Log::open(&disk, folder(), spec).expect("opens");
    assert_eq!((log.start_offset(), log.end_offset(), log.high_watermark()), (at(50), at(50), at(50)));
    assert_eq!(append(&mut log, &batch(1, 1)).first_offset, at(50));
}
