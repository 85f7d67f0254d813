//! Many partitions with a little data: start after a clean stop and after a kill until every partition serves, memory
//! and idle CPU.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Stopwatch};

use crate::idle::cpu_share;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::{self, LIMIT};
use crate::subject::{megabytes, pid, spec, wait_until_served};
use crate::usage;

const PARTITIONS: i32 = 100;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let count = if options.quick { options.topics.min(5) } else { options.topics };
    let topics: Vec<_> = (0..count).map(|number| format!("many-{number}")).collect();
    let title = format!("{} partitions", count * 100);
    // Formatting, filling and dropping folders of this size takes long, so the rounds are fewer.
    for _ in 0..options.rounds().min(3) {
        for kind in options.kinds() {
            let mut broker = spec(kind, options).start()?;
            fill(&broker, &topics)?;
            for batch in 0..2 {
                // The same twice: a broker that has just started does not count on what it read before.
                let name = format!("{title}: serving after a clean stop");
                broker.stop()?;
                let elapsed = launch(&mut broker, &topics)?;
                if batch == 1 {
                    report
                        .row(&name, Unit::Milliseconds, Goal::AtMost(1000.0))
                        .add(kind, elapsed.as_secs_f64() * 1e3);
                }
            }
            let (now, _) = usage::memory(pid(&broker)?)?;
            let row = report.row(&format!("{title}: RSS"), Unit::Megabytes, Goal::AtMost(120.0));
            row.add(kind, megabytes(now));
            let share = cpu_share(options, &broker)?;
            report
                .row(&format!("{title}: idle CPU of a core"), Unit::Percent, Goal::AtMost(2.0))
                .add(kind, share);
            broker.kill()?;
            let elapsed = launch(&mut broker, &topics)?;
            let row = report.row(
                &format!("{title}: serving after kill -9"),
                Unit::Milliseconds,
                Goal::AtMost(3000.0),
            );
            row.add(kind, elapsed.as_secs_f64() * 1e3);
        }
    }
    Ok(())
}

/// Creates the topics and writes one batch to every partition.
fn fill(broker: &Broker, topics: &[String]) -> Result<()> {
    for some in topics.chunks(5) {
        broker.create_topics(some, PARTITIONS, &[])?;
    }
    wait_until_served(broker, topics, PARTITIONS)?;
    let (batch, _) = requests::batch(1000, 4_000);
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    for topic in topics {
        connection.send(&requests::produce(topic, 0..PARTITIONS, &batch))?;
        let answer = connection.receive()?.context("the broker closed the connection")?;
        requests::check_produced(&answer, usize::try_from(PARTITIONS)?)?;
    }
    Ok(())
}

/// Starts the broker and gives the time until every partition serves.
fn launch(broker: &mut Broker, topics: &[String]) -> Result<Duration> {
    let watch = Stopwatch::start();
    broker.launch()?;
    wait_until_served(broker, topics, PARTITIONS)?;
    Ok(watch.elapsed())
}
