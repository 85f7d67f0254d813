use broker_log::{Disk as _, ReadError, SimFaults};

use crate::support::*;

#[test]
fn a_read_begins_with_the_batch_that_holds_the_offset() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    for _ in 0..30 {
        append(&mut log, &batch(3, 1000));
    }
    for offset in 0..90 {
        let slice = log.read(at(offset), 1 << 20, log.end_offset(), true).expect("plans");
        assert_eq!(slice.first_offset(), at(offset / 3 * 3));
    }
    assert!(log.read(at(90), 1 << 20, log.end_offset(), true).expect("plans").is_empty());
    assert!(matches!(log.read(at(91), 1, log.end_offset(), true), Err(ReadError::OutOfRange { .. })));
}

#[test]
fn the_bound_is_never_crossed() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    for _ in 0..30 {
        append(&mut log, &batch(3, 1000));
    }
    for bound in 0..=90 {
        let mut seen = 0;
        loop {
            let slice = log.read(at(seen), 1 << 20, at(bound), true).expect("plans");
            let bytes = slice.read_to_vec().expect("reads");
            let Some(last) = broker_records::batches(&bytes).last() else { break };
            seen = last.expect("parses").header.next_offset().get();
        }
        assert_eq!(seen, bound / 3 * 3, "all whole batches before {bound}");
    }
}

#[test]
fn a_limit_cuts_the_last_batch_but_not_the_first_when_one_is_wanted() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &batch(3, 1000));
    append(&mut log, &batch(3, 1000));
    let size = batch(3, 1000).len();
    let limit = u32::try_from(size).expect("small");
    let read = |max, min_one| log.read(at(0), max, at(6), min_one).expect("plans");
    assert_eq!(read(limit + 10, true).len(), size + 10);
    assert_eq!(read(10, true).len(), size);
    assert_eq!((read(10, false).len(), read(10, false).first_batch_bytes()), (10, size));
    assert_eq!(read(0, true).len(), size);
    assert!(read(0, false).is_empty());
}

#[test]
fn cold_pages_are_not_waited_for() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &batch(3, 1000));
    let slice = log.read(at(0), 1 << 20, at(3), true).expect("plans");
    let mut buf = vec![0; slice.len()];
    assert_eq!(slice.try_read_into(&mut buf).expect("is warm"), slice.len());
    disk.set_faults(SimFaults { cold: true, ..SimFaults::default() });
    let cold = slice.try_read_into(&mut buf).expect_err("is cold");
    assert_eq!(cold.kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(slice.read_rest(&mut buf, 10).expect("reads"), slice.len() - 10);
}

#[test]
fn a_plan_outlives_its_segment() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 30);
    let slice = log.read(at(0), 1 << 20, log.end_offset(), true).expect("plans");
    log.set_high_watermark(log.end_offset());
    log.advance_start_offset(at(29)).expect("moves");
    assert!(!log.retain(ms(0)).expect("deletes").is_empty());
    log.take_due_deletes(ms(1_000_000)).expect("is due").run().expect("unlinks");
    assert_eq!(slice.read_to_vec().expect("reads").len(), slice.len());
}

#[test]
fn few_files_of_old_segments_stay_open() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 200);
    assert!(log.segments().len() > 10);
    let _ = contents(&log);
    assert!(log.open_files() <= 6, "{} files are open", log.open_files());
    log.close_files();
    assert_eq!(log.open_files(), 0);
    append(&mut log, &batch(1, 1));
}

#[test]
fn damage_in_the_middle_is_reported_to_its_reader_only() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 30);
    log.close().expect("closes");
    let path = folder().join("00000000000000000000.log");
    let mut bytes = disk.get(&path).expect("is there");
    bytes[16] = 9;
    disk.put(&path, &bytes).expect("puts");
    let (log, _) = open(&disk, broker_log::Recovery::Clean);
    assert!(matches!(log.read(at(0), 100, at(30), true), Err(ReadError::Damaged { position: 0, .. })));
    assert_eq!(log.read(at(29), 100, at(30), true).expect("plans").first_offset(), at(29));
    assert!(disk.list(folder()).is_ok());
}
