//! One seed from its start to its end.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use super::{
    coverage::Coverage,
    defect::Defect,
    faults::SAFETY,
    world::{Item, World},
};

/// The least that a run goes through.
const EVENTS_MIN: u64 = 2_000;
const FAULTS_MIN: u64 = 20;

/// What a run went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// A hash of everything that happened.
    pub trace: u64,
    /// Events.
    pub events: u64,
    /// Faults.
    pub faults: u64,
    /// Simulated seconds.
    pub seconds: u64,
    /// Acknowledged records.
    pub acknowledged: u64,
    /// What was reached.
    pub coverage: Coverage,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed that shows it.
    pub seed: u64,
    /// After so many events.
    pub events: u64,
    /// After so many simulated milliseconds.
    pub millis: u64,
    /// What.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, events, millis, what } = self;
        write!(f, "seed {seed}, event {events}, {millis} ms: {what}")
    }
}

/// Runs a seed, with a defect or without.
///
/// # Errors
/// The first invariant that does not hold, a machine's own assertion included.
pub fn run(seed: u64, defect: Option<Defect>) -> Result<Report, Failure> {
    let mut world = World::new(seed, defect);
    let ended = catch_unwind(AssertUnwindSafe(|| go(&mut world)));
    if let Err(panic) = ended {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        world.failure = Some(format!("a machine's assertion: {}", text.unwrap_or_default()));
    }
    let faults = world.coverage.faults();
    let (events, millis) = (world.events, world.now / 1_000);
    if world.failure.is_none() && (events < EVENTS_MIN || faults < FAULTS_MIN) {
        world.failure = Some(format!("the run is too small: {events} events, {faults} faults"));
    }
    if let Some(what) = world.failure {
        return Err(Failure { seed, events, millis, what });
    }
    world.coverage.messages_lost = world.net.lost;
    world.coverage.messages_repeated = world.net.repeated;
    Ok(Report {
        trace: world.trace,
        events,
        faults,
        seconds: millis / 1_000,
        acknowledged: world.clients.oracle.len() as u64,
        coverage: world.coverage,
    })
}

fn go(world: &mut World) {
    world.after(8_000_000, Item::Fault);
    let end = world.now + 8_000_000 + SAFETY.as_micros() as u64;
    world.run_until(end);
    if world.failure.is_none() {
        world.heal();
    }
}
