//! Klamm and Apache Kafka under the same load generator in one run: the broker on one core, the generator on another,
//! alternating, the median of several rounds, and the ratio of each figure with the goal that it is held to.
//!
//! The generator costs little: produce requests are built once and sent again and again, answers are checked for
//! their error codes only, fetched records are skipped by their batch lengths.

mod consume;
mod coordinators;
mod idle;
mod latency;
mod machine;
mod options;
mod partitions;
mod produce;
mod reader;
mod replicated;
mod report;
mod requests;
mod route;
mod security;
mod start;
mod subject;
mod usage;

use anyhow::Result;
use clap::Parser;

use crate::options::{Options, Scenario};
use crate::report::Report;
use crate::subject::Subjects;

fn main() -> Result<()> {
    let options = Options::parse();
    let mut report = Report::new(&options)?;
    report.print_setting();
    if options.wants(Scenario::Replicated) {
        // Three brokers need all cores, and share them with the generator.
        replicated::run(&options, &mut report)?;
    }
    if options.wants(Scenario::Coordinators) {
        coordinators::run_replicated(&options, &mut report)?;
    }
    if options.wants(Scenario::Security) {
        security::run_on_all_cores(&options, &mut report)?;
    }
    machine::pin_to(options.generator_core)?;
    if options.wants(Scenario::Start) {
        start::run(&options, &mut report)?;
    }
    if options.wants_load() {
        let subjects = Subjects::start(&options)?;
        if options.wants(Scenario::Idle) {
            idle::run(&options, &subjects, &mut report)?;
        }
        if options.wants(Scenario::Produce) {
            produce::run(&options, &subjects, &mut report, produce::Load::LARGE)?;
        }
        if options.wants(Scenario::ProduceSmall) {
            produce::run(&options, &subjects, &mut report, produce::Load::SMALL)?;
        }
        if options.wants(Scenario::Consume) {
            consume::run(&options, &subjects, &mut report)?;
        }
        if options.wants(Scenario::Latency) {
            latency::run(&options, &subjects, &mut report)?;
        }
        subjects.measure_memory_after(&mut report)?;
    }
    if options.wants(Scenario::Partitions) {
        partitions::run(&options, &mut report)?;
    }
    if options.wants(Scenario::Coordinators) {
        coordinators::run(&options, &mut report)?;
    }
    if options.wants(Scenario::Security) {
        security::run(&options, &mut report)?;
    }
    report.finish(&options)
}
