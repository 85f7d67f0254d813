//! Consumers that say in which rack they are read from a replica there (KIP-392).

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::statistics::Statistics;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::{Message, Offset};
use tests_compat::{Cluster, Deadline, Kind, Program, Spec, Tool, java_program};

const TOPIC: &str = "near";
const SELECTOR: &str = "org.apache.kafka.common.replica.RackAwareReplicaSelector";
const RECORDS: usize = 4_000;
const RECORD_BYTES: usize = 1_000;
const LIMIT: Duration = Duration::from_secs(60);
/// What a consumer may get from the leader: metadata, offsets, the answer that sends it away.
const LEADER_BYTES_MAX: u64 = 256 * 1024;

/// Three nodes in three racks; node 1 leads the topic, the others follow and are in sync.
fn three_racks() -> Result<Cluster> {
    let kind = Kind::under_test()?;
    let spec = |rack: &str| Spec::new(kind).set("broker.rack", rack).set("replica.selector.class", SELECTOR);
    let cluster = Cluster::start_specs(["a", "b", "c"].map(spec).to_vec())?;
    cluster.tool(Tool::Topics, &["--create", "--topic", TOPIC, "--replica-assignment", "1:2:3"])?;
    let lines: String =
        (0..RECORDS).map(|number| format!("{number:0width$}\n", width = RECORD_BYTES)).collect();
    let words = ["-P", "-b", &cluster.bootstrap(), "-t", TOPIC, "-X", "acks=all"];
    Program::new("kcat").args(words).input(lines).stdout()?;
    cluster.wait_until_in_sync(&[TOPIC.to_owned()], LIMIT)?;
    Ok(cluster)
}

/// Reads with the Java client; the bytes that came from each node.
fn read_with_java(cluster: &Cluster, rack: &str) -> Result<BTreeMap<i32, u64>> {
    let count = RECORDS.to_string();
    let told = java_program("ReadNear.java")?.args([&cluster.bootstrap(), TOPIC, rack, &count]).stdout()?;
    let mut words = told.split_whitespace();
    ensure!(words.next() == Some(&count), "{told}");
    let bytes = words.map(|word| {
        let (node, bytes) =
            word.strip_prefix("node-").and_then(|rest| rest.split_once('=')).context("a node")?;
        Ok((node.parse()?, bytes.parse()?))
    });
    bytes.collect()
}

#[derive(Default)]
struct Told(Mutex<Option<Statistics>>);

impl ClientContext for Told {
    fn stats(&self, statistics: Statistics) {
        *self.0.lock().expect("no panic in a callback") = Some(statistics);
    }
}

impl ConsumerContext for Told {}

/// The same with librdkafka.
fn read_with_librdkafka(cluster: &Cluster, rack: &str) -> Result<BTreeMap<i32, u64>> {
    let consumer: BaseConsumer<Told> = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap())
        .set("group.id", "not joined")
        // At its end it waits so long for a group that it never joined.
        .set("session.timeout.ms", "1000")
        .set("client.rack", rack)
        .set("fetch.message.max.bytes", "65536")
        .set("statistics.interval.ms", "100")
        .create_with_context(Told::default())?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(TOPIC, 0, Offset::Beginning)?;
    consumer.assign(&assignment)?;
    let deadline = Deadline::after(LIMIT);
    let mut records = 0;
    while records < RECORDS {
        let Some(left) = deadline.left() else { bail!("only {records} of {RECORDS} records") };
        if let Some(message) = consumer.poll(left) {
            ensure!(usize::try_from(message?.offset())? == records);
            records += 1;
        }
    }
    // The next statistics count what was read so far.
    drop(consumer.context().0.lock().expect("no panic in a callback").take());
    while let Some(left) = deadline.left() {
        drop(consumer.poll(left.min(Duration::from_millis(100))));
        if let Some(told) = consumer.context().0.lock().expect("no panic in a callback").take() {
            return Ok(told
                .brokers
                .values()
                .filter(|node| node.nodeid >= 0)
                .map(|node| (node.nodeid, node.rxbytes))
                .collect());
        }
    }
    bail!("no statistics")
}

#[test]
fn a_consumer_reads_in_its_own_rack_and_from_the_leader_where_there_is_none() -> Result<()> {
    let cluster = three_racks()?;
    let all = u64::try_from(RECORDS * RECORD_BYTES)?;
    for (rack, node) in [("b", 2), ("c", 3), ("a", 1), ("elsewhere", 1)] {
        for read in [read_with_java, read_with_librdkafka] {
            let bytes = read(&cluster, rack)?;
            for (from, bytes) in &bytes {
                let is_right = if *from == node { *bytes >= all } else { *bytes <= LEADER_BYTES_MAX };
                ensure!(is_right, "in rack {rack} node {from} sent {bytes} of {all} bytes");
            }
            ensure!(bytes.contains_key(&node), "in rack {rack} nothing came from node {node}");
        }
    }
    Ok(())
}

/// A consumer that sits at the end of a follower's log gets new records as the follower learns of their commit.
#[test]
fn a_replica_out_of_reach_is_left_and_new_records_come_in_time() -> Result<()> {
    let mut cluster = three_racks()?;
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap())
        .set("group.id", "not joined")
        // At its end it waits so long for a group that it never joined.
        .set("session.timeout.ms", "1000")
        .set("client.rack", "b")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(TOPIC, 0, Offset::Offset(i64::try_from(RECORDS)?))?;
    consumer.assign(&assignment)?;
    for round in 0..20 {
        if round == 10 {
            cluster.node(2).kill()?;
        }
        let line = format!("round {round}\n");
        let bootstrap = cluster.bootstrap();
        let words = ["-P", "-b", &bootstrap, "-t", TOPIC, "-X", "acks=all"];
        Program::new("kcat").args(words).input(line.as_bytes()).stdout()?;
        let deadline = Deadline::after(LIMIT);
        let message = loop {
            let Some(left) = deadline.left() else { bail!("round {round} did not come") };
            match consumer.poll(left) {
                Some(Ok(message)) => break message.detach(),
                // The broker that was killed.
                Some(Err(_)) if round >= 10 => {}
                Some(Err(error)) => return Err(error.into()),
                None => {}
            }
        };
        ensure!(message.payload() == Some(line.trim().as_bytes()), "round {round}: {message:?}");
    }
    Ok(())
}
