//! Time to the acknowledgement of all replicas, at 40 % of what Apache Kafka bears.

use anyhow::Result;
use tests_compat::Kind;

use crate::latency::{SHARES, measure, percentiles};
use crate::options::Options;
use crate::replicated::cluster::Clusters;
use crate::replicated::produce::{self, THROUGHPUT};
use crate::report::{Goal, Report, Unit};

const TOPIC: &str = "latency";
const SHARE_OF_MAXIMUM: f64 = 0.4;

pub(crate) fn run(options: &Options, clusters: &Clusters, report: &mut Report) -> Result<()> {
    let seconds = if options.quick { 3 } else { 8 };
    let rate = SHARE_OF_MAXIMUM * maximum(options, clusters, report)?;
    report.say(&format!("replicated latency at {rate:.1} MB/s"));
    for subject in &clusters.0 {
        subject.create(&[TOPIC.to_owned()], options.partitions)?;
    }
    for round in 0..=options.rounds() {
        for subject in &clusters.0 {
            let routes = subject.routes(TOPIC)?;
            let times = measure(options, &routes, TOPIC, rate * 1e6, seconds)?;
            if round == 0 {
                continue;
            }
            for ((name, share), time) in SHARES.into_iter().zip(percentiles(times)) {
                let goal = if share == 0.99 { Goal::RatioAtMost(0.5) } else { Goal::None };
                let row = report.row(&format!("replicated latency: {name}"), Unit::Milliseconds, goal);
                row.add(subject.kind, time.as_secs_f64() * 1e3);
            }
        }
    }
    clusters.0.iter().try_for_each(|subject| subject.delete(TOPIC))
}

/// Megabytes a second that Apache Kafka bears: as measured before in this run, else measured now. Without it, what the
/// rate of the command line makes of it.
fn maximum(options: &Options, clusters: &Clusters, report: &mut Report) -> Result<f64> {
    let row = report.row(THROUGHPUT, Unit::MegabytesPerSecond, Goal::RatioAtLeast(2.5));
    if let Some(measured) = row.median(Kind::Apache) {
        return Ok(measured);
    }
    let Some(apache) = clusters.0.iter().find(|subject| subject.kind == Kind::Apache) else {
        return Ok(options.rate as f64 / SHARE_OF_MAXIMUM);
    };
    produce::fill(options, apache, 1000)?;
    Ok(produce::fill(options, apache, 1001)?.0)
}
