//! Three brokers that are controllers as well, three replicas of everything, two of them in sync at least: Klamm and
//! Apache Kafka in one run, in turns, on all cores of the machine.

pub(crate) mod cluster;
mod controller;
mod failover;
mod latency;
mod partitions;
mod produce;

use anyhow::Result;

use crate::options::{Options, Part};
use crate::replicated::cluster::Clusters;
use crate::report::Report;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    report.say(
        "replicated: three nodes that are broker and controller, three replicas, min.insync.replicas=2; brokers and \
         generator share all cores, each connection count is for each broker, and both clusters run all the time",
    );
    let on_both = [Part::Produce, Part::Latency, Part::Leader, Part::Controller];
    if on_both.into_iter().any(|part| options.wants_part(part)) {
        let mut clusters = Clusters::start(options)?;
        if options.wants_part(Part::Produce) {
            produce::run(options, &clusters, report)?;
        }
        if options.wants_part(Part::Latency) {
            latency::run(options, &clusters, report)?;
        }
        clusters.measure_memory_after(report)?;
        if options.wants_part(Part::Leader) {
            failover::run(options, &mut clusters, report)?;
        }
        if options.wants_part(Part::Controller) {
            controller::run(options, &mut clusters, report)?;
        }
    }
    if options.wants_part(Part::Partitions) {
        partitions::run(options, report)?;
    }
    Ok(())
}
