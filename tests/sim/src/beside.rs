//! Seeds beside each other, on several cores.

use std::{
    ops::Range,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// How many cores there are.
#[must_use]
pub fn cores() -> u64 {
    thread::available_parallelism().map_or(2, |cores| cores.get() as u64)
}

/// Runs every seed on one of `threads` threads, and gives each outcome to `take`, one at a time, in no order.
pub fn run_beside<T: Send>(
    seeds: Range<u64>,
    threads: u64,
    run: impl Fn(u64) -> T + Sync,
    take: impl FnMut(T) + Send,
) {
    let (next, take) = (AtomicU64::new(seeds.start), Mutex::new(take));
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = run(seed);
                    let Ok(mut take) = take.lock() else { return };
                    take(outcome);
                }
            });
        }
    });
}

/// The good outcomes and the others.
pub fn run_all<T: Send, E: Send>(
    seeds: Range<u64>,
    run: impl Fn(u64) -> Result<T, E> + Sync,
) -> (Vec<T>, Vec<E>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    run_beside(seeds, cores(), run, |outcome| match outcome {
        Ok(outcome) => good.push(outcome),
        Err(error) => bad.push(error),
    });
    (good, bad)
}
