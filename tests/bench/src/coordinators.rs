//! Coordinators of groups and of transactions under load: Klamm and Apache Kafka in one run, in turns.
//!
//! Clients are few bytes and no threads: frames over sockets, all of a part on one thread (`crowd`). All but the
//! failover have one node on one core, for each part says why.

mod commits;
mod crowd;
mod failover;
mod group_consume;
mod idle_members;
mod joins;
mod member;
mod messages;
mod setting;
mod transactions;

use anyhow::Result;
use tests_compat::{Kind, Spec};

use crate::coordinators::setting::TOPIC;
use crate::options::{Options, Part};
use crate::report::Report;
use crate::subject::{self, Subjects, create_topic};

/// The parts that need three nodes, and all cores for them.
pub(crate) fn run_replicated(options: &Options, report: &mut Report) -> Result<()> {
    if options.wants_part(Part::CoordinatorFailover) {
        report.say(
            "coordinators, failover: three nodes that are broker and controller, three replicas, all groups in one \
             partition of __consumer_offsets; brokers and generator share all cores",
        );
        failover::run(options, report)?;
    }
    Ok(())
}

/// The parts on one node.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<()> {
    report.say(
        "coordinators: one node on one core, one replica of everything, __consumer_offsets and __transaction_state of 50 \
         partitions each; classic groups with ids that the coordinator gives, transaction.version 2; all clients on one \
         thread, each with a connection and one request under way",
    );
    let on_both = [Part::Commits, Part::Joins, Part::Transactions, Part::GroupConsume];
    if on_both.into_iter().any(|part| options.wants_part(part)) {
        let specs = options.kinds().into_iter().map(|kind| spec(kind, options));
        let subjects = Subjects::start_specs(specs)?;
        for broker in subjects.each() {
            create_topic(broker, TOPIC, options.partitions)?;
        }
        if options.wants_part(Part::Commits) {
            commits::run(options, &subjects, report)?;
        }
        if options.wants_part(Part::Joins) {
            joins::run(options, &subjects, report)?;
        }
        if options.wants_part(Part::Transactions) {
            transactions::run(options, &subjects, report)?;
        }
        if options.wants_part(Part::GroupConsume) {
            group_consume::run(options, &subjects, report)?;
        }
    }
    if options.wants_part(Part::IdleMembers) {
        idle_members::run(options, report)?;
    }
    Ok(())
}

/// A broker on its core; groups wait a moment for members that come at once.
fn spec(kind: Kind, options: &Options) -> Spec {
    subject::spec(kind, options).set("group.initial.rebalance.delay.ms", "100")
}
