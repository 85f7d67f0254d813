//! What the parts on one node have in common: rounds, the topic, groups that are formed.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Connection, Deadline, Kind, pause, request};

use crate::coordinators::crowd::Crowd;
use crate::coordinators::member::Member;
use crate::latency::percentiles;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::LIMIT;
use crate::subject::cost;

/// The topic of all of them.
pub(crate) const TOPIC: &str = "coordinated";

const FIND_COORDINATOR: i16 = 10;
const OF_TRANSACTIONS: i8 = 1;
const WARM_UP_ROUNDS: usize = 3;
const TRY_EVERY: Duration = Duration::from_millis(20);

/// A round; the first ones do not count, for a Java machine needs some time before its compiler is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoundOf {
    pub(crate) number: usize,
    warm_up: usize,
}

impl RoundOf {
    /// All rounds of a part.
    pub(crate) fn all(options: &Options) -> impl Iterator<Item = Self> {
        let warm_up = if options.quick { 1 } else { WARM_UP_ROUNDS };
        (0..warm_up + options.rounds()).map(move |number| Self { number, warm_up })
    }

    pub(crate) fn counts(self) -> bool {
        self.number >= self.warm_up
    }
}

impl fmt::Display for RoundOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.counts() { "" } else { " (warm-up)" })
    }
}

/// How fast a broker answered, and what that took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speed {
    /// Answers a second.
    rate: f64,
    /// The delay that 99 of 100 keep.
    p99: Duration,
    /// Of the broker, for each answer.
    cpu: Duration,
    /// Per cent of the time in which others had the broker's core.
    others_share: f64,
}

impl Speed {
    /// Of what `load` does: it gives the delay of each answer, and how long all took.
    pub(crate) fn of(
        options: &Options,
        broker: &Broker,
        load: impl FnOnce() -> Result<(Vec<Duration>, Duration)>,
    ) -> Result<Self> {
        let mut times = Vec::new();
        let cost = cost(options, broker, || {
            let (delays, elapsed) = load()?;
            times = delays;
            Ok((0, elapsed))
        })?;
        let count = times.len();
        let [_, p99, _] = percentiles(times);
        Ok(Self {
            rate: count as f64 / cost.elapsed.as_secs_f64(),
            p99,
            cpu: cost.cpu / u32::try_from(count.max(1))?,
            others_share: cost.others_share(),
        })
    }

    /// Adds it to the report; held to a rate and a delay by the ratio.
    pub(crate) fn add(self, report: &mut Report, kind: Kind, title: &str, rate: f64) {
        let row = report.row(&format!("{title}: rate"), Unit::PerSecond, Goal::RatioAtLeast(rate));
        row.add(kind, self.rate);
        let row = report.row(&format!("{title}: p99"), Unit::Milliseconds, Goal::RatioAtMost(0.5));
        row.add(kind, self.p99.as_secs_f64() * 1e3);
        let row = report.row(&format!("{title}: broker CPU"), Unit::CpuMicroseconds, Goal::None);
        row.add(kind, self.cpu.as_secs_f64() * 1e6);
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p99, cpu) = (self.p99.as_secs_f64() * 1e3, self.cpu.as_secs_f64() * 1e6);
        write!(f, "{:.0}/s, p99 {p99:.2} ms, {cpu:.1} us of CPU each", self.rate)?;
        write!(f, " (others had {:.0} % of its core)", self.others_share)
    }
}

/// Forms groups of members, and gives them once all have an assignment.
pub(crate) fn form(
    broker: &Broker,
    name: &str,
    groups: usize,
    size: usize,
    heartbeat: Duration,
) -> Result<Crowd<Member>> {
    broker.find_coordinator(name)?;
    let mut crowd = Crowd::connect(broker.address(), Member::groups(name, groups, size, TOPIC, heartbeat))?;
    crowd.begin()?;
    crowd.run(|crowd| crowd.all(|member| member.is_stable(size)))?;
    Ok(crowd)
}

/// Waits until the broker knows who coordinates a transactional id: the first question makes the topic for it.
pub(crate) fn find_transaction_coordinator(broker: &Broker, transactional_id: &str) -> Result<()> {
    let body = tests_compat::Body::new(false).text(Some(transactional_id)).int8(OF_TRANSACTIONS).bytes();
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    let deadline = Deadline::after(LIMIT);
    loop {
        connection.send(&request(FIND_COORDINATOR, 1, 1, 1, &body))?;
        let answer = connection.receive()?.context("the broker closed the connection")?;
        // The correlation id, the time of throttling, the error.
        if answer.get(8..10) == Some(&[0, 0]) {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "nobody coordinates {transactional_id}");
        pause(TRY_EVERY);
    }
}
