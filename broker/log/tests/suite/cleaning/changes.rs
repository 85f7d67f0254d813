//! What happens to a log while it is being cleaned.

use broker_log::{CleanError, DamageReason, Disk as _, Log, LogConfig, SimDisk, SimFaults, Tools};

use super::support::*;
use crate::support::*;

fn written(disk: &SimDisk, config: LogConfig) -> Log<SimDisk> {
    let mut log = create(disk, config);
    append_keys(&mut log, 60, 7);
    log
}

/// Whether the next step of a round is told that it is not wanted any more.
fn is_given_up(log: &mut Log<SimDisk>, change: impl FnOnce(&mut Log<SimDisk>)) {
    let mut cleaning = begun(log);
    let first =
        with_tools(limits(), |tools| cleaning.next_segment(tools)).expect("writes").expect("is there");
    change(log);
    let before = (log.end_offset(), records(log));
    assert!(matches!(log.swap_in(&cleaning, first, ms(3000)), Err(CleanError::Aborted)));
    let next = with_tools(limits(), |tools| cleaning.next_segment(tools));
    assert!(matches!(next, Err(CleanError::Aborted)));
    assert_eq!(log.complete_cleaning(&cleaning), None);
    assert_eq!((log.end_offset(), records(log)), before);
    assert_eq!(log.cleaned_to(), None);
}

#[test]
fn a_cut_a_close_and_another_policy_end_a_round() {
    let changes: [fn(&mut Log<SimDisk>); 5] = [
        |log| assert_eq!(log.truncate_to(at(40), ms(0)).expect("cuts"), at(40)),
        |log| assert_eq!(log.truncate_to(at(0), ms(0)).expect("cuts"), at(0)),
        |log| log.truncate_fully_and_start_at(at(100), ms(0)).expect("restarts"),
        |log| log.close().expect("closes"),
        |log| log.set_config(config()),
    ];
    for change in changes {
        let disk = disk(1);
        let mut log = written(&disk, compacted());
        is_given_up(&mut log, change);
        assert_tidy(&disk);
        let (reopened, _) = open_with(&disk, unclean(0), compacted());
        assert_eq!(records(&reopened), records(&log));
    }
}

#[test]
fn a_deletion_ends_a_round_and_nothing_comes_back() {
    let disk = disk(1);
    let mut log = written(&disk, compacted());
    let mut cleaning = begun(&mut log);
    let job = log.delete(7).expect("deletes");
    let next = with_tools(limits(), |tools| cleaning.next_segment(tools));
    assert!(matches!(next, Err(CleanError::Aborted)));
    // The same name again, of another topic.
    let log = create(&disk, compacted());
    assert!(matches!(cleaning.sync_names(), Err(CleanError::Aborted)));
    job.run().expect("removes");
    assert_tidy(&disk);
    assert_eq!(records(&log), []);
}

#[test]
fn appends_go_on_during_a_round() {
    let disk = disk(1);
    let mut log = written(&disk, compacted());
    let mut cleaning = begun(&mut log);
    assert!(log.cleanable(ms(3000)).expect("looks").is_none(), "one round at a time");
    append_keys(&mut log, 40, 7);
    with_tools(limits(), |tools| {
        while let Some(cleaned) = cleaning.next_segment(tools).expect("writes") {
            log.swap_in(&cleaning, cleaned, ms(3000)).expect("swaps");
            append_keys(&mut log, 5, 7);
        }
    });
    assert_eq!(log.complete_cleaning(&cleaning), Some(at(60)));
    let offsets: Vec<_> = records(&log).iter().map(|(offset, ..)| *offset).collect();
    assert_eq!(offsets, (53..log.end_offset().get()).collect::<Vec<_>>());
}

#[test]
fn retention_waits_for_a_round() {
    let disk = disk(1);
    let config = LogConfig { delete_policy: true, retention_bytes: Some(0), ..compacted() };
    let mut log = written(&disk, config);
    let cleaning = begun(&mut log);
    assert_eq!(log.retain(ms(3000)).expect("retains").len(), 0);
    drop(cleaning);
    assert!(log.retain(ms(3000)).expect("retains").len() > 1);
    assert_eq!(log.start_offset(), at(60));
}

#[test]
fn the_pace_can_end_a_round() {
    let disk = disk(1);
    let mut log = written(&disk, compacted());
    let before = records(&log);
    let codecs = broker_compression::Codecs::new();
    for steps in 0..60_u32 {
        let mut left = steps;
        let mut pace = |_| {
            left = left.saturating_sub(1);
            if left == 0 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        };
        let key = broker_log::HashKey::new([3; 16]);
        let mut tools = Tools { codecs: &codecs, key, limits: limits(), pace: &mut pace };
        let mut cleaning = log.begin_cleaning(ms(3000)).expect("begins").expect("is dirty");
        let ended = cleaning.map_keys(&mut tools).and_then(|()| cleaning.next_segment(&mut tools));
        match ended {
            Err(CleanError::Aborted) => assert_tidy(&disk),
            Ok(Some(_)) => return,
            other => panic!("{other:?}"),
        }
        assert_eq!(records(&log), before);
    }
    panic!("it never came to its end");
}

#[test]
fn damage_is_told_and_nothing_is_thrown_away() {
    let disk = disk(1);
    let mut log = written(&disk, compacted());
    let path = folder().join("00000000000000000000.log");
    let bytes = disk.get(&path).expect("is there");
    let one = bytes.len()
        / log.segments().nth(1).map_or(1, |next| usize::try_from(next.base.get()).expect("small"));
    for (place, expected) in [
        (one + 70, DamageReason::Checksum),
        (one + 16, DamageReason::NotABatch),
        (one + 2, DamageReason::Offsets),
    ] {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x11;
        disk.put(&path, &damaged).expect("puts");
        let error = round_with(&mut log, ms(3000), limits()).expect_err("cannot be cleaned");
        let CleanError::Damaged(damage) = error else { panic!("{error}") };
        assert_eq!((damage.segment, damage.reason), (at(0), expected));
        assert_eq!(damage.position, one as u64);
        assert_tidy(&disk);
        assert_eq!(disk.get(&path).expect("is there"), damaged);
        assert!(!log.is_failed());
    }
    disk.put(&path, &bytes).expect("puts");
    assert!(round(&mut log, 3000).is_some(), "it is good again");
}

#[test]
fn a_full_disk_ends_a_round_and_a_failing_one_the_log() {
    let disk = disk(1);
    let mut log = create(&disk, compacted());
    append_keys(&mut log, 60, 50);
    let before = records(&log);
    let used = u64::MAX - disk.space(data()).expect("asks").free_bytes;
    for room in (0..2000).step_by(100) {
        disk.set_faults(SimFaults { capacity_bytes: Some(used + room), ..SimFaults::default() });
        let error = round_with(&mut log, ms(3000), limits()).expect_err("there is no room");
        assert!(matches!(error, CleanError::DiskFull), "{room}: {error}");
        assert_tidy(&disk);
        assert!(!log.is_failed());
        assert_eq!(latest(&records(&log)), latest(&before));
    }
    disk.set_faults(SimFaults { write_fails_after: Some(3), ..SimFaults::default() });
    assert!(matches!(round_with(&mut log, ms(3000), limits()), Err(CleanError::Storage(_))));
    disk.set_faults(SimFaults::default());
    assert!(round(&mut log, 3000).is_some());
    assert_eq!(latest(&records(&log)), latest(&before));
}

#[test]
fn a_cut_into_a_gap_is_where_the_log_ends_also_after_a_stop() {
    let disk = disk(1);
    let mut log = written(&disk, compacted());
    append_keys(&mut log, 10, 1);
    round(&mut log, 3000).expect("cleans");
    let bases: Vec<_> = log.segments().map(|segment| segment.base).collect();
    assert!(
        bases.contains(&at(60)) && records(&log).iter().all(|(offset, ..)| *offset < 60 || *offset == 69)
    );
    assert_eq!(log.truncate_to(at(65), ms(0)).expect("cuts"), at(65));
    let killed = disk.snapshot(1);
    log.close().expect("closes");
    for (disk, recovery) in [(killed, unclean(65)), (disk, broker_log::Recovery::Clean)] {
        let (mut log, _) = open_with(&disk, recovery, compacted());
        assert_eq!(log.end_offset(), at(65), "{recovery:?}");
        assert_eq!(append(&mut log, &keyed(&[("k", Some("v"))], 1000)).first_offset, at(65));
    }
}
