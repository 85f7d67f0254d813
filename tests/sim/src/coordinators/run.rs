//! One seed from its start to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    coverage::Coverage,
    defect::Defect,
    setup::{MILLI, SAFETY, SECOND},
    world::{Item, World},
};
use crate::cluster::Failure;

/// The least that a run goes through.
const EVENTS_MIN: u64 = 2_000;
const FAULTS_MIN: u64 = 20;
/// By when all must be well again.
const HEALING: u64 = 40 * SECOND;

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
    /// What was reached.
    pub coverage: Coverage,
}

/// Runs a seed, with a defect or without.
///
/// # Errors
/// The first invariant that does not hold, a machine's own assertion included.
pub fn run(seed: u64, defect: Option<Defect>) -> Result<Report, Failure> {
    run_telling(seed, defect, None)
}

/// The same, and tells what happens, line by line.
///
/// # Errors
/// As [`run`].
pub fn run_telling(seed: u64, defect: Option<Defect>, listener: Option<fn(&str)>) -> Result<Report, Failure> {
    let mut world = World::new(seed, defect);
    world.listener = listener;
    let ended = catch_unwind(AssertUnwindSafe(|| go(&mut world)));
    if let Err(panic) = ended {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        world.failure = Some(format!("a machine's assertion: {}", text.unwrap_or_default()));
    }
    let faults = world.coverage.faults();
    let (events, millis) = (world.events, world.now / MILLI);
    if world.failure.is_none() && (events < EVENTS_MIN || faults < FAULTS_MIN) {
        world.failure = Some(format!("the run is too small: {events} events, {faults} faults"));
    }
    if let Some(what) = world.failure {
        return Err(Failure { seed, events, millis, what });
    }
    let seconds = millis / 1_000;
    Ok(Report { trace: world.trace, events, faults, seconds, coverage: world.coverage })
}

fn go(world: &mut World) {
    world.after(3 * SECOND, Item::Fault);
    let end = world.now + SAFETY;
    world.run_until(end);
    if world.failure.is_none() {
        world.heal();
    }
    let bound = world.now + HEALING;
    while world.failure.is_none() && !world.is_well() && world.now < bound {
        let next = world.now + SECOND / 2;
        world.run_until(next);
    }
    if world.failure.is_none() {
        let ended = world.ended_well();
        world.hold(ended);
    }
}
