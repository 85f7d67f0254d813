//! `klamm size`: how large a cluster should be for a load, step by step.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use operator_api::{Ingress, Messages, NodeShape, Sizing};
use operator_plan::size::{load::Load, model};
use serde::Serialize;

use crate::{manifests::Manifests, output::Format};

/// The load is spec.sizing of a KafkaCluster in a file, or these flags; a flag beats the file.
#[derive(Args)]
pub(crate) struct Size {
    /// A manifest with spec.sizing
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What producers write at the busiest time: 300Mi/s, 1Gb/s (bits), 1TB/h
    #[arg(long, value_name = "RATE")]
    ingress: Option<String>,
    /// What they write over a day; the peak when not given
    #[arg(long, value_name = "RATE", requires = "ingress")]
    average: Option<String>,
    /// Messages a day, instead of a rate
    #[arg(long, value_name = "COUNT", requires = "message_size")]
    messages_per_day: Option<i64>,
    /// How large a message is: 1KB
    #[arg(long, value_name = "SIZE", requires = "messages_per_day")]
    message_size: Option<String>,
    /// How many consumers read everything
    #[arg(long, value_name = "COUNT")]
    fan_out: Option<u16>,
    /// Copies of every record
    #[arg(long, value_name = "COUNT")]
    replication_factor: Option<u16>,
    /// How long records are kept: 14d
    #[arg(long, value_name = "TIME")]
    retention: Option<String>,
    /// Stored bytes for each byte written
    #[arg(long, value_name = "RATIO")]
    compression_ratio: Option<f64>,
    /// Bytes of index for each byte of log
    #[arg(long, value_name = "RATIO")]
    index_overhead: Option<f64>,
    /// Partitions of all topics, without their copies
    #[arg(long, value_name = "COUNT")]
    partitions: Option<u32>,
    /// Client connections to the whole cluster
    #[arg(long, value_name = "COUNT")]
    connections: Option<u32>,
    /// How many nodes may be lost with the load still carried
    #[arg(long, value_name = "COUNT")]
    tolerate_failures: Option<u16>,
    /// The share of each node that is kept free
    #[arg(long, value_name = "SHARE")]
    headroom: Option<f64>,
    /// How long a lost node's data may take to be copied again
    #[arg(long, value_name = "TIME")]
    max_recovery_time: Option<String>,
    /// Cores of a node
    #[arg(long, value_name = "CORES")]
    node_cpu: Option<f64>,
    /// Memory of a node
    #[arg(long, value_name = "SIZE")]
    node_memory: Option<String>,
    /// Network of a node, each way
    #[arg(long, value_name = "RATE")]
    node_network: Option<String>,
    /// What a node's disks write together
    #[arg(long, value_name = "RATE")]
    node_disk_bandwidth: Option<String>,
    /// The most that a node's disks hold
    #[arg(long, value_name = "SIZE")]
    node_max_disk: Option<String>,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

/// The answer, for programs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    brokers: i64,
    binding_constraint: &'static str,
    volume: String,
    constraints: Vec<ConstraintRow>,
    steps: Vec<StepRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

#[derive(Serialize)]
struct ConstraintRow {
    name: &'static str,
    nodes: f64,
}

#[derive(Serialize)]
struct StepRow {
    title: String,
    text: String,
}

impl Size {
    pub(crate) fn run(self) -> Result<()> {
        let output = self.output;
        let (sizing, nodes) = self.sizing()?;
        let load = Load::read(&sizing)?;
        let answer = answer(model::report(&load), nodes);
        match output {
            Format::Json => println!("{}", serde_json::to_string_pretty(&answer)?),
            Format::Yaml => print!("{}", serde_yaml::to_string(&answer)?),
            Format::Table => print!("{}", text(&answer)),
        }
        Ok(())
    }

    /// What is stated in all, and how many nodes the file has, if there is one.
    fn sizing(self) -> Result<(Sizing, Option<i64>)> {
        let (mut sizing, nodes) = match &self.file {
            Some(path) => {
                let manifests = Manifests::read(path)?;
                let stated = manifests.pools.iter().map(|pool| i64::from(pool.spec.replicas)).sum();
                // Without a pool there is the one default node.
                let nodes = if manifests.pools.is_empty() { 1 } else { stated };
                (manifests.cluster.spec.sizing.unwrap_or_default(), Some(nodes))
            }
            None => (Sizing::default(), None),
        };
        if let Some(peak) = self.ingress {
            sizing.ingress = Some(Ingress { peak, average: self.average });
        }
        if let Some(per_day) = self.messages_per_day {
            let size = self.message_size.context("--messages-per-day needs --message-size")?;
            sizing.messages = Some(Messages { per_day, size });
        }
        let node = sizing.node.get_or_insert_with(NodeShape::default);
        put(&mut node.cpu, self.node_cpu);
        put(&mut node.memory, self.node_memory);
        put(&mut node.network, self.node_network);
        put(&mut node.disk_bandwidth, self.node_disk_bandwidth);
        put(&mut node.max_disk, self.node_max_disk);
        put(&mut sizing.fan_out, self.fan_out);
        put(&mut sizing.replication_factor, self.replication_factor);
        put(&mut sizing.retention, self.retention);
        put(&mut sizing.compression_ratio, self.compression_ratio);
        put(&mut sizing.index_overhead, self.index_overhead);
        put(&mut sizing.partitions, self.partitions);
        put(&mut sizing.connections, self.connections);
        put(&mut sizing.tolerate_failures, self.tolerate_failures);
        put(&mut sizing.headroom, self.headroom);
        put(&mut sizing.max_recovery_time, self.max_recovery_time);
        Ok((sizing, nodes))
    }
}

fn put<T>(slot: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *slot = value;
    }
}

fn answer(report: model::Report, nodes: Option<i64>) -> Answer {
    let warning = nodes.filter(|nodes| *nodes < report.brokers).map(|nodes| {
        format!(
            "the load asks for {} brokers ({} decides) and there are {nodes}",
            report.brokers, report.binding
        )
    });
    Answer {
        brokers: report.brokers,
        binding_constraint: report.binding,
        volume: report.volume.to_string(),
        constraints: report
            .constraints
            .iter()
            .map(|constraint| ConstraintRow { name: constraint.name, nodes: constraint.nodes })
            .collect(),
        steps: report.steps.into_iter().map(|step| StepRow { title: step.title, text: step.text }).collect(),
        warning,
    }
}

fn text(answer: &Answer) -> String {
    let width = answer.steps.iter().map(|step| step.title.len()).max().unwrap_or_default();
    let mut lines: Vec<_> =
        answer.steps.iter().map(|step| format!("{:<width$}  {}", step.title, step.text)).collect();
    lines.push(String::new());
    let brokers = match answer.brokers {
        1 => format!("1 broker with {}", answer.volume),
        more => format!("{more} brokers with {} each", answer.volume),
    };
    lines.push(format!("{brokers}; the binding constraint is {}.", answer.binding_constraint));
    lines.extend(answer.warning.iter().map(|warning| format!("Warning: {warning}.")));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        size: Size,
    }

    fn answered(line: &[&str]) -> Answer {
        let words = ["size"].iter().chain(line);
        let (sizing, nodes) = Line::parse_from(words).size.sizing().unwrap();
        answer(model::report(&Load::read(&sizing).unwrap()), nodes)
    }

    #[test]
    fn the_classic_arithmetic_is_shown_with_the_constraint_that_decides() {
        let load = ["--messages-per-day", "100000000", "--message-size", "1KB", "--replication-factor", "2"];
        let kept = ["--retention", "14d", "--compression-ratio", "0.75", "--index-overhead", "0.1"];
        let answer = answered(&[&load[..], &kept[..]].concat());
        let text = text(&answer);
        assert!(text.contains("3.08 TB x 0.75 = 2.31 TB"), "{text}");
        assert!(
            text.ends_with(&format!("the binding constraint is {}.\n", answer.binding_constraint)),
            "{text}"
        );
    }

    #[test]
    fn a_flag_beats_the_file_and_too_few_nodes_are_told() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/node-pool.yaml");
        assert_eq!(answered(&["--file", file]).warning, None);
        let answer = answered(&["--file", file, "--ingress", "10Gb/s"]);
        assert!(answer.warning.is_some_and(|warning| warning.ends_with("and there are 1")));
    }
}
