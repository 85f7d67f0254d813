//! How far groups are, in figures: bounded series, made anew for every scrape, so that those of a group that is gone are
//! gone with it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use broker_config::LagConfig;
use broker_types::Mono;
use parking_lot::Mutex;
use prometheus::{
    Gauge, GaugeVec, IntGauge, IntGaugeVec, Opts, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{
    Lag,
    told::{GroupTold, Told},
};

/// The metrics of groups; those of the last round.
#[derive(Debug)]
pub(crate) struct GroupMetrics {
    age_seconds: Gauge,
}

impl GroupMetrics {
    /// Registers all.
    ///
    /// # Errors
    /// When a metric has another one's name.
    pub(crate) fn register(
        registry: &Registry,
        lag: &Lag,
        limits: &LagConfig,
    ) -> Result<Self, prometheus::Error> {
        let age_seconds =
            Gauge::new("klamm_group_lag_age_seconds", "Time since the lag of groups was measured")?;
        registry.register(Box::new(age_seconds.clone()))?;
        let (latest, groups_max) = (Arc::clone(&lag.latest), limits.groups_max as usize);
        let (series, filling) = (Series::new()?, Mutex::new(()));
        registry.register(Box::new(Collected { series, filling, latest, groups_max }))?;
        Ok(Self { age_seconds })
    }

    /// Brings what depends on the time up to it; before the metrics are told.
    pub(crate) fn refresh(&self, told: &Told, now: Mono) {
        let since = told.at.map(|at| now.since(at.mono));
        self.age_seconds.set(since.unwrap_or_default().as_secs_f64());
    }
}

struct Collected {
    series: Series,
    /// Held by the scrape that fills them.
    filling: Mutex<()>,
    latest: Arc<ArcSwap<Told>>,
    groups_max: usize,
}

impl Collector for Collected {
    fn desc(&self) -> Vec<&Desc> {
        self.series.all().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let told = self.latest.load();
        let _one_at_a_time = self.filling.lock();
        self.series.fill(&told, self.groups_max);
        self.series.all().into_iter().flat_map(Collector::collect).collect()
    }
}

struct Series {
    groups: IntGauge,
    state: IntGaugeVec,
    members: IntGaugeVec,
    lag_records: IntGaugeVec,
    max_lag_records: IntGaugeVec,
    max_lag_seconds: GaugeVec,
    min_lead_records: IntGaugeVec,
    unknown_partitions: IntGaugeVec,
    topic_lag_records: IntGaugeVec,
    topic_max_lag_seconds: GaugeVec,
    partition_lag_records: IntGaugeVec,
    partition_lag_seconds: GaugeVec,
    partition_lead_records: IntGaugeVec,
    left_out: IntGaugeVec,
}

const GROUP: &[&str] = &["group"];
const TOPIC: &[&str] = &["group", "topic"];
const PARTITION: &[&str] = &["group", "topic", "partition"];

fn whole(name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    IntGaugeVec::new(Opts::new(format!("klamm_group_{name}"), help), labels)
}

fn seconds(name: &str, help: &str, labels: &[&str]) -> Result<GaugeVec, prometheus::Error> {
    GaugeVec::new(Opts::new(format!("klamm_group_{name}_seconds"), help), labels)
}

impl Series {
    fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            groups: IntGauge::new("klamm_groups", "Groups that this broker coordinates")?,
            state: whole("state", "1: what a group is and does", &["group", "type", "state"])?,
            members: whole("members", "Members of a group", GROUP)?,
            lag_records: whole("lag_records", "Records that a group has still to read, in all", GROUP)?,
            max_lag_records: whole("max_lag_records", "Highest lag of a partition of a group", GROUP)?,
            max_lag_seconds: seconds(
                "max_lag",
                "Longest time that a record waits for a group, at least",
                GROUP,
            )?,
            min_lead_records: whole(
                "min_lead_records",
                "Lowest distance of a group from the start of a log",
                GROUP,
            )?,
            unknown_partitions: whole(
                "unknown_partitions",
                "Partitions with an offset of a group that are gone, or that nobody leads",
                GROUP,
            )?,
            topic_lag_records: whole("topic_lag_records", "Lag of a group in a topic, in all", TOPIC)?,
            topic_max_lag_seconds: seconds(
                "topic_max_lag",
                "Longest time that a record of a topic waits for a group, at least",
                TOPIC,
            )?,
            partition_lag_records: whole(
                "partition_lag_records",
                "Lag of a group in a partition",
                PARTITION,
            )?,
            partition_lag_seconds: seconds(
                "partition_lag",
                "Time that a record of a partition waits for a group, at least",
                PARTITION,
            )?,
            partition_lead_records: whole(
                "partition_lead_records",
                "Distance of a group from the start of a log",
                PARTITION,
            )?,
            left_out: whole("metrics_left_out", "How many have no series, or were not read", &["of"])?,
        })
    }

    fn all(&self) -> [&dyn Collector; 14] {
        [
            &self.groups,
            &self.state,
            &self.members,
            &self.lag_records,
            &self.max_lag_records,
            &self.max_lag_seconds,
            &self.min_lead_records,
            &self.unknown_partitions,
            &self.topic_lag_records,
            &self.topic_max_lag_seconds,
            &self.partition_lag_records,
            &self.partition_lag_seconds,
            &self.partition_lead_records,
            &self.left_out,
        ]
    }

    fn fill(&self, told: &Told, groups_max: usize) {
        self.clear();
        let count = told.groups().count();
        self.groups.set(gauge(count));
        for group in told.groups().take(groups_max) {
            self.add(group);
        }
        for group in told.groups() {
            self.add_parts(group);
        }
        for (of, left_out) in [
            ("groups", count.saturating_sub(groups_max)),
            ("topics", told.left_out.topics),
            ("partitions", told.left_out.partitions),
            ("shards", told.left_out.shards),
        ] {
            self.left_out.with_label_values(&[of]).set(gauge(left_out));
        }
    }

    fn clear(&self) {
        for vec in [
            &self.state,
            &self.members,
            &self.lag_records,
            &self.max_lag_records,
            &self.min_lead_records,
            &self.unknown_partitions,
            &self.topic_lag_records,
            &self.partition_lag_records,
            &self.partition_lead_records,
        ] {
            vec.reset();
        }
        for vec in [&self.max_lag_seconds, &self.topic_max_lag_seconds, &self.partition_lag_seconds] {
            vec.reset();
        }
    }

    fn add(&self, told: &GroupTold) {
        let group = &[told.group.as_str()];
        let state = [told.group.as_str(), told.kind.name(), told.state.name()];
        self.state.with_label_values(&state).set(1);
        self.members.with_label_values(group).set(gauge(told.members));
        self.lag_records.with_label_values(group).set(told.lag.records);
        self.max_lag_records.with_label_values(group).set(told.lag.records_max);
        self.max_lag_seconds.with_label_values(group).set(told.lag.time_max.least.as_secs_f64());
        self.unknown_partitions.with_label_values(group).set(gauge(told.lag.unknown));
        // A group of which nothing is known has none.
        if let Some(lead) = told.lag.lead_min {
            self.min_lead_records.with_label_values(group).set(lead);
        }
    }

    fn add_parts(&self, told: &GroupTold) {
        for (topic, lag) in &told.topics {
            let labels = &[told.group.as_str(), topic.as_str()];
            self.topic_lag_records.with_label_values(labels).set(lag.records);
            self.topic_max_lag_seconds.with_label_values(labels).set(lag.time_max.least.as_secs_f64());
        }
        for (topic, partition, lag) in &told.partitions {
            let partition = partition.to_string();
            let labels = &[told.group.as_str(), topic.as_str(), partition.as_str()];
            self.partition_lag_records.with_label_values(labels).set(lag.records);
            self.partition_lag_seconds.with_label_values(labels).set(lag.time.least.as_secs_f64());
            self.partition_lead_records.with_label_values(labels).set(lag.lead);
        }
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
