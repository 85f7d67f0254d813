//! Produce throughput of 1 KB records with acks=all, and what the three brokers pay for it.

use anyhow::Result;

use crate::options::Options;
use crate::produce::fill_routes;
use crate::replicated::cluster::{Clusters, Subject};
use crate::report::{Goal, Report, Unit};
use crate::subject::megabytes;

pub(crate) const THROUGHPUT: &str = "replicated produce 1 KB: throughput";
/// A Java machine needs some gigabytes before its compiler is done.
const WARM_UP_ROUNDS: usize = 2;

pub(crate) fn run(options: &Options, clusters: &Clusters, report: &mut Report) -> Result<()> {
    let warm_up = if options.quick { 1 } else { WARM_UP_ROUNDS };
    for round in 0..warm_up + options.rounds() {
        for subject in &clusters.0 {
            let (throughput, cpu) = fill(options, subject, round)?;
            report.say(&format!(
                "replicated produce {:?}: {throughput:.0} MB/s, {cpu:.2} CPU-s/GB{}",
                subject.kind,
                if round < warm_up { " (warm-up)" } else { "" }
            ));
            if round < warm_up {
                continue;
            }
            let row = report.row(THROUGHPUT, Unit::MegabytesPerSecond, Goal::RatioAtLeast(2.5));
            row.add(subject.kind, throughput);
            let name = "replicated produce 1 KB: CPU of the brokers";
            report.row(name, Unit::CpuPerGigabyte, Goal::RatioAtMost(0.2)).add(subject.kind, cpu);
        }
    }
    Ok(())
}

/// Produces one round's volume; megabytes a second, and CPU seconds of all brokers for a gigabyte.
pub(crate) fn fill(options: &Options, subject: &Subject, round: usize) -> Result<(f64, f64)> {
    let topic = format!("load-{round}");
    subject.create(std::slice::from_ref(&topic), options.partitions)?;
    let routes = subject.routes(&topic)?;
    let before = subject.cpu_time()?;
    let (bytes, elapsed) = fill_routes(options, &routes, &topic, 1000, options.volume())?;
    let cpu = subject.cpu_time()?.saturating_sub(before);
    subject.delete(&topic)?;
    Ok((megabytes(bytes) / elapsed.as_secs_f64(), cpu.as_secs_f64() / (megabytes(bytes) / 1000.0)))
}
