//! Offset commits: clients that are members of groups of their own, each with one partition and one commit under way.
//!
//! One node on one core: what is measured is what a coordinator pays for a commit, and a cluster's followers would only
//! share the cores with it. The groups spread over all partitions of `__consumer_offsets`, as those of a cluster do.

use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Kind};

use crate::coordinators::crowd::{Client, Crowd, Next};
use crate::coordinators::member::Member;
use crate::coordinators::messages::{Identity, check_committed, offset_commit};
use crate::coordinators::setting::{RoundOf, TOPIC, form};
use crate::latency::percentiles;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::subject::Subjects;

const CLIENTS: usize = 64;
/// None is due within a run: commits keep a member alive.
const HEARTBEAT: Duration = Duration::from_secs(3600);

/// Commits as often as it is answered, until a moment.
#[derive(Debug)]
struct Committer {
    identity: Identity,
    partition: i32,
    offset: i64,
    sent: Duration,
    end: Duration,
    times: Vec<Duration>,
}

impl Client for Committer {
    fn next(&mut self, answer: Option<&[u8]>, now: Duration) -> Result<Next> {
        if let Some(answer) = answer {
            check_committed(answer)?;
            self.times.push(now.saturating_sub(self.sent));
        }
        if now >= self.end {
            return Ok(Next::Done);
        }
        (self.sent, self.offset) = (now, self.offset + 1);
        let own = self.partition..self.partition + 1;
        Ok(Next::Send(offset_commit(&self.identity, TOPIC, own, self.offset)))
    }
}

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    let mut members = Vec::new();
    for broker in subjects.each() {
        members.push(form(broker, "commits", CLIENTS, 1, HEARTBEAT)?.into_clients().collect::<Vec<_>>());
    }
    for round in RoundOf::all(options) {
        for (broker, members) in subjects.each().zip(&members) {
            let (rate, p99) = commit(options, broker, members)?;
            report.say(&format!(
                "commits, {:?}: {rate:.0}/s, p99 {:.2} ms{round}",
                broker.kind(),
                p99.as_secs_f64() * 1e3
            ));
            if round.counts() {
                add(report, broker.kind(), rate, p99);
            }
        }
    }
    Ok(())
}

fn add(report: &mut Report, kind: Kind, rate: f64, p99: Duration) {
    let title = format!("commits, {CLIENTS} clients, 1 node");
    report.row(&format!("{title}: rate"), Unit::PerSecond, Goal::RatioAtLeast(2.0)).add(kind, rate);
    let row = report.row(&format!("{title}: p99"), Unit::Milliseconds, Goal::RatioAtMost(0.5));
    row.add(kind, p99.as_secs_f64() * 1e3);
}

/// Commits a second, and the delay that 99 of 100 keep.
fn commit(options: &Options, broker: &Broker, members: &[Member]) -> Result<(f64, Duration)> {
    let end = options.stretch();
    let committers = members.iter().zip(0..).map(|(member, number)| Committer {
        identity: member.identity().clone(),
        partition: number % options.partitions,
        offset: 0,
        sent: Duration::ZERO,
        end,
        times: Vec::new(),
    });
    let mut crowd = Crowd::connect(broker.address(), committers)?;
    crowd.begin()?;
    let elapsed = crowd.run(|_| false)?;
    let times: Vec<_> = crowd.into_clients().flat_map(|committer| committer.times).collect();
    let rate = times.len() as f64 / elapsed.as_secs_f64();
    let [_, p99, _] = percentiles(times);
    Ok((rate, p99))
}
