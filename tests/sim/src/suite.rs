//! What the tests of all simulations do alike.

use std::env;

/// How many seeds are run: as `KLAMM_SIM_SEEDS` asks, or `usual`.
#[must_use]
pub fn seeds_asked(usual: u64) -> u64 {
    env::var("KLAMM_SIM_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(usual)
}

/// The defects that none of so many seeds shows.
pub fn unnoticed<D: Copy, T, E>(
    defects: &[D],
    seeds: u64,
    run: impl Fn(u64, Option<D>) -> Result<T, E>,
) -> Vec<D> {
    let is_found = |defect| (0..seeds).any(|seed| run(seed, Some(defect)).is_err());
    defects.iter().copied().filter(|defect| !is_found(*defect)).collect()
}
