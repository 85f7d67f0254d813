//! librdkafka with `group.protocol=consumer`.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::config::ClientConfig;
use tests_compat::{Body, Broker, Connection, request};

use super::super::PARTITIONS;
use super::super::librdkafka::{GROUP, Member, TOPIC, config, wait_for, wait_for_shares};
use super::super::sightings::Sightings;
use super::super::source::Source;

const CONSUMER_GROUP_HEARTBEAT: i16 = 68;

/// A consumer whose broker assigns.
pub(in super::super) fn modern(bootstrap: &str) -> ClientConfig {
    let mut settings = config(bootstrap);
    settings.remove("session.timeout.ms");
    settings.remove("heartbeat.interval.ms");
    settings.set("group.protocol", "consumer");
    settings
}

/// Somebody joins, by hand, and is never heard again.
fn join_and_vanish(broker: &Broker) -> Result<()> {
    let body = Body::new(true).text(Some(GROUP)).text(Some("doomed")).int32(0).text(None).text(None);
    let body = body.int32(3_000).array(Some(1)).text(Some(TOPIC)).text(None).text(None).array(Some(0)).end();
    let mut connection = Connection::open(broker.address(), Duration::from_secs(20))?;
    connection.send(&request(CONSUMER_GROUP_HEARTBEAT, 1, 1, 2, &body.bytes()))?;
    let answer = connection.receive()?.context("an answer")?;
    ensure!(answer.get(9..11) == Some(&[0, 0]), "{answer:?}");
    Ok(())
}

#[test]
fn members_come_go_and_vanish() -> Result<()> {
    let broker = super::broker()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let settings = modern(&broker.bootstrap());
    let sightings = Sightings::default();
    let source = Source::start(&broker.bootstrap(), TOPIC)?;

    let first = Member::join(&settings, "first", &sightings)?;
    wait_for_shares(&[&first])?;
    let mut by_range = settings.clone();
    let second = Member::join(by_range.set("group.remote.assignor", "range"), "second", &sightings)?;
    wait_for_shares(&[&first, &second])?;
    join_and_vanish(&broker)?;
    broker.wait_for_consumer_group(GROUP, |view| view.members.len() == 3)?;
    // Nobody says that it is gone; its session ends.
    broker.wait_for_consumer_group(GROUP, |view| view.members.len() == 2 && view.state == "Stable")?;
    wait_for_shares(&[&first, &second])?;
    second.leave()?;
    wait_for_shares(&[&first])?;
    let third = Member::join(&settings, "third", &sightings)?;
    wait_for_shares(&[&first, &third])?;

    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    first.leave()?;
    third.leave()?;
    sightings.judge(&written, &BTreeSet::new())?;
    for (partition, count) in (0..).zip(&written) {
        ensure!(broker.committed(GROUP, TOPIC, partition)? == Some(*count), "committed of {partition}");
    }
    let view = broker.describe_consumer_group(GROUP)?;
    ensure!(view.state == "Empty" && view.members.is_empty(), "{view:?}");
    Ok(())
}

#[test]
fn static_members_bounce_without_a_new_epoch() -> Result<()> {
    let broker = super::broker()?;
    broker.create_topic(TOPIC, PARTITIONS, &[])?;
    let sightings = Sightings::default();
    let source = Source::start(&broker.bootstrap(), TOPIC)?;
    let join = |name: &str| {
        let settings = modern(&broker.bootstrap()).set("group.instance.id", name).clone();
        Member::join(&settings, name, &sightings)
    };
    let (first, mut bouncing) = (join("first")?, join("bouncing")?);
    wait_for_shares(&[&first, &bouncing])?;
    let before = broker.wait_for_consumer_group(GROUP, |view| view.state == "Stable")?;
    for _ in 0..2 {
        let own = bouncing.partitions();
        bouncing.leave()?;
        broker.wait_for_consumer_group(GROUP, |view| {
            view.members.len() == 2 && view.members.iter().any(|member| member.epoch == -2)
        })?;
        bouncing = join("bouncing")?;
        wait_for("it has its partitions again", || Ok(bouncing.partitions() == own))?;
    }
    let after = broker.wait_for_consumer_group(GROUP, |view| view.state == "Stable")?;
    ensure!(after.epoch == before.epoch, "{before:?} and {after:?}");
    // One that does not come back loses its partitions when its session ends.
    bouncing.leave()?;
    wait_for_shares(&[&first])?;
    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    first.leave()?;
    sightings.judge(&written, &BTreeSet::new())
}
