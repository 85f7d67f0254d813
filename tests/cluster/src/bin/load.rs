//! A load whose every acknowledgement is checked: `load BOOTSTRAP TOPIC PARTITIONS [PROPERTIES]`.
//!
//! One idempotent producer with acks=all for each partition writes numbered records, a few at a time, and goes on until
//! standard input ends. For each line of standard input a line tells what happened since the line before: the longest
//! time in which some partition acknowledged nothing, and how many deliveries failed for good; the line `leader` asks
//! for the active controller instead. At the end all is read back, once all brokers agree on who leads: what was
//! acknowledged must be there, once, in order. With a file of properties connections are made as it says; what it names is
//! read again when it changes, and producers connect anew every now and then.

#![allow(clippy::print_stdout, reason = "it answers there")]

use std::{
    collections::BTreeMap,
    io::{BufRead as _, stdin},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use broker_client::{
    Client, ClientError, Options, OutgoingRecord, Producer, ProducerOptions, Security,
    admin::offsets::OffsetSpec,
    fetch::{Reader, StartAt},
};
use broker_protocol::{
    Str,
    messages::{
        DescribeQuorumRequest, MetadataRequest,
        describe_quorum_request::{PartitionData, TopicData},
        metadata_request::MetadataRequestTopic,
    },
};
use broker_types::PartitionId;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

/// Records of one delivery.
const BATCH: u64 = 5;
/// The pause between deliveries: a load, not a benchmark.
const PAUSE: Duration = Duration::from_millis(25);
/// How long an answer may take before it is asked for again: as an impatient client does.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a delivery is tried: longer than any fault of the tests lasts.
const DELIVERY: Duration = Duration::from_secs(60);
/// How long it may take until all copies are in sync again, when no more faults come.
const SETTLED: Duration = Duration::from_secs(60);

/// What one partition's producer has seen.
struct Seen {
    acknowledged: u64,
    failed: u64,
    last: Instant,
    /// The longest time without an acknowledgement since it was asked for last.
    silence: Duration,
}

#[allow(clippy::disallowed_methods, reason = "it measures")]
fn now() -> Instant {
    Instant::now()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// The properties of a secure connection, and what they make.
static SECURE: OnceLock<(BTreeMap<String, String>, Security)> = OnceLock::new();

/// So many deliveries go over one connection where it is a secure one.
const RECONNECTS: u64 = 40;

fn secure(path: &str) {
    let text = std::fs::read_to_string(path).expect("properties");
    let lines = text.lines().filter_map(|line| line.split_once('='));
    let properties: BTreeMap<_, _> = lines.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let security = Security::from_properties(&properties).expect("a secure connection");
    SECURE.get_or_init(|| (properties, security));
}

/// Takes up files that changed.
fn refresh() {
    let Some((properties, security)) = SECURE.get() else { return };
    let Some(tls) = &security.tls else { return };
    let options = broker_tls::Options::read(|key| properties.get(key).cloned()).expect("properties");
    match tls.refresh(options, broker_tls::Changes::default()) {
        Ok(broker_tls::Refreshed::Replaced) => eprintln!("other certificates are trusted"),
        Ok(broker_tls::Refreshed::Unchanged) => {}
        Err(error) => eprintln!("what is trusted cannot be read: {error}"),
    }
}

async fn producer(bootstrap: &str, topic: &str) -> Producer {
    let client = connect(bootstrap, Duration::from_secs(30)).await.expect("a first contact");
    let options = ProducerOptions { delivery_timeout: DELIVERY, ..ProducerOptions::default() };
    Producer::start(client, topic, options).await.expect("a producer id")
}

async fn connect(bootstrap: &str, first_contact: Duration) -> Result<Client, ClientError> {
    let client_id = "load".to_owned();
    let security = SECURE.get().map(|(_, security)| security.clone()).unwrap_or_default();
    let options = Options { client_id, patience: PATIENCE, first_contact, security, ..Options::default() };
    Client::connect(bootstrap, options).await
}

async fn produce(bootstrap: &str, topic: &str, partition: i32, seen: &Mutex<Seen>, stop: &AtomicBool) {
    let mut producer = self::producer(bootstrap, topic).await;
    lock(seen).last = now();
    let mut next = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        let sent = async {
            for number in next..next + BATCH {
                let record = OutgoingRecord {
                    partition: Some(PartitionId::new(partition)),
                    key: Some(number.to_string().into()),
                    value: Some(vec![b'x'; 200].into()),
                    ..OutgoingRecord::default()
                };
                producer.send(record).await?;
            }
            producer.flush().await
        };
        let sent = sent.await;
        {
            let mut seen = lock(seen);
            if let Err(error) = sent {
                eprintln!("partition {partition}: {error}");
                seen.failed += 1;
                return;
            }
            next += BATCH;
            let silence = seen.last.elapsed();
            seen.acknowledged = next;
            seen.silence = seen.silence.max(silence);
            seen.last = now();
        }
        let reconnects = SECURE.get().is_some() && (next / BATCH).is_multiple_of(RECONNECTS);
        if reconnects {
            refresh();
            producer = self::producer(bootstrap, topic).await;
        }
        sleep(PAUSE);
    }
}

/// Waits until every broker tells of the same leaders, with all copies in sync. One that was cut off tells of the leaders
/// that it knew, and as one of them answers with what it had, until it has heard of the others; Kafka's do as well.
async fn settle(bootstrap: &str, topic: &str) {
    let until = now() + SETTLED;
    let told = loop {
        let mut client = connect(bootstrap, Duration::from_secs(30)).await.expect("a contact");
        let told = tell(&mut client, topic).await;
        if let Ok(told) = &told
            && told.iter().all(|one| *one == told[0] && one.iter().all(|(_, _, is_full)| *is_full))
        {
            return;
        }
        if now() > until {
            break told;
        }
        sleep(PAUSE);
    };
    panic!("the brokers do not agree: {told:?}");
}

/// The leader of each partition with its epoch, and whether all copies are in sync, as each broker tells it.
async fn tell(client: &mut Client, topic: &str) -> Result<Vec<Vec<(i32, i32, bool)>>, ClientError> {
    let mut all = Vec::new();
    for broker in client.broker_ids().await? {
        let topics =
            vec![MetadataRequestTopic { name: Some(topic.into()), ..MetadataRequestTopic::default() }];
        let request = MetadataRequest { topics: Some(topics), ..MetadataRequest::default() };
        let answer = client.broker(broker, &request).await?;
        let mut partitions: Vec<_> = answer.topics.into_iter().flat_map(|topic| topic.partitions).collect();
        partitions.sort_by_key(|partition| partition.partition_index);
        let view = partitions.iter().map(|partition| {
            let is_full = partition.isr_nodes.len() == partition.replica_nodes.len();
            (partition.leader_id, partition.leader_epoch, is_full)
        });
        all.push(view.collect());
    }
    Ok(all)
}

/// Counts what of the acknowledged records is missing, and what is there twice or out of order.
async fn verify(bootstrap: &str, topic: &str, partition: i32, acknowledged: u64) -> (u64, u64) {
    let client = connect(bootstrap, Duration::from_secs(30)).await.expect("a contact");
    let only = Some(PartitionId::new(partition));
    let start = StartAt::Spec(OffsetSpec::Earliest);
    let mut reader = Reader::open(client, topic, only, start).await.expect("the partition is read");
    reader.stop_at_present_end().await.expect("an end");
    let (mut expected, mut wrong) = (0_u64, 0_u64);
    while let Some(records) = reader.next().await.expect("records") {
        for record in records {
            let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok()?.parse().ok());
            if key == Some(expected) {
                expected += 1;
            } else {
                wrong += 1;
            }
        }
    }
    (acknowledged.saturating_sub(expected), wrong)
}

/// The active controller.
async fn leader(bootstrap: &str) -> i32 {
    let mut client = connect(bootstrap, Duration::from_secs(30)).await.expect("a contact");
    let partitions = vec![PartitionData { partition_index: 0 }];
    let topics = vec![TopicData { topic_name: Str::from("__cluster_metadata"), partitions }];
    let response = client.any(&DescribeQuorumRequest { topics }).await.expect("an answer");
    response.topics[0].partitions[0].leader_id
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, topic, partitions, properties @ ..] = arguments.as_slice() else {
        panic!("BOOTSTRAP TOPIC PARTITIONS [PROPERTIES]")
    };
    properties.iter().for_each(|path| secure(path));
    let partitions: i32 = partitions.parse().expect("a number of partitions");
    let seen: Vec<_> = (0..partitions)
        .map(|_| Mutex::new(Seen { acknowledged: 0, failed: 0, last: now(), silence: Duration::ZERO }))
        .collect();
    let stop = AtomicBool::new(false);
    scope(|scope| {
        for (partition, seen) in (0..).zip(&seen) {
            let stop = &stop;
            scope.spawn(move || runtime().block_on(produce(bootstrap, topic, partition, seen, stop)));
        }
        for line in stdin().lock().lines() {
            let Ok(line) = line else { break };
            if line == "leader" {
                println!("{}", json!({ "leader": runtime().block_on(leader(bootstrap)) }));
                continue;
            }
            // Who asks without end is not to take the machine from those who are measured.
            sleep(PAUSE);
            let mut silence = Duration::ZERO;
            let (mut failed, mut fewest) = (0, u64::MAX);
            for one in &seen {
                let mut one = lock(one);
                silence = silence.max(one.silence).max(one.last.elapsed());
                one.silence = Duration::ZERO;
                failed += one.failed;
                fewest = fewest.min(one.acknowledged);
            }
            println!("{}", json!({"silenceMs": silence.as_millis(), "failed": failed, "fewest": fewest}));
        }
        stop.store(true, Ordering::Relaxed);
    });
    runtime().block_on(settle(bootstrap, topic));
    let mut report = (0, 0, 0, 0);
    for (partition, one) in (0..).zip(&seen) {
        let Seen { acknowledged, failed, .. } = *lock(one);
        let (lost, wrong) = runtime().block_on(verify(bootstrap, topic, partition, acknowledged));
        report = (report.0 + acknowledged, report.1 + failed, report.2 + lost, report.3 + wrong);
    }
    let (acknowledged, failed, lost, wrong) = report;
    println!("{}", json!({"acknowledged": acknowledged, "failed": failed, "lost": lost, "wrong": wrong}));
}
