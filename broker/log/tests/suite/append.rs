use std::time::Duration;

use broker_log::{AppendError, AppendOrigin, LogConfig, ProducerError, SimDisk, SimFaults, TimestampType};
use broker_records::{BatchView, TimestampType as Stamped};
use bytes::Bytes;

use crate::support::*;

fn leader(log: &mut broker_log::Log<SimDisk>, bytes: &Bytes) -> Result<broker_log::AppendInfo, AppendError> {
    log.append_as_leader(bytes, epoch(0), ms(1000), AppendOrigin::Client)
}

#[test]
fn a_leader_gives_offsets_and_its_epoch_and_changes_nothing_else() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &batch(3, 1000));
    let sent = batch(2, 1000);
    let info = log.append_as_leader(&sent, epoch(7), ms(5), AppendOrigin::Client).expect("appends");
    assert_eq!((info.first_offset, info.last_offset, info.is_duplicate), (at(3), at(4), false));
    assert_eq!((info.log_append_time, info.log_start_offset), (None, at(0)));
    let bytes =
        log.read(at(3), 1 << 20, log.end_offset(), true).expect("plans").read_to_vec().expect("reads");
    let stored = BatchView::parse(&bytes).expect("parses");
    assert_eq!((stored.header.base_offset, stored.header.leader_epoch), (3, 7));
    assert!(stored.crc_is_valid());
    assert_eq!(bytes[16..], sent[16..]);
    assert_eq!(log.epochs().len(), 2);
}

#[test]
fn several_batches_are_appended_in_order_across_segments() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    let many: Vec<u8> = (0..40).flat_map(|_| batch(2, 1000).to_vec()).collect();
    let info = log.append_as_leader(&many, epoch(0), ms(0), AppendOrigin::Coordinator).expect("appends");
    assert_eq!((info.first_offset, info.last_offset), (at(0), at(79)));
    assert!(log.segments().len() > 3);
    assert_eq!(contents(&log), (0..40).map(|i| (i * 2, i * 2 + 1)).collect::<Vec<_>>());
    assert!(log.segments().all(|segment| segment.size_bytes <= 1024));
}

#[test]
fn log_append_time_is_stamped_with_a_fresh_checksum() {
    let disk = disk(1);
    let mut log = create(&disk, LogConfig { timestamp_type: TimestampType::LogAppend, ..config() });
    let info = log.append_as_leader(&batch(2, 1), epoch(0), ms(777), AppendOrigin::Client).expect("appends");
    assert_eq!(info.log_append_time, Some(ms(777)));
    let bytes = log.read(at(0), 1 << 20, at(2), true).expect("plans").read_to_vec().expect("reads");
    let stored = BatchView::parse(&bytes).expect("parses");
    assert!(stored.crc_is_valid());
    assert_eq!(stored.header.max_timestamp, 777);
    assert_eq!(stored.header.attributes.timestamp_type(), Stamped::LogAppend);
}

#[test]
fn a_batch_that_was_sent_again_has_its_first_place() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &batch(5, 1000));
    append(&mut log, &from_producer(1, 0, 0, 2));
    append(&mut log, &from_producer(1, 0, 2, 2));
    let again = leader(&mut log, &from_producer(1, 0, 0, 2)).expect("is known");
    assert!(again.is_duplicate);
    assert_eq!((again.first_offset, again.last_offset), (at(5), at(6)));
    assert_eq!(log.end_offset(), at(9));
    let gap = leader(&mut log, &from_producer(1, 0, 5, 1));
    assert!(matches!(gap, Err(AppendError::Producer(ProducerError::OutOfOrderSequence { .. }))));
    append(&mut log, &from_producer(1, 1, 0, 1));
    let old = leader(&mut log, &from_producer(1, 0, 4, 1));
    assert!(matches!(old, Err(AppendError::Producer(ProducerError::InvalidEpoch { .. }))));
}

#[test]
fn followers_take_gaps_and_refuse_to_go_back_or_take_damage() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    log.append_as_follower(&stamped(10, 2, 3), ms(0)).expect("a gap is fine");
    assert_eq!(log.end_offset(), at(13));
    let back = log.append_as_follower(&stamped(12, 2, 3), ms(0));
    assert!(matches!(back, Err(AppendError::OutOfOrder { first: 12, .. })));
    let mut damaged = stamped(13, 2, 1).to_vec();
    damaged[70] ^= 1;
    assert!(matches!(log.append_as_follower(&damaged, ms(0)), Err(AppendError::Corrupt(0))));
    let mut cut = stamped(13, 2, 1).to_vec();
    cut.pop();
    assert!(matches!(log.append_as_follower(&cut, ms(0)), Err(AppendError::Corrupt(0))));
    assert!(matches!(log.append_as_follower(&[], ms(0)), Err(AppendError::Empty)));
    assert_eq!(contents(&log), [(10, 12)]);
    assert_eq!(log.latest_epoch(), Some(epoch(2)));
}

#[test]
fn offsets_beyond_a_segments_range_begin_another() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    let far = i64::from(i32::MAX) + 10;
    log.append_as_follower(&stamped(far, 0, 1), ms(0)).expect("appends to an empty log");
    log.append_as_follower(&stamped(far * 3, 0, 1), ms(0)).expect("appends far away");
    log.append_as_follower(&stamped(far * 3 + 1, 0, 1), ms(0)).expect("appends near");
    assert_eq!(contents(&log), [(far, far), (far * 3, far * 3), (far * 3 + 1, far * 3 + 1)]);
    let end = log.append_as_follower(&stamped(i64::MAX, 0, 1), ms(0));
    assert!(matches!(end, Err(AppendError::Corrupt(0))));
}

#[test]
fn a_segment_is_rolled_by_size_age_and_full_indexes() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 20);
    let by_size = log.segments().len();
    assert!(by_size > 1);
    let too_large = leader(&mut log, &batch(100, 1000));
    assert!(matches!(too_large, Err(AppendError::TooLarge { .. })));

    log.set_config(LogConfig { segment_bytes: 1 << 20, segment_age: Duration::from_secs(10), ..config() });
    append(&mut log, &batch(1, 1019 + 10_000));
    let aged = log.segments().len();
    append(&mut log, &batch(1, 60_000));
    assert_eq!(log.segments().len(), aged + 1, "the records' clock went on by more than segment.ms");

    let full = LogConfig { segment_bytes: 1 << 20, index_bytes_max: 24, index_interval_bytes: 1, ..config() };
    log.set_config(full);
    let before = log.segments().len();
    append_many(&mut log, 12);
    assert!(log.segments().len() >= before + 3);
}

#[test]
fn a_failed_write_leaves_nothing_and_the_log_refuses_more() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append(&mut log, &from_producer(1, 0, 0, 1));
    disk.set_faults(SimFaults { write_fails_after: Some(0), ..SimFaults::default() });
    assert!(matches!(leader(&mut log, &from_producer(1, 0, 1, 1)), Err(AppendError::Storage(_))));
    assert!(log.is_failed());
    assert!(matches!(leader(&mut log, &from_producer(1, 0, 1, 1)), Err(AppendError::Failed)));
    let (log, _) = open(&disk, unclean(0));
    assert_eq!(contents(&log), [(0, 0)]);
}

#[test]
fn a_full_disk_is_survived_by_waiting() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 3);
    let before = contents(&log);
    disk.set_faults(SimFaults { capacity_bytes: Some(400), ..SimFaults::default() });
    for _ in 0..20 {
        assert!(matches!(leader(&mut log, &batch(2, 1000)), Err(AppendError::DiskFull(_))));
    }
    assert_eq!(contents(&log), before);
    disk.set_faults(SimFaults::default());
    append(&mut log, &batch(2, 1000));
    assert_eq!(contents(&log).len(), before.len() + 1);
}

/// Found where a broker was started on a full disk: the file of leader epochs could not be written, and the directory went
/// offline.
#[test]
fn a_flush_without_room_for_the_epochs_comes_later() {
    let disk = disk(1);
    let mut log = create(&disk, config());
    append_many(&mut log, 3);
    disk.set_faults(SimFaults { capacity_bytes: Some(1), ..SimFaults::default() });
    for _ in 0..3 {
        assert!(log.flush(at(3), ms(0)).expect_err("no room").is_full());
        assert!(!log.is_failed());
        assert_eq!(log.recovery_point(), at(0));
    }
    disk.set_faults(SimFaults::default());
    log.flush(at(3), ms(0)).expect("flushes");
    assert_eq!(log.recovery_point(), at(3));
}

#[test]
fn an_append_of_many_batches_that_fails_half_way_is_undone() {
    for writes in 0..12_u64 {
        let disk = disk(1);
        let mut log = create(&disk, config());
        append_many(&mut log, 3);
        let before = contents(&log);
        let many: Vec<u8> = (0..40).flat_map(|_| batch(1, 1000).to_vec()).collect();
        let used = 4000 - 200 * writes;
        disk.set_faults(SimFaults { capacity_bytes: Some(used), ..SimFaults::default() });
        let result = log.append_as_leader(&many, epoch(0), ms(0), AppendOrigin::Coordinator);
        assert!(matches!(result, Err(AppendError::DiskFull(_))), "{result:?}");
        disk.set_faults(SimFaults::default());
        assert_eq!(contents(&log), before);
        append(&mut log, &batch(1, 1000));
        assert_eq!(log.end_offset(), at(4));
    }
}
