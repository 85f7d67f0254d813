//! The brokers under load: both run during all rounds, each on the same core, and take turns.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tests_compat::{Broker, Deadline, Kind, Spec, pause};

use crate::options::Options;
use crate::report::{Goal, Report, Unit};
use crate::requests::all_serve;
use crate::usage;

/// What `kafka-server-start.sh` sets.
pub(crate) const JAVA_FLAGS: [&str; 7] = [
    "-server",
    "-Xms1G",
    "-Xmx1G",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
];

/// The settings of a broker under load; said in the report.
pub(crate) fn spec(kind: Kind, options: &Options) -> Spec {
    let core = options.broker_core.to_string();
    Spec::new(kind)
        .java_flags(&JAVA_FLAGS)
        .launcher(&["taskset", "-c", &core])
        .set("log.segment.delete.delay.ms", "0")
        .set("auto.create.topics.enable", "false")
}

/// What a run of load has cost a broker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Wall time.
    pub(crate) elapsed: Duration,
    /// CPU time of the broker.
    pub(crate) cpu: Duration,
    /// Bytes of record batches moved.
    pub(crate) bytes: u64,
    /// CPU time of the broker's core that others had: a busy machine, or interrupts of the network.
    pub(crate) others: Duration,
}

impl Cost {
    /// Megabytes (10^6) a second.
    pub(crate) fn throughput(&self) -> f64 {
        megabytes(self.bytes) / self.elapsed.as_secs_f64()
    }

    /// Per cent of the time in which others had the broker's core.
    pub(crate) fn others_share(&self) -> f64 {
        100.0 * self.others.as_secs_f64() / self.elapsed.as_secs_f64()
    }

    /// CPU seconds of the broker for each gigabyte (10^9).
    pub(crate) fn cpu_per_gigabyte(&self) -> f64 {
        self.cpu.as_secs_f64() / (megabytes(self.bytes) / 1000.0)
    }
}

/// 10^6 bytes.
pub(crate) fn megabytes(bytes: u64) -> f64 {
    // Precise for everything below 9 petabytes.
    bytes as f64 / 1e6
}

/// The brokers under load.
#[derive(Debug)]
pub(crate) struct Subjects(Vec<Broker>);

impl Subjects {
    pub(crate) fn start(options: &Options) -> Result<Self> {
        Self::start_specs(options.kinds().into_iter().map(|kind| spec(kind, options)))
    }

    pub(crate) fn start_specs(specs: impl Iterator<Item = Spec>) -> Result<Self> {
        Ok(Self(specs.map(Spec::start).collect::<Result<_>>()?))
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = &Broker> {
        self.0.iter()
    }

    /// Memory after all runs, now and at its highest.
    pub(crate) fn measure_memory_after(&self, report: &mut Report) -> Result<()> {
        for broker in self.each() {
            let (now, highest) = usage::memory(pid(broker)?)?;
            let row = report.row("RSS after the runs", Unit::Megabytes, Goal::AtMost(96.0));
            row.add(broker.kind(), megabytes(now));
            let row = report.row("RSS at its highest", Unit::Megabytes, Goal::None);
            row.add(broker.kind(), megabytes(highest));
        }
        Ok(())
    }
}

pub(crate) fn pid(broker: &Broker) -> Result<u32> {
    broker.pid().context("the broker runs")
}

/// Measures what `load` costs the broker.
pub(crate) fn cost(
    options: &Options,
    broker: &Broker,
    load: impl FnOnce() -> Result<(u64, Duration)>,
) -> Result<Cost> {
    let pid = pid(broker)?;
    let (busy_before, cpu_before) = (usage::core_busy(options.broker_core)?, usage::cpu_time(pid)?);
    let (bytes, elapsed) = load()?;
    let cpu = usage::cpu_time(pid)?.saturating_sub(cpu_before);
    let others = usage::core_busy(options.broker_core)?.saturating_sub(busy_before).saturating_sub(cpu);
    Ok(Cost { elapsed, cpu, bytes, others })
}

/// Deletes a topic and waits until its files are gone, so that the disk stays bounded and the next round quiet.
pub(crate) fn delete_topic(broker: &Broker, topic: &str) -> Result<()> {
    broker.delete_topic(topic)?;
    let start = format!("{topic}-");
    let deadline = Deadline::after(Duration::from_secs(120));
    loop {
        let mut names = std::fs::read_dir(broker.data())?.filter_map(Result::ok);
        if !names.any(|entry| entry.file_name().to_string_lossy().starts_with(&start)) {
            return Ok(());
        }
        ensure!(deadline.left().is_some(), "the files of {topic} stay");
        pause(Duration::from_millis(20));
    }
}

/// Creates a topic and waits until it can be used.
pub(crate) fn create_topic(broker: &Broker, topic: &str, partitions: i32) -> Result<()> {
    broker.create_topic(topic, partitions, &[])?;
    wait_until_served(broker, &[topic.to_owned()], partitions)
}

/// Waits until every partition of every topic answers.
pub(crate) fn wait_until_served(broker: &Broker, topics: &[String], partitions: i32) -> Result<()> {
    let deadline = Deadline::after(Duration::from_secs(300));
    let all: Vec<_> = (0..partitions).collect();
    while !all_serve(broker.address(), topics, &all)? {
        ensure!(deadline.left().is_some(), "some partitions do not serve");
        pause(Duration::from_millis(5));
    }
    Ok(())
}
