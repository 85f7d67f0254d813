//! kill -9 of a broker that leads, while an idempotent producer sends: how long nothing is acknowledged in what it led,
//! and how many records fail. A record fails when it is not acknowledged within [`DELIVERY_LIMIT`].

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::KafkaError;
use rdkafka::message::Message;
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use tests_compat::{Stopwatch, pause};

use crate::options::Options;
use crate::replicated::cluster::{Clusters, LIMIT, Subject};
use crate::report::{Goal, Report, Unit};

const TOPIC: &str = "failover";
const DELIVERY_LIMIT: Duration = Duration::from_secs(5);
/// One record of 1 KB to every partition, so often that requests are under way when the leader dies: librdkafka asks for
/// the new leader when one of them fails, and where none is under way when it looks around by itself, once a second.
const EVERY: Duration = Duration::from_millis(1);
/// Under load before the kill, and after it: longer than a session of 9 s.
const BEFORE: Duration = Duration::from_secs(3);
const AFTER: Duration = Duration::from_secs(14);

/// When something was acknowledged, by partition, since the start; and how many failed.
#[derive(Debug, Default)]
struct Seen {
    acknowledged: Mutex<Vec<(Duration, i32)>>,
    failed: Mutex<Vec<Duration>>,
}

struct Deliveries(Arc<Seen>, Stopwatch);

impl ClientContext for Deliveries {
    fn error(&self, _error: KafkaError, _reason: &str) {
        // The broker that is killed is missed; records that fail are counted where they are delivered.
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let now = self.1.elapsed();
        match result {
            Ok(message) => self.0.acknowledged.lock().expect("no panic").push((now, message.partition())),
            Err(_) => self.0.failed.lock().expect("no panic").push(now),
        }
    }
}

pub(crate) fn run(options: &Options, clusters: &mut Clusters, report: &mut Report) -> Result<()> {
    for subject in &clusters.0 {
        subject.create(&[TOPIC.to_owned()], options.partitions)?;
    }
    for round in 0..options.rounds().min(3) {
        for subject in &mut clusters.0 {
            let (gap, failed) = kill_leader(options, subject, round)?;
            report.say(&format!(
                "leader killed, {:?}: a gap of {:.2} s, {failed} failed",
                subject.kind,
                gap.as_secs_f64()
            ));
            let row = report.row("leader killed: longest gap", Unit::Milliseconds, Goal::AtMost(1000.0));
            row.add(subject.kind, gap.as_secs_f64() * 1e3);
            let row = report.row("leader killed: records failed", Unit::Count, Goal::AtMost(0.0));
            row.add(subject.kind, failed as f64);
        }
    }
    clusters.0.iter().try_for_each(|subject| subject.delete(TOPIC))
}

/// The longest time without an acknowledgement in a partition that the victim led, and the number of failed records.
fn kill_leader(options: &Options, subject: &mut Subject, round: usize) -> Result<(Duration, usize)> {
    // Not the active controller: what its loss costs is measured by itself.
    let active = subject.cluster.leader()?;
    let victim = (1..=3).filter(|id| *id != active).nth(round % 2).context("another node")?;
    let views = subject.cluster.partitions(TOPIC)?;
    let led: BTreeSet<i32> = views
        .iter()
        .filter(|view| view.leader.is_some_and(|leader| leader.unsigned_abs() as usize == victim))
        .map(|view| view.index)
        .collect();
    let seen = Arc::new(Seen::default());
    let watch = Stopwatch::start();
    let stop = AtomicBool::new(false);
    let producer: ThreadedProducer<Deliveries> = ClientConfig::new()
        .set("bootstrap.servers", subject.cluster.bootstrap())
        .set("enable.idempotence", "true")
        .set("linger.ms", "1")
        .set("message.timeout.ms", DELIVERY_LIMIT.as_millis().to_string())
        .create_with_context(Deliveries(Arc::clone(&seen), watch))?;
    let killed = thread::scope(|scope| {
        let sending = scope.spawn(|| send(&producer, options.partitions, &stop));
        pause(BEFORE);
        let killed = watch.elapsed();
        let end = subject.cluster.node(victim).kill();
        pause(AFTER);
        stop.store(true, Ordering::Relaxed);
        sending.join().expect("the producer does not panic")?;
        end.map(|()| killed)
    })?;
    producer.flush(LIMIT)?;
    subject.cluster.launch()?;
    subject.cluster.wait_until_in_sync(&[TOPIC.to_owned()], LIMIT)?;
    // The next round finds what this one did.
    subject.running()?.elect_preferred()?;
    let acknowledged = seen.acknowledged.lock().expect("no panic");
    let gap =
        led.iter().map(|partition| longest_gap(&acknowledged, *partition, killed, killed + AFTER)).max();
    let failed = seen.failed.lock().expect("no panic").len();
    Ok((gap.context("the victim led nothing")?, failed))
}

/// Sends until told to stop.
fn send(producer: &ThreadedProducer<Deliveries>, partitions: i32, stop: &AtomicBool) -> Result<()> {
    let value = vec![b'v'; 1000];
    while !stop.load(Ordering::Relaxed) {
        for partition in 0..partitions {
            let record = BaseRecord::<(), [u8]>::to(TOPIC).partition(partition).payload(&value);
            producer.send(record).map_err(|(error, _)| error)?;
        }
        pause(EVERY);
    }
    Ok(())
}

/// The longest time between two acknowledgements of a partition from `start` to `end`.
fn longest_gap(acknowledged: &[(Duration, i32)], partition: i32, start: Duration, end: Duration) -> Duration {
    let mut longest = Duration::ZERO;
    let mut last = start;
    let own = acknowledged.iter().filter(|(at, of)| *of == partition && *at > start && *at < end);
    for at in own.map(|(at, _)| *at).chain([end]) {
        longest = longest.max(at.saturating_sub(last));
        last = at;
    }
    longest
}
