//! What a produce of one small record costs a broker: what is asked of every request shows there.

use anyhow::Result;
use tests_compat::{Broker, Kind};

use crate::options::Options;
use crate::produce::fill_routes;
use crate::report::Report;
use crate::requests;
use crate::route::Routes;
use crate::subject::{Subjects, cost, create_topic, delete_topic};

/// Requests of a round.
const REQUESTS: u64 = 200_000;
/// Bytes of a record.
const VALUE_BYTES: usize = 100;

/// The same options with one record in each request.
pub(super) fn options(options: &Options) -> Options {
    Options { partitions: 1, batch_bytes: 1, ..options.clone() }
}

/// Measures brokers without and with what is looked at, round by round; the first one only warms up.
pub(super) fn compare(
    options: &Options,
    report: &mut Report,
    what: &str,
    [without, with]: [&Subjects; 2],
    add: fn(&mut Report, Kind, f64, f64),
) -> Result<()> {
    for round in 0..=options.rounds() {
        for (without, with) in without.each().zip(with.each()) {
            let kind = without.kind();
            let (without, with) = (cpu(options, without, round)?, cpu(options, with, round)?);
            report.say(&format!("a produce, {kind:?}: {without:.2} CPU-us, with {what} {with:.2} CPU-us"));
            if round > 0 {
                add(report, kind, without, with);
            }
        }
    }
    Ok(())
}

/// Microseconds of the broker's CPU for a request.
fn cpu(options: &Options, broker: &Broker, round: usize) -> Result<f64> {
    let topic = format!("team-7-orders-{round}");
    create_topic(broker, &topic, options.partitions)?;
    let requests = if options.quick { REQUESTS / 10 } else { REQUESTS };
    let batch = requests::batch(VALUE_BYTES, options.batch_bytes).0;
    let volume = requests * u64::try_from(batch.len())?;
    let routes = Routes::alone(broker.address(), options.partitions);
    let cost = cost(options, broker, || fill_routes(options, &routes, &topic, VALUE_BYTES, volume))?;
    delete_topic(broker, &topic)?;
    Ok(cost.cpu.as_secs_f64() * 1e6 / requests as f64)
}
