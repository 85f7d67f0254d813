//! The broker's metrics, registered once at the root and handed down as handles.
//! No per-partition label, but for lag where it is asked for: cardinality does not grow with the cluster.

use std::time::Duration;

use broker_config::LagConfig;
use broker_protocol::ApiKey;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts,
    Registry, TextEncoder,
};

use crate::{
    cleaner::CleanerMetrics,
    groups::{GroupMetrics, Lag},
    quotas::QuotaMetrics,
};

/// Above every code of an API that this broker serves.
const API_CODES_MAX: i16 = 100;

/// The metrics of one API.
#[derive(Debug)]
struct ApiMetrics {
    requests: IntCounter,
    seconds: Histogram,
}

/// Every metric of the broker. Handles are resolved once; recording takes no lock.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) open_files_limit: IntGauge,
    pub(crate) connections: IntGauge,
    pub(crate) connections_refused: IntCounter,
    /// Resolved once for each API, so that an answer looks no label up.
    by_api: Vec<Option<ApiMetrics>>,
    pub(crate) produced_bytes: IntCounter,
    pub(crate) produced_records: IntCounter,
    pub(crate) fetched_bytes: IntCounter,
    pub(crate) partitions: IntGauge,
    pub(crate) offline_directories: IntGauge,
    /// As Kafka's PartitionsWithLateTransactionsCount.
    pub(crate) late_transactions: IntGauge,
    pub(crate) metadata_offset: IntGauge,
    pub(crate) cleaner: CleanerMetrics,
    pub(crate) groups: GroupMetrics,
    pub(crate) quotas: QuotaMetrics,
}

impl Metrics {
    /// Registers all metrics.
    ///
    /// # Errors
    /// When two metrics have one name.
    pub(crate) fn register(lag: &Lag, limits: &LagConfig) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        registry.register(Box::new(prometheus::process_collector::ProcessCollector::for_self()))?;
        let gauge = |name: &str, help: &str| -> Result<IntGauge, prometheus::Error> {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let counter = |name: &str, help: &str| -> Result<IntCounter, prometheus::Error> {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            Ok(counter)
        };
        let requests =
            IntCounterVec::new(Opts::new("klamm_requests_total", "Requests answered, by API"), &["api"])?;
        registry.register(Box::new(requests.clone()))?;
        let request_seconds = HistogramVec::new(
            HistogramOpts::new("klamm_request_seconds", "Time from whole request to answer, by API")
                .buckets(prometheus::exponential_buckets(0.000_05, 4.0, 10)?),
            &["api"],
        )?;
        registry.register(Box::new(request_seconds.clone()))?;
        let by_api = (0..API_CODES_MAX)
            .map(|code| {
                let api = ApiKey::from_code(code)?;
                let name = crate::api::is_served(api).then(|| api.name())?;
                Some(ApiMetrics {
                    requests: requests.with_label_values(&[name]),
                    seconds: request_seconds.with_label_values(&[name]),
                })
            })
            .collect();
        Ok(Self {
            open_files_limit: gauge("klamm_open_files_limit", "Open files that the system grants")?,
            connections: gauge("klamm_connections", "Open client connections")?,
            connections_refused: counter(
                "klamm_connections_refused_total",
                "Connections refused by a limit",
            )?,
            by_api,
            produced_bytes: counter("klamm_produced_bytes_total", "Bytes of batches appended for producers")?,
            produced_records: counter("klamm_produced_records_total", "Records appended for producers")?,
            fetched_bytes: counter("klamm_fetched_bytes_total", "Bytes of batches sent to consumers")?,
            partitions: gauge("klamm_partitions", "Partition replicas on this broker")?,
            offline_directories: gauge(
                "klamm_offline_log_directories",
                "Log directories taken offline by a fault",
            )?,
            late_transactions: gauge(
                "klamm_partitions_with_late_transactions",
                "Partitions led here with a transaction that nobody seems to end",
            )?,
            metadata_offset: gauge("klamm_metadata_offset", "Last metadata offset applied")?,
            cleaner: CleanerMetrics::register(&registry)?,
            groups: GroupMetrics::register(&registry, lag, limits)?,
            quotas: QuotaMetrics::register(&registry)?,
            registry,
        })
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, api: ApiKey, took: Duration) {
        let Some(handles) = usize::try_from(api.code()).ok().and_then(|code| self.by_api.get(code)?.as_ref())
        else {
            return;
        };
        handles.requests.inc();
        handles.seconds.observe(took.as_secs_f64());
    }

    /// The text exposition format of Prometheus.
    ///
    /// # Errors
    /// When a collector gives what cannot be encoded.
    pub(crate) fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut out = Vec::with_capacity(8 * 1024);
        TextEncoder::new().encode(&self.registry.gather(), &mut out)?;
        Ok(out)
    }
}
