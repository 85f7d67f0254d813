//! Classic members and those of KIP-848 in one group, which goes over and back while a producer writes.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::super::PARTITIONS;
use super::super::librdkafka::{GROUP, Member, TOPIC, config, wait_for, wait_for_shares};
use super::super::sightings::Sightings;
use super::super::source::Source;
use super::librdkafka::modern;

fn migrate(assignor: &str) -> Result<()> {
    let broker = super::broker()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let sightings = Sightings::default();
    let source = Source::start(&broker.bootstrap(), TOPIC)?;
    let mut classic = config(&broker.bootstrap());
    classic.set("partition.assignment.strategy", assignor);
    let modern = modern(&broker.bootstrap());

    let old = Member::join(&classic, "old", &sightings)?;
    wait_for_shares(&[&old])?;
    let new = Member::join(&modern, "new", &sightings)?;
    wait_for_shares(&[&old, &new])?;
    let view = broker.wait_for_consumer_group(GROUP, |view| view.state == "Stable")?;
    let kinds: BTreeSet<_> = view.members.iter().map(|member| member.kind).collect();
    ensure!(kinds == BTreeSet::from([0, 1]), "one of each: {view:?}");
    old.leave()?;
    wait_for_shares(&[&new])?;
    let back = Member::join(&classic, "back", &sightings)?;
    wait_for_shares(&[&new, &back])?;
    // With the last one of KIP-848 the group is a classic one again.
    new.leave()?;
    wait_for_shares(&[&back])?;
    let view = broker.wait_for_group(GROUP, |view| view.state == "Stable" && view.members.len() == 1)?;
    ensure!(view.protocol == assignor, "{view:?}");

    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    back.leave()?;
    sightings.judge(&written, &BTreeSet::new())
}

#[test]
fn a_group_of_eager_members_goes_over_and_back() -> Result<()> {
    migrate("range")
}

#[test]
fn a_group_of_cooperative_members_goes_over_and_back() -> Result<()> {
    migrate("cooperative-sticky")
}
