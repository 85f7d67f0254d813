//! How often and how long clients are throttled, and what the busiest of them use.

use std::{
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use broker_node::quotas::{Payer, QuotaKind};
use prometheus::{
    Counter, CounterVec, GaugeVec, IntCounter, IntCounterVec, Opts, Registry,
    core::{Collector, Desc},
    proto::MetricFamily,
};

use super::{Quotas, Rates};

/// So many payers of a quota are told, those that use most.
const PAYERS_MAX: usize = 100;
/// Clients choose their own names: of longer ones the beginning is told.
const NAME_CHARS_MAX: usize = 200;
const KINDS: usize = QuotaKind::ALL.len();

/// The metrics of quotas.
#[derive(Clone, Debug)]
pub(crate) struct QuotaMetrics {
    throttled: [IntCounter; KINDS],
    seconds: [Counter; KINDS],
    /// Where the accounts are, once they are made.
    quotas: Arc<OnceLock<Weak<Quotas>>>,
}

impl QuotaMetrics {
    pub(crate) fn register(registry: &Registry) -> Result<Self, prometheus::Error> {
        let labels = ["quota"];
        let opts = Opts::new("klamm_client_throttled_requests_total", "Requests throttled, by quota");
        let throttled = IntCounterVec::new(opts, &labels)?;
        let opts =
            Opts::new("klamm_client_throttle_seconds_total", "For how long clients were throttled, by quota");
        let seconds = CounterVec::new(opts, &labels)?;
        registry.register(Box::new(throttled.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        let quotas = Arc::<OnceLock<Weak<Quotas>>>::default();
        let opts = Opts::new(
            "klamm_client_quota_used",
            "Used a second of a quota (bytes, percent, partitions), by the busiest who pay for it",
        );
        let used = GaugeVec::new(opts, &["quota", "user", "client_id"])?;
        registry.register(Box::new(Used { used, quotas: Arc::clone(&quotas) }))?;
        Ok(Self {
            throttled: QuotaKind::ALL.map(|kind| throttled.with_label_values(&[kind.key()])),
            seconds: QuotaKind::ALL.map(|kind| seconds.with_label_values(&[kind.key()])),
            quotas,
        })
    }

    /// Tells what these accounts hold from now on.
    pub(crate) fn tell_of(&self, quotas: &Arc<Quotas>) {
        // Made once; a second one would be told as the first.
        let _already = self.quotas.set(Arc::downgrade(quotas));
    }

    pub(super) fn throttled(&self, kind: QuotaKind, throttled: Duration) {
        let all = QuotaKind::ALL.iter().zip(self.throttled.iter().zip(&self.seconds));
        for (_, (count, seconds)) in all.filter(|(own, _)| **own == kind) {
            count.inc();
            seconds.inc_by(throttled.as_secs_f64());
        }
    }
}

/// What the busiest use, read when it is asked for.
struct Used {
    used: GaugeVec,
    quotas: Arc<OnceLock<Weak<Quotas>>>,
}

impl Collector for Used {
    fn desc(&self) -> Vec<&Desc> {
        self.used.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Some(quotas) = self.quotas.get().and_then(Weak::upgrade) else { return Vec::new() };
        self.used.reset();
        for (kind, rates) in [
            (QuotaKind::Produce, &quotas.produced),
            (QuotaKind::Fetch, &quotas.fetched),
            (QuotaKind::Request, &quotas.worked),
        ] {
            for (payer, used) in quotas.busiest(rates) {
                let text = |part: &Option<broker_protocol::Str>| -> String {
                    part.iter().flat_map(|name| name.chars()).take(NAME_CHARS_MAX).collect()
                };
                let labels = [kind.key(), &text(&payer.user), &text(&payer.client)];
                self.used.with_label_values(&labels).set(used);
            }
        }
        self.used.collect()
    }
}

impl Quotas {
    fn busiest(&self, rates: &Rates) -> Vec<(Payer, f64)> {
        let now = self.clock.mono();
        let mut accounts = rates.lock();
        let windows = accounts.windows();
        let mut all: Vec<_> =
            accounts.iter(now).map(|(payer, rate)| (payer.clone(), rate.measure(windows, now))).collect();
        drop(accounts);
        all.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        all.truncate(PAYERS_MAX);
        all
    }
}
