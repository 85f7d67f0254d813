//! The storage engine under loss of power, ends of the process and full disks.

use tests_sim::{
    seeds_asked,
    storage::{Defect, run, run_compacted},
};

/// Enough to cross every kind of stop with every kind of work many times, within seconds.
const SEEDS: u64 = 2000;

#[test]
fn nothing_flushed_is_lost_and_nothing_comes_twice() {
    let (mut appended, mut stops) = (0, 0);
    let seeds = seeds_asked(SEEDS);
    for seed in 0..seeds {
        let trace = run(seed, Defect::None).unwrap_or_else(|violation| panic!("{violation}"));
        appended += trace.appended;
        stops += trace.stops;
    }
    assert!(appended > seeds * 50 && stops > seeds * 5, "{appended} batches, {stops} stops");
}

#[test]
fn a_seed_is_a_run() {
    for seed in 0..50 {
        assert_eq!(run(seed, Defect::None), run(seed, Defect::None), "seed {seed}");
    }
}

#[test]
fn every_defect_is_noticed() {
    for defect in [Defect::SyncDataIgnored, Defect::SyncDirIgnored, Defect::FlushNotRun, Defect::SentTwice] {
        let noticed = (0..200).filter(|&seed| run(seed, defect).is_err()).count();
        assert!(noticed > 0, "{defect:?} goes unnoticed");
    }
}

#[test]
fn compaction_loses_no_last_value_and_no_sequence() {
    let (mut appended, mut stops, mut swapped) = (0, 0, 0);
    // Each takes four times as long as one without compaction.
    let seeds = seeds_asked(SEEDS) / 4;
    for seed in 0..seeds {
        let trace = run_compacted(seed, Defect::None).unwrap_or_else(|violation| panic!("{violation}"));
        appended += trace.appended;
        stops += trace.stops;
        swapped += trace.swapped;
    }
    assert!(appended > seeds * 50 && stops > seeds * 5, "{appended} batches, {stops} stops");
    assert!(swapped > seeds * 10, "{swapped} segments swapped in");
    for seed in 0..50 {
        assert_eq!(run_compacted(seed, Defect::None), run_compacted(seed, Defect::None), "seed {seed}");
    }
}

#[test]
fn every_defect_of_compaction_is_noticed() {
    for defect in [Defect::SyncDataIgnored, Defect::SyncDirIgnored, Defect::TombstonesGoAtOnce] {
        let noticed = (0..200).filter(|&seed| run_compacted(seed, defect).is_err()).count();
        assert!(noticed > 0, "{defect:?} goes unnoticed");
    }
}
