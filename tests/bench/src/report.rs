//! The figures: collected by row and broker, shown as a table with ratios and goals, and written as JSON.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

use std::fs;

use anyhow::Result;
use serde::Serialize;
use tests_compat::Kind;

use crate::machine;
use crate::options::Options;
use crate::subject::Cost;

/// What a figure is in.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) enum Unit {
    MegabytesPerSecond,
    PerSecond,
    CpuPerGigabyte,
    /// Microseconds of CPU for each of what is counted.
    CpuMicroseconds,
    Megabytes,
    Milliseconds,
    Percent,
    Count,
}

impl Unit {
    fn text(self) -> &'static str {
        match self {
            Self::MegabytesPerSecond => "MB/s",
            Self::PerSecond => "/s",
            Self::CpuPerGigabyte => "CPU-s/GB",
            Self::CpuMicroseconds => "CPU-us",
            Self::Megabytes => "MB",
            Self::Milliseconds => "ms",
            Self::Percent => "%",
            Self::Count => "",
        }
    }
}

/// What Klamm is held to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) enum Goal {
    /// Shown only.
    None,
    /// Klamm's figure itself.
    AtMost(f64),
    /// Klamm's figure itself.
    AtLeast(f64),
    /// Klamm's figure divided by Apache Kafka's.
    RatioAtLeast(f64),
    /// Klamm's figure divided by Apache Kafka's.
    RatioAtMost(f64),
}

/// One figure of both brokers, once for each round.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    name: String,
    unit: Unit,
    goal: Goal,
    klamm: Vec<f64>,
    apache: Vec<f64>,
}

impl Row {
    pub(crate) fn add(&mut self, kind: Kind, figure: f64) {
        match kind {
            Kind::Klamm => self.klamm.push(figure),
            Kind::Apache => self.apache.push(figure),
        }
    }

    /// The median of a broker's figures.
    pub(crate) fn median(&self, kind: Kind) -> Option<f64> {
        median(match kind {
            Kind::Klamm => &self.klamm,
            Kind::Apache => &self.apache,
        })
    }

    fn ratio(&self) -> Option<f64> {
        Some(median(&self.klamm)? / median(&self.apache)?)
    }

    /// Whether the goal is met; `None` when there is none, or nothing to judge by.
    fn met(&self) -> Option<bool> {
        match self.goal {
            Goal::None => None,
            Goal::AtMost(most) => Some(median(&self.klamm)? <= most),
            Goal::AtLeast(least) => Some(median(&self.klamm)? >= least),
            Goal::RatioAtLeast(least) => Some(self.ratio()? >= least),
            Goal::RatioAtMost(most) => Some(self.ratio()? <= most),
        }
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::None => String::new(),
            Goal::AtMost(most) => format!("<= {most} {}", self.unit.text()),
            Goal::AtLeast(least) => format!(">= {least} {}", self.unit.text()),
            Goal::RatioAtLeast(least) => format!(">= {least} x"),
            Goal::RatioAtMost(most) => format!("<= {most} x"),
        }
    }
}

fn median(figures: &[f64]) -> Option<f64> {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// All figures of a run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    machine: String,
    setting: String,
    rows: Vec<Row>,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let Options { connections, in_flight, batch_bytes, partitions, broker_core, generator_core, .. } =
            options;
        let setting = format!(
            "broker on core {broker_core}, generator on core {generator_core}; {partitions} partitions, \
             {connections} connections, {in_flight} produce requests in flight on each, acks=all, no idempotence, \
             batches of {batch_bytes} bytes built beforehand (no linger), one for each partition in a request, \
             not compressed; fetches of up to 1 MiB a partition, one in flight; {} MB a round, after warm-up rounds the \
             median of {}",
            options.volume() / 1_000_000,
            options.rounds(),
        );
        Ok(Self { machine: machine::description(), setting, rows: Vec::new() })
    }

    pub(crate) fn print_setting(&self) {
        println!("{}\n{}\n", self.machine, self.setting);
    }

    /// The row of this name, made when it is new.
    pub(crate) fn row(&mut self, name: &str, unit: Unit, goal: Goal) -> &mut Row {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            self.rows.push(Row { name: name.to_owned(), unit, goal, klamm: vec![], apache: vec![] });
            self.rows.len() - 1
        });
        &mut self.rows[at]
    }

    /// Says how a round went while others are still to come.
    pub(crate) fn progress(&self, name: &str, kind: Kind, cost: &Cost) {
        self.say(&format!(
            "{name} {kind:?}: {:.0} MB/s, {:.2} CPU-s/GB (others had {:.0} % of its core)",
            cost.throughput(),
            cost.cpu_per_gigabyte(),
            cost.others_share()
        ));
    }

    /// Says something while others are still to come.
    pub(crate) fn say(&self, text: &str) {
        println!("  {text}");
    }

    /// Prints the table and writes the file.
    pub(crate) fn finish(&self, options: &Options) -> Result<()> {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        println!("\n{:<width$} {:>12} {:>12} {:>9}  {:<12} goal", "", "Klamm", "Apache", "ratio", "");
        for row in &self.rows {
            let figure = |figures: &[f64]| median(figures).map_or("-".to_owned(), short);
            let ratio = row.ratio().map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
            let verdict = row.met().map_or("", |met| if met { "met" } else { "MISSED" });
            println!(
                "{:<width$} {:>12} {:>12} {:>9}  {:<12} {} {verdict}",
                row.name,
                figure(&row.klamm),
                figure(&row.apache),
                ratio,
                row.unit.text(),
                row.goal_text(),
            );
        }
        if let Some(path) = &options.json {
            fs::write(path, serde_json::to_vec_pretty(self)?)?;
        }
        Ok(())
    }
}

/// Three or four digits that matter.
fn short(figure: f64) -> String {
    match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middle if middle >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
