//! CPU for a small produce request where nobody has a quota, and where everybody has one that is never used up.

use anyhow::{Context, Result, ensure};
use tests_compat::{Body, Broker, Connection, Kind, request};

use super::small;
use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::LIMIT;
use crate::subject::{Subjects, spec};

const ALTER_CLIENT_QUOTAS: (i16, i16) = (49, 0);
/// What a request is counted by. No load comes near the values.
const QUOTAS: [(&str, f64); 2] = [("producer_byte_rate", 1e12), ("request_percentage", 1e6)];

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let options = &small::options(options);
    let free = Subjects::start_specs(options.kinds().into_iter().map(|kind| spec(kind, options)))?;
    let limited = Subjects::start_specs(options.kinds().into_iter().map(|kind| spec(kind, options)))?;
    for broker in limited.each() {
        limit(broker)?;
    }
    small::compare(options, report, "quotas", [&free, &limited], add)
}

fn add(report: &mut Report, kind: Kind, without: f64, with: f64) {
    let unit = Unit::CpuMicroseconds;
    report.row("a produce without quotas", unit, Goal::None).add(kind, without);
    report.row("a produce, quotas of bytes and time", unit, Goal::None).add(kind, with);
    report.row("quotas add", Unit::Percent, Goal::None).add(kind, (with / without - 1.0) * 100.0);
}

/// Gives every user each of the quotas.
fn limit(broker: &Broker) -> Result<()> {
    let every_user = Body::new(false).array(Some(1)).array(Some(1)).text(Some("user")).text(None);
    let body = QUOTAS.iter().fold(every_user.array(Some(QUOTAS.len())), |body, (key, value)| {
        body.text(Some(key)).raw(&value.to_be_bytes()).int8(0)
    });
    let mut connection = Connection::open(broker.address(), LIMIT)?;
    let (key, version) = ALTER_CLIENT_QUOTAS;
    connection.send(&request(key, version, 1, 1, &body.int8(0).bytes()))?;
    let answer = connection.receive()?.context("the connection was closed")?;
    // Correlation id, throttle time, number of results; then the error of the one.
    ensure!(answer.get(12..14) == Some(&[0, 0]), "a quota was refused");
    Ok(())
}
