//! The coordinator of a million committed offsets is killed: the time from the moment that another broker says that it
//! leads them until it answers what one of the groups has committed.
//!
//! Three nodes, three replicas, all groups in the one partition of `__consumer_offsets`. How soon the loss is noticed is
//! not part of it: sessions decide that, and the scenario `replicated` measures it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Deadline, Stopwatch, partitions, pause};

use crate::coordinators::crowd::{Client, Crowd, Next};
use crate::coordinators::messages::{Identity, check_committed, offset_commit};
use crate::coordinators::setting::TOPIC;
use crate::options::Options;
use crate::replicated::cluster::{LIMIT, Subject};
use crate::report::{Goal, Report, Unit};
use crate::subject::{megabytes, pid};
use crate::usage;

const OFFSETS_TOPIC: &str = "__consumer_offsets";
const SETTINGS: [(&str, &str); 4] = [
    ("offsets.topic.num.partitions", "1"),
    ("offsets.topic.replication.factor", "3"),
    ("broker.session.timeout.ms", "3000"),
    ("broker.heartbeat.interval.ms", "500"),
];
/// Offsets of each group: one request commits them.
const PARTITIONS: i32 = 100;
const GROUPS: usize = 10_000;
const GROUPS_WHEN_QUICK: usize = 200;
const CLIENTS: usize = 8;
/// How often a broker is asked: also the precision of what is measured.
const TRY_EVERY: Duration = Duration::from_millis(1);

/// Commits the offsets of one group after the other.
#[derive(Debug)]
struct Filler(Vec<usize>);

impl Client for Filler {
    fn next(&mut self, answer: Option<&[u8]>, _now: Duration) -> Result<Next> {
        answer.map_or(Ok(()), check_committed)?;
        let Some(group) = self.0.pop() else { return Ok(Next::Done) };
        let identity = Identity { group: name(group), member: String::new(), generation: -1 };
        Ok(Next::Send(offset_commit(&identity, TOPIC, 0..PARTITIONS, offset_of(group))))
    }
}

fn name(group: usize) -> String {
    format!("group-{group}")
}

fn offset_of(group: usize) -> i64 {
    i64::try_from(group).unwrap_or(i64::MAX)
}

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let groups = if options.quick { GROUPS_WHEN_QUICK } else { GROUPS };
    let mut subjects = Vec::new();
    for kind in options.kinds() {
        let subject = Subject::start_with(kind, &SETTINGS)?;
        fill(&subject, groups)?;
        subjects.push(subject);
    }
    for _ in 0..options.rounds().min(3) {
        for subject in &mut subjects {
            let elapsed = kill_coordinator(subject, groups)?.as_secs_f64() * 1e3;
            report.say(&format!("coordinator killed, {:?}: loaded after {elapsed:.0} ms", subject.kind));
            let offsets = groups * usize::try_from(PARTITIONS)?;
            let title = format!("failover, {offsets} offsets, 3 nodes, RF 3: load");
            report.row(&title, Unit::Milliseconds, Goal::RatioAtMost(0.5)).add(subject.kind, elapsed);
        }
    }
    for subject in &subjects {
        measure_memory(subject, report)?;
    }
    Ok(())
}

fn fill(subject: &Subject, groups: usize) -> Result<()> {
    subject.create(&[TOPIC.to_owned()], PARTITIONS)?;
    let coordinator = coordinator(subject)?;
    subject.cluster.wait_until_in_sync(&[OFFSETS_TOPIC.to_owned()], LIMIT)?;
    let fillers = (0..CLIENTS).map(|first| Filler((first..groups).step_by(CLIENTS).collect()));
    let mut crowd = Crowd::connect(coordinator.address(), fillers)?;
    crowd.begin()?;
    crowd.run(|_| false).map(drop)
}

/// Who coordinates all groups, as soon as it does: the first question makes the topic for it.
fn coordinator(subject: &Subject) -> Result<&Broker> {
    let deadline = Deadline::after(LIMIT);
    loop {
        if let Ok(id) = subject.running()?.coordinator_of(&name(0)) {
            let node = &subject.cluster.nodes()[usize::try_from(id)? - 1];
            return node.find_coordinator(&name(0)).map(|_| node);
        }
        ensure!(deadline.left().is_some(), "nobody coordinates {} after {LIMIT:?}", name(0));
        pause(TRY_EVERY);
    }
}

/// From the lead until the answer; the loss is noticed before it.
fn kill_coordinator(subject: &mut Subject, groups: usize) -> Result<Duration> {
    let coordinator = leader(subject.running()?).context("somebody leads the offsets")?;
    subject.cluster.node(usize::try_from(coordinator)?).kill()?;
    let deadline = Deadline::after(LIMIT);
    let group = groups - 1;
    let next = loop {
        ensure!(deadline.left().is_some(), "nobody leads the offsets after {LIMIT:?}");
        let leads = |node: &&Broker| node.pid().is_some() && leader(node) == Some(node.id());
        if let Some(next) = subject.cluster.nodes().iter().find(leads) {
            break next;
        }
        pause(TRY_EVERY);
    };
    let watch = Stopwatch::start();
    let committed = loop {
        ensure!(deadline.left().is_some(), "{} answers nothing after {LIMIT:?}", next.id());
        if let Ok(committed) = next.committed(&name(group), TOPIC, PARTITIONS - 1) {
            break committed;
        }
        pause(TRY_EVERY);
    };
    let elapsed = watch.elapsed();
    ensure!(committed == Some(offset_of(group)), "{committed:?} is committed by {group}");
    subject.cluster.launch()?;
    subject.cluster.wait_until_in_sync(&[OFFSETS_TOPIC.to_owned()], LIMIT)?;
    Ok(elapsed)
}

/// Who leads the offsets, as this broker sees it.
fn leader(node: &Broker) -> Option<i32> {
    partitions(node.address(), &[OFFSETS_TOPIC.to_owned()]).ok()?.first()?.leader
}

fn measure_memory(subject: &Subject, report: &mut Report) -> Result<()> {
    let all = subject.cluster.nodes().iter().map(|node| Ok(usage::memory(pid(node)?)?.0));
    let most = all.collect::<Result<Vec<_>>>()?.into_iter().max().unwrap_or_default();
    let row = report.row("failover: RSS of the broker that has most", Unit::Megabytes, Goal::None);
    row.add(subject.kind, megabytes(most));
    Ok(())
}
