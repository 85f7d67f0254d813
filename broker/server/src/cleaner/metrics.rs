//! What compaction does, in figures.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use broker_types::Mono;
use prometheus::{Gauge, IntCounter, IntGauge, Registry, core::Collector};

use super::{pick::Look, round::Report};

/// The cleaner's metrics. Those of a round are the last one's.
#[derive(Debug)]
pub(crate) struct CleanerMetrics {
    rounds: IntCounter,
    read_bytes: IntCounter,
    written_bytes: IntCounter,
    recopy_percent: IntGauge,
    buffer_percent: IntGauge,
    round_seconds: Gauge,
    dirty_percent_max: IntGauge,
    delay_seconds_max: Gauge,
    since_last_run: Gauge,
    pub(super) uncleanable_partitions: IntGauge,
    pub(super) dead_threads: IntGauge,
    /// Microseconds of the monotonic clock.
    last_run: AtomicU64,
}

fn registered<C: Collector + Clone + 'static>(
    registry: &Registry,
    metric: C,
) -> Result<C, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

impl CleanerMetrics {
    /// Registers all.
    ///
    /// # Errors
    /// When a metric has another one's name.
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str| {
            registered(registry, IntCounter::new(format!("klamm_cleaner_{name}"), help)?)
        };
        let gauge = |name: &str, help: &str| {
            registered(registry, IntGauge::new(format!("klamm_cleaner_{name}"), help)?)
        };
        let seconds = |name: &str, help: &str| {
            registered(registry, Gauge::new(format!("klamm_cleaner_{name}_seconds"), help)?)
        };
        Ok(Self {
            rounds: counter("rounds_total", "Rounds of compaction that came to their end")?,
            read_bytes: counter("read_bytes_total", "Bytes of batches read to be compacted")?,
            written_bytes: counter("written_bytes_total", "Bytes of batches that compaction left")?,
            recopy_percent: gauge("recopy_percent", "Bytes that the last round left, of those it read")?,
            buffer_percent: gauge("buffer_percent", "How full the key map of the last round was")?,
            round_seconds: seconds("round", "Time that the last round took")?,
            dirty_percent_max: gauge("max_dirty_percent", "Dirty part of the dirtiest compacted log")?,
            delay_seconds_max: seconds(
                "max_compaction_delay",
                "By how much a record has waited longer than max.compaction.lag.ms, at most",
            )?,
            since_last_run: seconds("since_last_run", "Time since dirty logs were looked for")?,
            uncleanable_partitions: gauge("uncleanable_partitions", "Logs that cannot be compacted")?,
            dead_threads: gauge("dead_threads", "Rounds of compaction that ended by an internal error")?,
            last_run: AtomicU64::new(0),
        })
    }

    pub(super) fn looked(&self, look: &Look, now: Mono) {
        self.dirty_percent_max.set((look.dirty_ratio_max * 100.0) as i64);
        self.delay_seconds_max.set(look.overdue_max.as_secs_f64());
        self.last_run.store(now.as_micros(), Ordering::Relaxed);
    }

    pub(super) fn cleaned(&self, report: &Report) {
        let Report { totals, took } = report;
        self.rounds.inc();
        self.read_bytes.inc_by(totals.bytes_read);
        self.written_bytes.inc_by(totals.bytes_written);
        let percent = totals.bytes_written.saturating_mul(100).checked_div(totals.bytes_read).unwrap_or(0);
        self.recopy_percent.set(i64::try_from(percent).unwrap_or(i64::MAX));
        self.buffer_percent.set(i64::try_from(totals.map_percent).unwrap_or(i64::MAX));
        self.round_seconds.set(took.as_secs_f64());
    }

    /// Brings what depends on the time up to it; before the metrics are told.
    pub(crate) fn refresh(&self, now: Mono) {
        let last = Mono::from_micros(self.last_run.load(Ordering::Relaxed));
        let since: Duration = now.since(last);
        self.since_last_run.set(since.as_secs_f64());
    }
}
