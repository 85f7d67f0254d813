//! Offset commits: clients that are members of groups of their own, each with one partition and one commit under way.
//!
//! One node on one core: what is measured is what a coordinator pays for a commit, and a cluster's followers would only
//! share the cores with it. The groups spread over all partitions of `__consumer_offsets`, as those of a cluster do.

use std::time::Duration;

use anyhow::Result;
use tests_compat::Broker;

use crate::coordinators::crowd::{Client, Crowd, Next};
use crate::coordinators::member::Member;
use crate::coordinators::messages::{Identity, check_committed, offset_commit};
use crate::coordinators::setting::{RoundOf, Speed, TOPIC, form};
use crate::options::Options;
use crate::report::Report;
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
    let title = format!("commits, {CLIENTS} clients, 1 node");
    for round in RoundOf::all(options) {
        for (broker, members) in subjects.each().zip(&members) {
            let speed = Speed::of(options, broker, || commit(options, broker, members))?;
            report.say(&format!("commits, {:?}: {speed}{round}", broker.kind()));
            if round.counts() {
                speed.add(report, broker.kind(), &title, 2.0);
            }
        }
    }
    Ok(())
}

/// The delay of each commit, and how long all took.
fn commit(options: &Options, broker: &Broker, members: &[Member]) -> Result<(Vec<Duration>, Duration)> {
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
    Ok((crowd.into_clients().flat_map(|committer| committer.times).collect(), elapsed))
}
