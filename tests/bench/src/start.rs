//! From the start of the process to its first answer, on a formatted folder without topics.

use anyhow::Result;

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::subject::spec;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    for _ in 0..options.rounds() {
        for kind in options.kinds() {
            let mut broker = spec(kind, options).start()?;
            let first = report.row("first start, empty", Unit::Milliseconds, Goal::AtMost(100.0));
            first.add(kind, broker.started_in().as_secs_f64() * 1e3);
            broker.stop()?;
            broker.launch()?;
            let again = report.row("start again, empty", Unit::Milliseconds, Goal::AtMost(100.0));
            again.add(kind, broker.started_in().as_secs_f64() * 1e3);
        }
    }
    Ok(())
}
