//! A broker with one small topic that nobody uses.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Stopwatch, pause};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::subject::{Subjects, create_topic, megabytes, pid};
use crate::usage;

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    for broker in subjects.each() {
        create_topic(broker, "idle", options.partitions)?;
    }
    for broker in subjects.each() {
        let share = cpu_share(options, broker)?;
        report.row("idle: CPU of a core", Unit::Percent, Goal::None).add(broker.kind(), share);
        let (now, _) = usage::memory(pid(broker)?)?;
        report.row("idle: RSS", Unit::Megabytes, Goal::AtMost(24.0)).add(broker.kind(), megabytes(now));
    }
    Ok(())
}

/// Per cent of a core that the broker uses while nothing is asked of it.
pub(crate) fn cpu_share(options: &Options, broker: &Broker) -> Result<f64> {
    let pid = pid(broker)?;
    // What the start has left to do is not idleness.
    pause(Duration::from_secs(if options.quick { 2 } else { 10 }));
    let before = usage::cpu_time(pid)?;
    let watch = Stopwatch::start();
    pause(Duration::from_secs(if options.quick { 3 } else { 20 }));
    let used = usage::cpu_time(pid)?.saturating_sub(before);
    Ok(100.0 * used.as_secs_f64() / watch.elapsed().as_secs_f64())
}
