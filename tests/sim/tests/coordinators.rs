//! Groups, offsets and transactions under faults: nobody owns twice, nothing is lost or doubled, the same seed is the same
//! run, every defect is found.

use tests_sim::{
    coordinators::{Coverage, Defect, run},
    run_all,
};

/// What runs every time, within half a minute on two cores when nothing else runs.
const SEEDS: u64 = 250;
/// A defect that so many seeds do not show is not caught.
const SEEDS_PER_DEFECT: u64 = 200;

/// What only hundreds of seeds are sure to reach.
const RARE: [&str; 0] = [];

/// `KLAMM_SIM_SEEDS` asks for more (or fewer) runs.
fn seeds() -> u64 {
    std::env::var("KLAMM_SIM_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(SEEDS)
}

#[test]
fn whatever_fails_each_record_is_copied_once_and_each_partition_has_one_owner() {
    let seeds = seeds();
    let (reports, failures) = run_all(0..seeds, |seed| run(seed, None));
    let failures: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let mut covered = Coverage::default();
    for report in &reports {
        assert!(report.events >= 2_000 && report.faults >= 20 && report.seconds >= 60, "{report:?}");
        covered.add(&report.coverage);
    }
    if seeds >= SEEDS {
        let missed: Vec<_> =
            covered.all().into_iter().filter(|(name, count)| *count == 0 && !RARE.contains(name)).collect();
        assert!(missed.is_empty(), "never reached: {missed:?}");
    }
}

#[test]
fn a_seed_is_a_run() {
    for seed in 0..6 {
        assert_eq!(run(seed, None), run(seed, None), "seed {seed}");
    }
}

#[test]
fn every_defect_is_found() {
    let mut unnoticed = Vec::new();
    for defect in Defect::ALL {
        match (0..SEEDS_PER_DEFECT).find_map(|seed| run(seed, Some(defect)).err()) {
            Some(found) => println!("{defect:?}: {found}"),
            None => unnoticed.push(defect),
        }
    }
    assert_eq!(unnoticed, [], "go unnoticed");
}
