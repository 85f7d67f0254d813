//! Many members that do nothing but send a heartbeat every three seconds, as clients do by default: what a broker that
//! has nothing else to do pays for them.
//!
//! One node on one core, started for this alone, so that its memory is of this alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use tests_compat::Broker;

use crate::coordinators::setting::{TOPIC, form};
use crate::coordinators::spec;
use crate::idle::cpu_share;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::subject::{create_topic, megabytes, pid};
use crate::usage;

const GROUPS: usize = 1000;
const GROUPS_WHEN_QUICK: usize = 100;
const SIZE: usize = 10;
/// `heartbeat.interval.ms` of Java's consumer.
const HEARTBEAT: Duration = Duration::from_secs(3);

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let groups = if options.quick { GROUPS_WHEN_QUICK } else { GROUPS };
    let title = format!("{} idle members, 1 node", groups * SIZE);
    for _ in 0..options.rounds().min(2) {
        for kind in options.kinds() {
            let broker = spec(kind, options).start()?;
            create_topic(&broker, TOPIC, options.partitions)?;
            let (share, memory) = rest(options, &broker, groups)?;
            report.say(&format!("{title}, {kind:?}: {share:.1} % of a core, {memory:.0} MB"));
            let row = report.row(&format!("{title}: CPU of a core"), Unit::Percent, Goal::RatioAtMost(0.3));
            row.add(kind, share);
            let row = report.row(&format!("{title}: RSS"), Unit::Megabytes, Goal::RatioAtMost(0.2));
            row.add(kind, memory);
        }
    }
    Ok(())
}

/// Per cent of a core, and megabytes, that the broker uses while the members are there.
fn rest(options: &Options, broker: &Broker, groups: usize) -> Result<(f64, f64)> {
    let mut crowd = form(broker, "idle", groups, SIZE, HEARTBEAT)?;
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let members = scope.spawn(|| crowd.run(|_| is_over.load(Ordering::Relaxed)));
        let measured = measure(options, broker);
        // The next heartbeat of any of them sees it.
        is_over.store(true, Ordering::Relaxed);
        members.join().expect("a generator thread does not panic")?;
        measured
    })
}

/// Begins when what forming the groups has left to do is done, a compiler's work too.
fn measure(options: &Options, broker: &Broker) -> Result<(f64, f64)> {
    let share = cpu_share(options, broker)?;
    Ok((share, megabytes(usage::memory(pid(broker)?)?.0)))
}
