//! Reading what is in the page cache by partition and as the members of a classic group: the same connections read the
//! same partitions, and in the second case there is a member for each of them, which commits offsets ten times a second,
//! fifty times as often as clients do by default, so that every round has some.
//!
//! One node on one core. The group is formed before the clock starts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use tests_compat::{Broker, Kind};

use crate::consume::read;
use crate::coordinators::crowd::{Client, Crowd, Next};
use crate::coordinators::member::{Leaver, Member};
use crate::coordinators::messages::{Identity, check_committed, offset_commit};
use crate::coordinators::setting::{RoundOf, TOPIC, form};
use crate::options::Options;
use crate::produce::fill;
use crate::report::{Goal, Report, Unit};
use crate::route::Routes;
use crate::subject::{Subjects, cost};

const COMMIT_EVERY: Duration = Duration::from_millis(100);
/// Commits keep a member alive.
const HEARTBEAT: Duration = Duration::from_secs(3600);
/// Two rounds of the same differ by this many per cent.
const NOISE_PERCENT: f64 = 3.0;

/// Commits what a member has read, again and again.
#[derive(Debug)]
struct Keeper {
    identity: Identity,
    partitions: Vec<i32>,
    offset: i64,
}

impl Client for Keeper {
    fn next(&mut self, answer: Option<&[u8]>, now: Duration) -> Result<Next> {
        answer.map_or(Ok(()), check_committed)?;
        self.offset += 1;
        let own = self.partitions.iter().copied();
        Ok(Next::SendAt(now + COMMIT_EVERY, offset_commit(&self.identity, TOPIC, own, self.offset)))
    }
}

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    for broker in subjects.each() {
        fill(options, broker, TOPIC, 1000, options.volume() / 2)?;
    }
    for round in RoundOf::all(options) {
        for broker in subjects.each() {
            let routes = Routes::alone(broker.address(), options.partitions);
            let alone = cost(options, broker, || read(options, &routes, TOPIC, options.volume()))?;
            let grouped = cost(options, broker, || read_as_group(options, broker, round))?;
            let (alone, grouped) = (alone.throughput(), grouped.throughput());
            report.say(&format!(
                "consume, {:?}: {alone:.0} MB/s by partition, {grouped:.0} MB/s through a group{round}",
                broker.kind()
            ));
            if round.counts() {
                add(report, broker.kind(), alone, grouped);
            }
        }
    }
    Ok(())
}

fn add(report: &mut Report, kind: Kind, alone: f64, grouped: f64) {
    let unit = Unit::MegabytesPerSecond;
    report.row("consume by partition, 1 node", unit, Goal::None).add(kind, alone);
    report.row("consume through a group, 1 node", unit, Goal::None).add(kind, grouped);
    let goal = Goal::AtLeast(100.0 - NOISE_PERCENT);
    let row = report.row("consume through a group: of that by partition", Unit::Percent, goal);
    row.add(kind, 100.0 * grouped / alone);
}

fn read_as_group(options: &Options, broker: &Broker, round: RoundOf) -> Result<(u64, Duration)> {
    let name = format!("consume-{}", round.number);
    let members: Vec<Member> =
        form(broker, &name, 1, options.connections, HEARTBEAT)?.into_clients().collect();
    let keepers = members.iter().enumerate().map(|(number, member)| Keeper {
        identity: member.identity().clone(),
        partitions: options.partitions_of(number),
        offset: 0,
    });
    let mut keepers =
        Crowd::connect(broker.address(), keepers.filter(|keeper| !keeper.partitions.is_empty()))?;
    let is_over = AtomicBool::new(false);
    let bytes = thread::scope(|scope| {
        let kept = scope.spawn(|| {
            keepers.begin()?;
            keepers.run(|_| is_over.load(Ordering::Relaxed))
        });
        let routes = Routes::alone(broker.address(), options.partitions);
        let bytes = read(options, &routes, TOPIC, options.volume());
        // The next commit of any of them sees it.
        is_over.store(true, Ordering::Relaxed);
        kept.join().expect("a generator thread does not panic")?;
        bytes
    })?;
    let mut leavers = Crowd::connect(broker.address(), members.into_iter().map(Leaver))?;
    leavers.begin()?;
    leavers.run(|_| false)?;
    Ok(bytes)
}
