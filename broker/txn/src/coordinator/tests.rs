//! Random clients at a coordinator whose log fails, lags and changes hands, driven as in a broker.

mod world;

use broker_types::TransactionVersion;
use world::World;

/// Steps of one run; there are as many runs as seeds.
const STEPS: usize = 400;

fn run(seed: u64, cluster: TransactionVersion) -> World {
    let mut world = World::new(seed, cluster);
    for _ in 0..STEPS {
        world.step();
    }
    world.heal();
    world
}

#[test]
fn whatever_happens_a_cluster_of_kip_890_keeps_its_word() {
    let mut covered = world::Covered::default();
    for seed in 0..150 {
        covered.add(&run(seed, TransactionVersion::V2).covered);
    }
    covered.assert_all();
}

#[test]
fn whatever_happens_a_cluster_before_kip_890_keeps_its_word() {
    for seed in 1_000..1_060 {
        run(seed, TransactionVersion::V0);
        run(seed, TransactionVersion::V1);
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..5 {
        assert_eq!(run(seed, TransactionVersion::V2).log, run(seed, TransactionVersion::V2).log);
    }
}
