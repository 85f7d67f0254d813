//! The active controller is killed: how long until another one takes a change of metadata.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use tests_compat::{Broker, Deadline, Stopwatch, pause};

use crate::options::Options;
use crate::replicated::cluster::{Clusters, LIMIT, Subject};
use crate::report::{Goal, Report, Unit};

const TOPIC: &str = "before-the-kill";
/// How soon a change that failed is asked for again.
const TRY_EVERY: Duration = Duration::from_millis(20);

pub(crate) fn run(options: &Options, clusters: &mut Clusters, report: &mut Report) -> Result<()> {
    for subject in &clusters.0 {
        subject.create(&[TOPIC.to_owned()], options.partitions)?;
    }
    for round in 0..options.rounds().min(3) {
        for subject in &mut clusters.0 {
            let until = kill_active(subject, round)?;
            report.say(&format!(
                "active controller killed, {:?}: a topic is created after {:.2} s",
                subject.kind,
                until.as_secs_f64()
            ));
            let name = "active controller killed: until a topic is created";
            let row = report.row(name, Unit::Milliseconds, Goal::AtMost(2000.0));
            row.add(subject.kind, until.as_secs_f64() * 1e3);
        }
    }
    clusters.0.iter().try_for_each(|subject| subject.delete(TOPIC))
}

/// From the kill until one of the others has created a topic.
fn kill_active(subject: &mut Subject, round: usize) -> Result<Duration> {
    let active = subject.cluster.leader()?;
    let watch = Stopwatch::start();
    subject.cluster.node(active).kill()?;
    let killed = watch.elapsed();
    let first = AtomicU64::new(u64::MAX);
    thread::scope(|scope| -> Result<()> {
        let others = subject.cluster.nodes().iter().filter(|node| node.pid().is_some());
        let threads: Vec<_> =
            others.map(|node| scope.spawn(|| first_change(node, round, watch, &first))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("a generator thread does not panic"))
    })?;
    subject.cluster.launch()?;
    subject.cluster.wait_until_in_sync(&[TOPIC.to_owned()], LIMIT)?;
    let first = first.into_inner();
    (first != u64::MAX)
        .then_some(Duration::from_micros(first).saturating_sub(killed))
        .context("nothing was created")
}

/// Tries to create a topic through this broker until it, or another one, has done so.
fn first_change(node: &Broker, round: usize, watch: Stopwatch, first: &AtomicU64) -> Result<()> {
    let deadline = Deadline::after(LIMIT);
    for attempt in 0.. {
        if first.load(Ordering::Relaxed) != u64::MAX || deadline.left().is_none() {
            break;
        }
        // Of one replica: what is measured is the controller, not what the dead broker leaves.
        if node.create_topic(&format!("probe-{round}-{}-{attempt}", node.id()), 1, &[]).is_ok() {
            first.fetch_min(u64::try_from(watch.elapsed().as_micros())?, Ordering::Relaxed);
            break;
        }
        pause(TRY_EVERY);
    }
    Ok(())
}
