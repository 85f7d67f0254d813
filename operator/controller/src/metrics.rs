//! What is counted.

use std::{collections::HashMap, sync::Arc};

use operator_plan::names::Names;
use parking_lot::Mutex;
use prometheus::{
    Histogram, HistogramOpts, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::user::CertificateEnds;

/// Secret and entry of each certificate that is shown, by namespace and name of its cluster.
type Shown = HashMap<(String, String), Vec<[String; 2]>>;

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
    /// How long a reconcile of a user takes, in seconds.
    pub(crate) user_seconds: Histogram,
    /// When certificates end, in seconds since 1970.
    certificate_ends: IntGaugeVec,
    /// The certificates that each cluster has in that metric.
    certificates: Arc<Mutex<Shown>>,
    /// When the certificates of users end.
    pub(crate) user_certificates: Arc<CertificateEnds>,
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
            user_seconds: seconds("klamm_operator_user_reconcile_seconds", "Duration of a user's reconcile")?,
            certificate_ends: IntGaugeVec::new(
                Opts::new(
                    "klamm_operator_certificate_not_after_seconds",
                    "When a certificate ends, in seconds since 1970",
                ),
                &["namespace", "cluster", "secret", "certificate"],
            )?,
            certificates: Arc::default(),
            user_certificates: Arc::new(CertificateEnds::new(&registry)?),
            leader: IntGauge::new("klamm_operator_leader", "1 while this replica is the one that works")?,
            registry,
        };
        metrics.registry.register(Box::new(metrics.reconciles.clone()))?;
        metrics.registry.register(Box::new(metrics.writes.clone()))?;
        metrics.registry.register(Box::new(metrics.cluster_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.topic_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.user_seconds.clone()))?;
        metrics.registry.register(Box::new(metrics.certificate_ends.clone()))?;
        metrics.registry.register(Box::new(metrics.leader.clone()))?;
        metrics.registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        Ok(metrics)
    }

    /// All of them in Prometheus' text format.
    pub(crate) fn text(&self) -> String {
        self.user_certificates.show();
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }

    /// Shows when the certificates of a cluster end: Secret, entry, seconds since 1970. Those that are gone go.
    pub(crate) fn certificates(&self, names: &Names, ends: impl IntoIterator<Item = (String, String, i64)>) {
        let key = (names.namespace().to_owned(), names.cluster().to_owned());
        let ends: Vec<_> = ends.into_iter().collect();
        let mut known = self.certificates.lock();
        let before = known.remove(&key).unwrap_or_default();
        for [secret, entry] in before {
            if !ends.iter().any(|(one, other, _)| (one, other) == (&secret, &entry)) {
                let labels = [key.0.as_str(), &key.1, &secret, &entry];
                // It was there, or nobody misses it.
                drop(self.certificate_ends.remove_label_values(&labels));
            }
        }
        for (secret, entry, seconds) in &ends {
            let labels = [key.0.as_str(), &key.1, secret, entry];
            self.certificate_ends.with_label_values(&labels).set(*seconds);
        }
        if !ends.is_empty() {
            known.insert(key, ends.into_iter().map(|(secret, entry, _)| [secret, entry]).collect());
        }
    }

    /// Counts a mutating request.
    pub(crate) fn wrote(&self, kind: &str) {
        self.writes.with_label_values(&[kind]).inc();
    }
}
