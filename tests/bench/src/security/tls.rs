//! Produce and consume over TLS, against what Apache Kafka's broker spends on it.

use anyhow::Result;
use tests_compat::Broker;

use crate::consume::read;
use crate::options::Options;
use crate::produce::fill_routes;
use crate::report::{Goal, Report, Unit};
use crate::route::Routes;
use crate::security::Protection;
use crate::subject::{Cost, Subjects, cost, create_topic, delete_topic, spec};

/// A Java machine needs some gigabytes before its compiler is done.
const WARM_UP_ROUNDS: usize = 2;

pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    let protection = Protection::new()?;
    let specs = options.kinds().into_iter().map(|kind| protection.add_to(spec(kind, options)));
    let subjects = Subjects::start_specs(specs.collect::<Result<Vec<_>>>()?.into_iter())?;
    let warm_up = if options.quick { 1 } else { WARM_UP_ROUNDS };
    for round in 0..warm_up + options.rounds() {
        for broker in subjects.each() {
            let topic = format!("encrypted-{round}");
            create_topic(broker, &topic, options.partitions)?;
            let routes =
                Routes::alone(broker.ssl_address(), options.partitions).encrypted(protection.trust.clone());
            let volume = options.volume() / 2;
            let produced = cost(options, broker, || fill_routes(options, &routes, &topic, 1000, volume))?;
            let consumed = cost(options, broker, || read(options, &routes, &topic, options.volume()))?;
            delete_topic(broker, &topic)?;
            for (name, cost) in [("TLS produce 1 KB", produced), ("TLS cached consume", consumed)] {
                report.progress(name, broker.kind(), &cost);
                if round >= warm_up {
                    add(report, name, broker, &cost);
                }
            }
        }
    }
    Ok(())
}

fn add(report: &mut Report, name: &str, broker: &Broker, cost: &Cost) {
    let row = report.row(&format!("{name}: throughput"), Unit::MegabytesPerSecond, Goal::None);
    row.add(broker.kind(), cost.throughput());
    // The same as twice the throughput for each second of the broker's CPU.
    let row = report.row(&format!("{name}: broker CPU"), Unit::CpuPerGigabyte, Goal::RatioAtMost(0.5));
    row.add(broker.kind(), cost.cpu_per_gigabyte());
}
