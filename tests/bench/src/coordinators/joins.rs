//! Many classic groups form at once: the time from the first join until every member has an assignment of a generation
//! that all members of its group are in.
//!
//! One node on one core; members are connected before the clock starts. A group waits for more members for
//! `group.initial.rebalance.delay.ms` of 100 ms: Kafka's default of 3 s would be all that is measured, and without any
//! delay members that come late are told so only by their next heartbeat, which would be measured instead.

use std::time::Duration;

use anyhow::Result;
use tests_compat::Broker;

use crate::coordinators::crowd::Crowd;
use crate::coordinators::member::{Leaver, Member};
use crate::coordinators::setting::{RoundOf, TOPIC};
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::subject::Subjects;

const GROUPS: usize = 1000;
const GROUPS_WHEN_QUICK: usize = 100;
const SIZE: usize = 3;
/// Often enough that a group which did not form at once is not what is measured.
const HEARTBEAT: Duration = Duration::from_millis(500);

pub(crate) fn run(options: &Options, subjects: &Subjects, report: &mut Report) -> Result<()> {
    let groups = if options.quick { GROUPS_WHEN_QUICK } else { GROUPS };
    let name = format!("joins, {groups} groups x {SIZE}, 1 node: until stable");
    for broker in subjects.each() {
        broker.find_coordinator("joins")?;
    }
    for round in RoundOf::all(options) {
        for broker in subjects.each() {
            let elapsed = join(broker, round, groups)?.as_secs_f64() * 1e3;
            report.say(&format!("joins, {:?}: stable after {elapsed:.0} ms{round}", broker.kind()));
            if round.counts() {
                let row = report.row(&name, Unit::Milliseconds, Goal::RatioAtMost(0.5));
                row.add(broker.kind(), elapsed);
            }
        }
    }
    Ok(())
}

fn join(broker: &Broker, round: RoundOf, groups: usize) -> Result<Duration> {
    let name = format!("joins-{}", round.number);
    let mut crowd = Crowd::connect(broker.address(), Member::groups(&name, groups, SIZE, TOPIC, HEARTBEAT))?;
    crowd.begin()?;
    let elapsed = crowd.run(|crowd| crowd.all(|member| member.is_stable(SIZE)))?;
    let mut leavers = Crowd::connect(broker.address(), crowd.into_clients().map(Leaver))?;
    leavers.begin()?;
    leavers.run(|_| false)?;
    Ok(elapsed)
}
