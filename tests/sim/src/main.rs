//! Runs seeds of a simulation, on all cores, and prints what they went through.
//!
//! `tests-sim [cluster | coordinators] [--seeds N] [--from S] [--threads T] [--defect NAME] [tell]`
//!
//! `tell`: what happens goes to the standard error, line by line (coordinators; wants one seed and one thread).

use std::{collections::BTreeMap, fmt::Debug, process::ExitCode, time::Instant};

use tests_sim::{
    cluster::{self, Failure},
    coordinators, cores, run_beside,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Simulation {
    Cluster,
    Coordinators,
}

struct Options {
    simulation: Simulation,
    seeds: u64,
    from: u64,
    threads: u64,
    defect: Option<String>,
    tells: bool,
}

fn options() -> Result<Options, String> {
    let simulation = Simulation::Cluster;
    let mut options =
        Options { simulation, seeds: 100, from: 0, threads: cores(), defect: None, tells: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "cluster" => continue,
            "tell" => {
                options.tells = true;
                continue;
            }
            "coordinators" => {
                options.simulation = Simulation::Coordinators;
                continue;
            }
            _ => {}
        }
        let value = arguments.next().unwrap_or_default();
        if name == "--defect" {
            options.defect = Some(value);
            continue;
        }
        let value = value.parse().ok();
        let value = value.ok_or_else(|| format!("{name} wants a number"))?;
        match name.as_str() {
            "--seeds" => options.seeds = value,
            "--from" => options.from = value,
            "--threads" => options.threads = value,
            _ => {
                return Err(format!(
                    "{name} is not known; there are --seeds, --from, --threads and --defect"
                ));
            }
        }
    }
    Ok(options)
}

/// The defect of a name.
fn named<D: Debug + Copy>(all: &[D], name: Option<&str>) -> Result<Option<D>, String> {
    let Some(name) = name else { return Ok(None) };
    let found = all.iter().find(|defect| format!("{defect:?}") == name);
    found.copied().map(Some).ok_or_else(|| format!("there is no defect {name}"))
}

#[allow(clippy::print_stderr)]
fn tell(line: &str) {
    eprintln!("{line}");
}

/// What one seed went through.
struct Outcome {
    events: u64,
    faults: u64,
    seconds: u64,
    coverage: Vec<(&'static str, u64)>,
}

#[derive(Default)]
struct Total {
    seeds: u64,
    events: u64,
    faults: u64,
    seconds: u64,
    coverage: BTreeMap<&'static str, u64>,
    failures: Vec<Failure>,
}

type Run = Box<dyn Fn(u64) -> Result<Outcome, Failure> + Sync>;

fn runner(options: &Options) -> Result<Run, String> {
    let name = options.defect.as_deref();
    Ok(match options.simulation {
        Simulation::Cluster => {
            let defect = named(&cluster::Defect::ALL, name)?;
            Box::new(move |seed| {
                let cluster::Report { events, faults, seconds, coverage, .. } = cluster::run(seed, defect)?;
                Ok(Outcome { events, faults, seconds, coverage: coverage.all() })
            })
        }
        Simulation::Coordinators => {
            let defect = named(&coordinators::Defect::ALL, name)?;
            let listener: Option<fn(&str)> = options.tells.then_some(tell);
            Box::new(move |seed| {
                let report = coordinators::run_telling(seed, defect, listener)?;
                let coordinators::Report { events, faults, seconds, coverage, .. } = report;
                Ok(Outcome { events, faults, seconds, coverage: coverage.all() })
            })
        }
    })
}

impl Total {
    #[allow(clippy::print_stdout)]
    fn take(&mut self, outcome: Result<Outcome, Failure>) {
        self.seeds += 1;
        match outcome {
            Ok(outcome) => {
                self.events += outcome.events;
                self.faults += outcome.faults;
                self.seconds += outcome.seconds;
                for (name, count) in outcome.coverage {
                    *self.coverage.entry(name).or_default() += count;
                }
            }
            Err(failure) => {
                println!("{failure}");
                self.failures.push(failure);
            }
        }
    }
}

#[allow(clippy::print_stdout, clippy::disallowed_methods)]
fn main() -> ExitCode {
    let found = options().and_then(|options| Ok((runner(&options)?, options)));
    let (run, Options { seeds, from, threads, .. }) = match found {
        Ok(found) => found,
        Err(why) => {
            println!("{why}");
            return ExitCode::from(2);
        }
    };
    // A machine's assertion is a finding, and printed with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let (mut total, begun) = (Total::default(), Instant::now());
    run_beside(from..from + seeds, threads, run, |outcome| total.take(outcome));
    for (name, count) in &total.coverage {
        println!("{name:>26} {count}");
    }
    println!(
        "seeds {}, failed {}, events {}, faults {}, simulated seconds {}, took {:?}",
        total.seeds,
        total.failures.len(),
        total.events,
        total.faults,
        total.seconds,
        begun.elapsed()
    );
    if total.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
