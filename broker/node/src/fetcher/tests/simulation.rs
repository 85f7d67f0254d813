//! A partition of three replicas on the production machines: whoever leads by `broker-replication`, the others by this
//! fetcher, over a network that delays and loses, under crashes and clean elections.
//!
//! Checked after every step: acknowledged records are in the log of every in-sync replica; these logs are equal up to the
//! leader's high watermark; nothing committed is cut. At the end the faults stop, and everybody catches up.

mod controller;
mod disk;
mod network;
mod world;

use self::world::World;

const STEPS: u32 = 3_000;
const SEEDS: u64 = 120;

/// What happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counters {
    acknowledged: u64,
    elections: u64,
    crashes: u64,
    losses: u64,
    cuts: u64,
    shrinks: u64,
    expansions: u64,
}

impl Counters {
    fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.elections += other.elections;
        self.crashes += other.crashes;
        self.losses += other.losses;
        self.cuts += other.cuts;
        self.shrinks += other.shrinks;
        self.expansions += other.expansions;
    }
}

#[test]
fn what_is_acknowledged_survives_leaders_and_in_sync_logs_are_equal() {
    let mut covered = Counters::default();
    for seed in 0..SEEDS {
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
            world.check();
        }
        world.heal();
        covered.add(&world.counters);
    }
    // What a run does not reach it does not check.
    assert!(covered.acknowledged > SEEDS * 20, "{covered:?}");
    assert!(covered.elections > SEEDS * 10 && covered.crashes > SEEDS * 5, "{covered:?}");
    assert!(covered.cuts > SEEDS && covered.losses > SEEDS * 10, "{covered:?}");
    assert!(covered.shrinks > SEEDS && covered.expansions > SEEDS, "{covered:?}");
}

#[test]
fn the_same_seed_runs_the_same() {
    let run = |seed| {
        let mut world = World::new(seed);
        (0..STEPS).for_each(|_| world.step());
        world.counters
    };
    assert_eq!(run(7), run(7));
}
