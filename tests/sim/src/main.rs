//! Runs seeds of the cluster simulation, on all cores, and prints what they went through.
//!
//! `tests-sim --seeds N [--from S] [--threads T]`

use std::{
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use tests_sim::cluster::{Coverage, Failure, run};

struct Options {
    seeds: u64,
    from: u64,
    threads: u64,
}

fn options() -> Result<Options, String> {
    let cores = std::thread::available_parallelism().map_or(2, |cores| cores.get() as u64);
    let mut options = Options { seeds: 100, from: 0, threads: cores };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().and_then(|value| value.parse().ok());
        let value = value.ok_or_else(|| format!("{name} wants a number"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value,
            "--from" => options.from = value,
            "--threads" => options.threads = value,
            _ => return Err(format!("{name} is not known; there are --seeds, --from and --threads")),
        }
    }
    Ok(options)
}

#[derive(Default)]
struct Total {
    seeds: u64,
    events: u64,
    faults: u64,
    seconds: u64,
    acknowledged: u64,
    coverage: Coverage,
    failures: Vec<Failure>,
}

#[allow(clippy::print_stdout, clippy::disallowed_methods)]
fn main() -> ExitCode {
    let Options { seeds, from, threads } = match options() {
        Ok(options) => options,
        Err(why) => {
            println!("{why}");
            return ExitCode::from(2);
        }
    };
    // A machine's assertion is a finding, and printed with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let (next, total, begun) = (AtomicU64::new(from), Mutex::new(Total::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let outcome = run(seed, None);
                    let Ok(mut total) = total.lock() else { return };
                    total.seeds += 1;
                    match outcome {
                        Ok(report) => {
                            total.events += report.events;
                            total.faults += report.faults;
                            total.seconds += report.seconds;
                            total.acknowledged += report.acknowledged;
                            total.coverage.add(&report.coverage);
                        }
                        Err(failure) => {
                            println!("{failure}");
                            total.failures.push(failure);
                        }
                    }
                }
            });
        }
    });
    let Ok(total) = total.into_inner() else { return ExitCode::FAILURE };
    for (name, count) in total.coverage.all() {
        println!("{name:>26} {count}");
    }
    println!(
        "seeds {}, failed {}, events {}, faults {}, simulated seconds {}, acknowledged {}, took {:?}",
        total.seeds,
        total.failures.len(),
        total.events,
        total.faults,
        total.seconds,
        total.acknowledged,
        begun.elapsed()
    );
    if total.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
