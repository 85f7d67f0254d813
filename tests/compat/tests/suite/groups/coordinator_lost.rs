//! Three brokers: the one that coordinates a group is killed, then the next one stopped in order, and the group goes on
//! on another.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::{Offset, TopicPartitionList};
use tests_compat::{Broker, Cluster, ConsumerGroupView, Deadline, Kind, pause};

use super::PARTITIONS;
use super::consumer::{modern, quick};
use super::librdkafka::{GROUP, Member, TOPIC, config, wait_for, wait_for_shares};
use super::sightings::Sightings;
use super::source::Source;

const LIMIT: Duration = Duration::from_secs(120);
const TRY_EVERY: Duration = Duration::from_millis(50);
const OFFSETS: &str = "__consumer_offsets";
/// How many records more the group reads to show that it goes on.
const MORE: usize = 500;

fn start() -> Result<Cluster> {
    let cluster = Cluster::start_with(&[Kind::under_test()?; 3], |spec| {
        quick(spec)
            .set("broker.session.timeout.ms", "3000")
            .set("broker.heartbeat.interval.ms", "500")
            .set("offsets.topic.replication.factor", "3")
            .set("offsets.topic.num.partitions", "3")
            .set("min.insync.replicas", "2")
    })?;
    cluster.nodes()[0].create_replicated(&[TOPIC.to_owned()], PARTITIONS, 3, &[])?;
    Ok(cluster)
}

/// The id of the broker that coordinates the group, runs, and has loaded it.
fn coordinator(cluster: &Cluster, group: &str) -> Result<usize> {
    let deadline = Deadline::after(LIMIT);
    while deadline.left().is_some() {
        for node in cluster.brokers().filter(|node| node.pid().is_some()) {
            let Ok(id) = node.coordinator_of(group) else { continue };
            let leads = |other: &&Broker| other.id() == id && other.pid().is_some();
            let found = cluster.brokers().find(leads);
            if found.is_some_and(|found| found.committed(group, TOPIC, 0).is_ok()) {
                return Ok(usize::try_from(id)?);
            }
        }
        pause(TRY_EVERY);
    }
    Err(anyhow::anyhow!("nobody coordinates {group} after {LIMIT:?}"))
}

/// Commits for a group without members.
fn note(cluster: &Cluster, group: &str, offset: i64) -> Result<()> {
    let consumer: BaseConsumer = config(&cluster.bootstrap()).set("group.id", group).create()?;
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(TOPIC, partition, Offset::Offset(offset))?;
    }
    Ok(consumer.commit(&list, CommitMode::Sync)?)
}

/// How the members speak.
#[derive(Clone, Copy)]
enum Protocol {
    Classic,
    /// KIP-848.
    Consumer,
}

/// The generation of the group, from its coordinator; its epoch in KIP-848.
fn generation(cluster: &mut Cluster, protocol: Protocol) -> Result<i32> {
    let id = coordinator(cluster, GROUP)?;
    let broker = cluster.node(id);
    if let Protocol::Consumer = protocol {
        let is_so = |view: &ConsumerGroupView| view.state == "Stable" && view.members.len() == 2;
        return Ok(broker.wait_for_consumer_group(GROUP, is_so)?.epoch);
    }
    let view = broker.wait_for_group(GROUP, |view| view.state == "Stable" && view.members.len() == 2)?;
    let member = view.members.first().context("a member")?;
    broker.generation(GROUP, member)
}

#[test]
fn a_group_goes_on_when_its_coordinator_dies_or_stops() -> Result<()> {
    goes_on(Protocol::Classic)
}

#[test]
fn a_group_of_kip_848_goes_on_when_its_coordinator_dies_or_stops() -> Result<()> {
    goes_on(Protocol::Consumer)
}

fn goes_on(protocol: Protocol) -> Result<()> {
    let mut cluster = start()?;
    let sightings = Sightings::default();
    let source = Source::start(&cluster.bootstrap(), TOPIC)?;
    let settings = match protocol {
        Protocol::Classic => config(&cluster.bootstrap()),
        Protocol::Consumer => modern(&cluster.bootstrap()),
    };
    let members =
        [Member::join(&settings, "first", &sightings)?, Member::join(&settings, "second", &sightings)?];
    wait_for_shares(&[&members[0], &members[1]])?;
    let before = generation(&mut cluster, protocol)?;

    for (round, dies) in (1..).zip([true, false]) {
        cluster.wait_until_in_sync(&[TOPIC.to_owned(), OFFSETS.to_owned()], LIMIT)?;
        // One group for each partition of the topic of offsets, and so for each broker.
        let noted: Vec<_> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for group in &noted {
            note(&cluster, group, round)?;
        }
        let lost = coordinator(&cluster, GROUP)?;
        if dies {
            cluster.node(lost).kill()?;
        } else {
            cluster.node(lost).stop()?;
        }
        let seen = sightings.distinct();
        let next = coordinator(&cluster, GROUP)?;
        ensure!(next != lost, "{lost} is gone");
        for group in &noted {
            let id = coordinator(&cluster, group)?;
            for partition in 0..PARTITIONS {
                let committed = cluster.node(id).committed(group, TOPIC, partition)?;
                ensure!(committed == Some(round), "{committed:?} is committed of {group}, {partition}");
            }
        }
        wait_for("the group reads on", || Ok(sightings.distinct() > seen + MORE))?;
        ensure!(generation(&mut cluster, protocol)? == before, "the members are what they were");
        cluster.launch()?;
    }

    let written = source.finish()?;
    let total = usize::try_from(written.iter().sum::<i64>())?;
    wait_for("every record is seen", || Ok(sightings.distinct() == total))?;
    for member in members {
        member.leave()?;
    }
    sightings.judge(&written, &BTreeSet::new())?;
    let id = coordinator(&cluster, GROUP)?;
    for (partition, count) in (0..).zip(&written) {
        let committed = cluster.node(id).committed(GROUP, TOPIC, partition)?;
        ensure!(committed == Some(*count), "{committed:?} of {count} is committed of {partition}");
    }
    Ok(())
}
