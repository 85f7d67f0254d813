//! What is asked for on the command line.

use std::path::PathBuf;
use std::time::Duration;

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
    /// Three brokers with three replicas of everything, on all cores; has parts.
    Replicated,
    /// Groups, committed offsets and transactions; has parts.
    Coordinators,
    /// What encryption, authorization and quotas cost; has parts.
    Security,
}

/// One thing to measure of a scenario that has parts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Part {
    /// Replicated: 1 KB records, acks=all, throughput and CPU.
    Produce,
    /// Replicated: time to the acknowledgement at 40 % of what Apache Kafka bears.
    Latency,
    /// Replicated: a leader is killed while records come in.
    Leader,
    /// Replicated: the active controller is killed.
    Controller,
    /// Replicated: many partitions, a clean restart, memory, idle CPU.
    Partitions,
    /// Coordinators: members commit offsets.
    Commits,
    /// Coordinators: many classic groups form at once.
    Joins,
    /// Coordinators: many members that only send heartbeats.
    IdleMembers,
    /// Coordinators: transactions of 100 records.
    Transactions,
    /// Coordinators: consume through a group and by partition.
    GroupConsume,
    /// Coordinators: another broker takes over a million committed offsets.
    CoordinatorFailover,
    /// Security: produce and consume over TLS.
    Tls,
    /// Security: others wait while many clients shake hands.
    Handshakes,
    /// Security: many ACLs are asked at each produce.
    Acls,
    /// Security: produce with quotas that are never used up.
    Quotas,
}

impl Part {
    /// What it is a part of.
    fn scenario(self) -> Scenario {
        match self {
            Self::Produce | Self::Latency | Self::Leader | Self::Controller | Self::Partitions => {
                Scenario::Replicated
            }
            Self::Commits
            | Self::Joins
            | Self::IdleMembers
            | Self::Transactions
            | Self::GroupConsume
            | Self::CoordinatorFailover => Scenario::Coordinators,
            Self::Tls | Self::Handshakes | Self::Acls | Self::Quotas => Scenario::Security,
        }
    }
}

/// Measures Klamm and Apache Kafka 4.3.1 side by side.
#[derive(Clone, Debug, Parser)]
pub(crate) struct Options {
    /// Measure this only; may be given several times.
    #[arg(long, value_enum)]
    pub(crate) scenario: Vec<Scenario>,
    /// Of the scenario that it is a part of measure this only; may be given several times. Without --scenario nothing
    /// else is measured.
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
        match (self.scenario.is_empty(), self.part.is_empty()) {
            (true, true) => true,
            (true, false) => self.has_part_of(scenario),
            (false, _) => self.scenario.contains(&scenario),
        }
    }

    /// Whether a scenario that is wanted is wanted with this part: it is whole where none of its parts is named.
    pub(crate) fn wants_part(&self, part: Part) -> bool {
        self.part.contains(&part) || !self.has_part_of(part.scenario())
    }

    fn has_part_of(&self, scenario: Scenario) -> bool {
        self.part.iter().any(|part| part.scenario() == scenario)
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

    /// How long a round of requests at full speed takes.
    pub(crate) fn stretch(&self) -> Duration {
        Duration::from_secs(if self.quick { 2 } else { 5 })
    }

    /// The partitions that one of the consumer connections reads.
    pub(crate) fn partitions_of(&self, connection: usize) -> Vec<i32> {
        let is_own = |partition: &i32| partition.unsigned_abs() as usize % self.connections == connection;
        (0..self.partitions).filter(is_own).collect()
    }

    /// Bytes of one round.
    pub(crate) fn volume(&self) -> u64 {
        if self.quick { 200_000_000 } else { self.megabytes * 1_000_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Options {
        Options::parse_from(["bench"].iter().chain(words))
    }

    #[test]
    fn a_part_alone_selects_its_scenario() {
        let only = options(&["--part", "commits"]);
        assert!(only.wants(Scenario::Coordinators) && !only.wants(Scenario::Replicated));
        assert!(only.wants_part(Part::Commits) && !only.wants_part(Part::Joins));
    }

    #[test]
    fn a_part_narrows_no_other_scenario_than_its_own() {
        let both = options(&["--scenario", "replicated", "--scenario", "coordinators", "--part", "joins"]);
        assert!(both.wants(Scenario::Replicated) && both.wants_part(Part::Leader));
        assert!(both.wants_part(Part::Joins) && !both.wants_part(Part::Commits));
    }

    #[test]
    fn without_a_choice_everything_is_measured() {
        let all = options(&[]);
        assert!(all.wants(Scenario::Start) && all.wants(Scenario::Coordinators));
        assert!(all.wants_part(Part::Commits) && all.wants_part(Part::Leader));
    }
}
