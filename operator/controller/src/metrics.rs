//! What is counted.

use prometheus::{Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};

/// What is counted.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// Reconciles by kind and result: `steady` (nothing to do), `changed`, `failed`.
    pub(crate) reconciles: IntCounterVec,
    /// Mutating requests by kind, the Lease left out.
    pub(crate) writes: IntCounterVec,
    /// How long a reconcile of a cluster takes, in seconds.
    pub(crate) cluster_seconds: Histogram,
    /// How long a reconcile of a topic takes, in seconds.
    pub(crate) topic_seconds: Histogram,
    /// 1 while this replica is the one that works.
    pub(crate) leader: IntGauge,
}

impl Metrics {
    /// All metrics, registered.
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let seconds = |name: &str, help: &str| {
            let buckets = vec![0.005, 0.02, 0.1, 0.5, 2.0, 10.0];
            Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets))
        };
        let metrics = Self {
            reconciles: IntCounterVec::new(
                Opts::new("klamm_operator_reconciles_total", "Reconciles by kind and result"),
                &["kind", "result"],
            )?,
            writes: IntCounterVec::new(
                Opts::new("klamm_operator_writes_total", "Mutating requests by kind, without the Lease"),
                &["kind"],
            )?,
            cluster_seconds: seconds(
                "klamm_operator_cluster_reconcile_seconds",
                "Duration of a cluster's reconcile",
            )?,
            topic_seconds: seconds(
                "klamm_operator_topic_reconcile_seconds",
                "Duration of a topic's reconcile",
            )?,
            leader: IntGauge::new("klamm_operator_leader", "1 while this replica is the one that works")?,
            registry,
        };
        metrics.registry.register(Box::new(metrics.reconciles.clone()))?;
        metrics.registry.register(Box::new(metrics.writes.clone()))?;
        metrics.registry.register(Box::new(metrics.cluster_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.topic_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.leader.clone()))?;
        metrics.registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(metrics)
    }

    /// All of them in Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }

    /// Counts a mutating request.
    pub(crate) fn wrote(&self, kind: &str) {
        self.writes.with_label_values(&[kind]).inc();
    }
}
