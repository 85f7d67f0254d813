//! Many partitions of three replicas: a clean restart of a node until all ISRs have it again, memory, idle CPU.

use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Connection, Kind, Stopwatch, pause};

use crate::options::Options;
use crate::replicated::cluster::{LIMIT, NODES, Subject};
use crate::report::{Goal, Report, Unit};
use crate::requests;
use crate::subject::{megabytes, pid};
use crate::usage;

const PARTITIONS: i32 = 100;
const TOPICS: usize = 30;
const TOPICS_WHEN_QUICK: usize = 3;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let count = if options.quick { TOPICS_WHEN_QUICK } else { TOPICS };
    let topics: Vec<_> = (0..count).map(|number| format!("many-{number}")).collect();
    // Formatting and filling clusters of this size takes long, so the rounds are fewer.
    for _ in 0..options.rounds().min(2) {
        for kind in options.kinds() {
            measure(options, kind, &topics, report)?;
        }
    }
    Ok(())
}

fn measure(options: &Options, kind: Kind, topics: &[String], report: &mut Report) -> Result<()> {
    let title = format!("{} partitions of 3 replicas", topics.len() * 100);
    let mut subject = Subject::start(kind)?;
    subject.create(topics, PARTITIONS)?;
    fill(&subject, topics)?;
    let share = idle(options, &subject)?;
    let row = report.row(&format!("{title}: idle CPU of all"), Unit::Percent, Goal::RatioAtMost(0.3));
    row.add(kind, share);
    let all = subject.cluster.nodes().iter().map(|node| Ok(usage::memory(pid(node)?)?.0));
    let most = all.collect::<Result<Vec<_>>>()?.into_iter().max().unwrap_or_default();
    let row = report.row(&format!("{title}: RSS of a broker"), Unit::Megabytes, Goal::AtMost(150.0));
    row.add(kind, megabytes(most));
    let (stopped, whole) = restart(&mut subject, topics)?;
    let row = report.row(&format!("{title}: clean stop"), Unit::Milliseconds, Goal::None);
    row.add(kind, stopped.as_secs_f64() * 1e3);
    let name = format!("{title}: clean stop until in all ISRs");
    let row = report.row(&name, Unit::Milliseconds, Goal::AtMost(10_000.0));
    row.add(kind, whole.as_secs_f64() * 1e3);
    report.say(&format!(
        "{title}, {kind:?}: idle {share:.1} %, {:.0} MB, stopped in {:.2} s, in all ISRs after {:.2} s",
        megabytes(most),
        stopped.as_secs_f64(),
        whole.as_secs_f64()
    ));
    Ok(())
}

/// Writes one batch to every partition.
fn fill(subject: &Subject, topics: &[String]) -> Result<()> {
    let (batch, _) = requests::batch(1000, 4_000);
    for topic in topics {
        for (leader, led) in subject.routes(topic)?.by_leader() {
            let mut connection = Connection::open(leader, LIMIT)?;
            let count = led.len();
            connection.send(&requests::produce(topic, led.into_iter(), &batch))?;
            let answer = connection.receive()?.context("the broker closed the connection")?;
            requests::check_produced(&answer, count)?;
        }
    }
    Ok(())
}

/// Per cent of a core that the brokers use together while nothing is asked of them.
fn idle(options: &Options, subject: &Subject) -> Result<f64> {
    pause(Duration::from_secs(if options.quick { 2 } else { 10 }));
    let before = subject.cpu_time()?;
    let watch = Stopwatch::start();
    pause(Duration::from_secs(if options.quick { 3 } else { 20 }));
    let used = subject.cpu_time()?.saturating_sub(before);
    Ok(100.0 * used.as_secs_f64() / watch.elapsed().as_secs_f64())
}

/// Stops a node that is not the active controller and starts it again: the time of the stop, and of the whole.
fn restart(subject: &mut Subject, topics: &[String]) -> Result<(Duration, Duration)> {
    let active = subject.cluster.leader()?;
    let node: &mut Broker = subject.cluster.node(active % NODES + 1);
    let watch = Stopwatch::start();
    node.stop()?;
    let stopped = watch.elapsed();
    node.launch()?;
    subject.cluster.wait_until_in_sync(topics, LIMIT)?;
    Ok((stopped, watch.elapsed()))
}
