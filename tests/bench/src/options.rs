//! What is asked for on the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tests_compat::Kind;

/// One thing to measure.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Scenario {
    /// From the start of the process to its first answer, without data.
    Start,
    /// Memory and CPU of a broker that nobody uses.
    Idle,
    /// 1 KB records, acks=all.
    Produce,
    /// 100-byte records, acks=all.
    ProduceSmall,
    /// Reading what is in the page cache.
    Consume,
    /// Time to the acknowledgement at a fixed rate.
    Latency,
    /// Many partitions: start after a clean stop and after a kill, memory, idle CPU.
    Partitions,
    /// Three brokers with three replicas of everything, on all cores; `--part` selects of it.
    Replicated,
}

/// One thing to measure on clusters of three.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// 1 KB records, acks=all: throughput and CPU.
    Produce,
    /// Time to the acknowledgement at 40 % of what Apache Kafka bears.
    Latency,
    /// A leader is killed while records come in.
    Leader,
    /// The active controller is killed.
    Controller,
    /// Many partitions: a clean restart, memory, idle CPU.
    Partitions,
}

/// Measures Klamm and Apache Kafka 4.3.1 side by side.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Options {
    /// Measure this only; may be given several times.
    #[arg(long, value_enum)]
    pub(crate) scenario: Vec<Scenario>,
    /// Of the replicated scenario measure this only; may be given several times.
    #[arg(long, value_enum)]
    pub(crate) part: Vec<Part>,
    /// One short round of each, to see that everything works.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measure one broker only: klamm or apache.
    #[arg(long, value_parser = kind)]
    pub(crate) only: Option<Kind>,
    /// Write the figures to this file as JSON.
    #[arg(long)]
    pub(crate) json: Option<PathBuf>,
    /// Rounds; the median is shown.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Producer and consumer connections.
    #[arg(long, default_value_t = 3)]
    pub(crate) connections: usize,
    /// Produce requests under way on each connection.
    #[arg(long, default_value_t = 5)]
    pub(crate) in_flight: usize,
    /// Bytes of records in a batch; a request has one batch for every partition.
    #[arg(long, default_value_t = 16_384)]
    pub(crate) batch_bytes: usize,
    /// Partitions of the topic under load.
    #[arg(long, default_value_t = 6)]
    pub(crate) partitions: i32,
    /// Megabytes produced or consumed in each round.
    #[arg(long, default_value_t = 2_000)]
    pub(crate) megabytes: u64,
    /// Megabytes a second of the latency scenario.
    #[arg(long, default_value_t = 20)]
    pub(crate) rate: u64,
    /// Topics of the partitions scenario, of 100 partitions each.
    #[arg(long, default_value_t = 50)]
    pub(crate) topics: usize,
    /// The core of the broker.
    #[arg(long, default_value_t = 0)]
    pub(crate) broker_core: usize,
    /// The core of the generator.
    #[arg(long, default_value_t = 1)]
    pub(crate) generator_core: usize,
}

fn kind(text: &str) -> Result<Kind, String> {
    match text {
        "klamm" => Ok(Kind::Klamm),
        "apache" => Ok(Kind::Apache),
        _ => Err("klamm or apache".to_owned()),
    }
}

impl Options {
    pub(crate) fn wants(&self, scenario: Scenario) -> bool {
        self.scenario.is_empty() || self.scenario.contains(&scenario)
    }

    pub(crate) fn wants_part(&self, part: Part) -> bool {
        self.part.is_empty() || self.part.contains(&part)
    }

    /// Whether a scenario needs running brokers with a small topic.
    pub(crate) fn wants_load(&self) -> bool {
        use Scenario::{Consume, Idle, Latency, Produce, ProduceSmall};
        [Idle, Produce, ProduceSmall, Consume, Latency].into_iter().any(|scenario| self.wants(scenario))
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.only.map_or(vec![Kind::Apache, Kind::Klamm], |only| vec![only])
    }

    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// Bytes of one round.
    pub(crate) fn volume(&self) -> u64 {
        if self.quick { 200_000_000 } else { self.megabytes * 1_000_000 }
    }
}
