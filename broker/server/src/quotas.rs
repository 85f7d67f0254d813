//! What clients use of their quotas, and for how long they are throttled (KIP-13, KIP-124, KIP-219, KIP-599). Who is charged
//! and how much is too much is decided in [`broker_node::quotas`].
//!
//! Invariants: a kind of quota that limits nobody costs one relaxed load; an account is locked for moments only.

mod metrics;
mod mutations;
#[cfg(test)]
mod tests;
mod work;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use broker_metadata::ClientQuotas;
pub(crate) use broker_node::quotas::QuotaKind;
use broker_node::quotas::{Accounts, Charged, Limits, Payer, Rate, TokenBucket, Windows};
use broker_protocol::{ApiKey, ErrorCode};
use broker_types::Mono;
use parking_lot::Mutex;

pub(crate) use self::{
    metrics::QuotaMetrics,
    mutations::Permit,
    work::{Timed, Work},
};
use crate::{clock::Clock, context::RequestContext};

/// So many payers of one quota are told apart at a time.
const ACCOUNTS_MAX: usize = 10_000;
/// A whole thread's time is this many percent.
const WHOLE_PERCENT: f64 = 100.0;

/// The limits of every kind, in the order of [`QuotaKind::ALL`].
type AllLimits = [Limits; QuotaKind::ALL.len()];
type Rates = Mutex<Accounts<Payer, Rate>>;

/// The quotas of this node's clients.
#[derive(Debug)]
pub(crate) struct Quotas {
    clock: Clock,
    /// One bit for each kind that limits somebody.
    limited: AtomicU8,
    limits: ArcSwap<AllLimits>,
    produced: Rates,
    fetched: Rates,
    worked: Rates,
    mutated: Mutex<Accounts<Payer, TokenBucket>>,
    metrics: QuotaMetrics,
}

impl Quotas {
    /// Nobody is limited yet.
    pub(crate) fn new(windows: &broker_config::Quotas, clock: Clock, metrics: QuotaMetrics) -> Arc<Self> {
        let of = |windows: broker_config::QuotaWindows| Windows::new(windows.count, windows.length);
        let rates = || Mutex::new(Accounts::new(of(windows.clients), ACCOUNTS_MAX));
        let mutated = Mutex::new(Accounts::new(of(windows.controller), ACCOUNTS_MAX));
        Arc::new(Self {
            clock,
            limited: AtomicU8::new(0),
            limits: ArcSwap::default(),
            produced: rates(),
            fetched: rates(),
            worked: rates(),
            mutated,
            metrics,
        })
    }

    /// These hold from now on; what was used before counts.
    pub(crate) fn follow(&self, quotas: &ClientQuotas) {
        let limits = QuotaKind::ALL.map(|kind| Limits::of(kind, quotas));
        let bits = limits.iter().zip(QuotaKind::ALL).filter(|(limits, _)| !limits.is_empty());
        let limited = bits.fold(0, |bits, (_, kind)| bits | bit(kind));
        self.limits.store(Arc::new(limits));
        self.limited.store(limited, Ordering::Relaxed);
    }

    /// Whether quotas of this kind limit anybody.
    pub(crate) fn limit_any(&self, kind: QuotaKind) -> bool {
        self.limited.load(Ordering::Relaxed) & bit(kind) != 0
    }

    /// Who pays for what this client does.
    fn charged(&self, kind: QuotaKind, context: &RequestContext) -> Option<Charged> {
        if !self.limit_any(kind) {
            return None;
        }
        let limits = self.limits.load();
        let [produce, fetch, request, mutation] = &**limits;
        let limits = match kind {
            QuotaKind::Produce => produce,
            QuotaKind::Fetch => fetch,
            QuotaKind::Request => request,
            QuotaKind::ControllerMutation => mutation,
        };
        limits.charged(context.principal.name(), context.client_id.as_deref())
    }

    /// Charges a producer with its whole request, as Kafka does; for how long it is throttled.
    pub(crate) fn produced(&self, context: &RequestContext) -> Duration {
        let Some(charged) = self.charged(QuotaKind::Produce, context) else { return Duration::ZERO };
        let bytes = number(context.request_bytes);
        self.told(QuotaKind::Produce, charge(&self.produced, self.clock.mono(), &charged, bytes))
    }

    /// Charges a consumer with what it is about to get and with the time that this took. Where it is throttled it gets
    /// nothing, and is not charged with that.
    pub(crate) fn fetched(&self, context: &RequestContext, bytes: usize) -> Duration {
        let worked = self.worked(context);
        let Some(charged) = self.charged(QuotaKind::Fetch, context) else { return worked };
        let (now, bytes) = (self.clock.mono(), number(bytes));
        let throttled = self.told(QuotaKind::Fetch, charge(&self.fetched, now, &charged, bytes)).max(worked);
        if !throttled.is_zero() {
            let mut accounts = self.fetched.lock();
            let windows = accounts.windows();
            accounts.of(now, &charged.payer).record(windows, now, -bytes);
        }
        throttled
    }

    /// The most bytes that a consumer may get at once: more would throttle it for ever.
    pub(crate) fn fetch_bytes_max(&self, context: &RequestContext) -> u32 {
        let Some(charged) = self.charged(QuotaKind::Fetch, context) else { return u32::MAX };
        let windows = self.fetched.lock().windows();
        let seconds = windows.length.as_secs_f64() * f64::from(windows.count - 1);
        Duration::try_from_secs_f64(charged.limit * seconds)
            .map_or(u32::MAX, |whole| u32::try_from(whole.as_secs()).unwrap_or(u32::MAX))
    }

    /// Charges a client with the time that its request took so far; at most a window is it throttled for that.
    pub(crate) fn worked(&self, context: &RequestContext) -> Duration {
        let Some(work) = &context.work else { return Duration::ZERO };
        if is_exempt(context.api_key) {
            return Duration::ZERO;
        }
        let Some(charged) = self.charged(QuotaKind::Request, context) else { return Duration::ZERO };
        let now = self.clock.mono();
        let percent = work.so_far(now).as_secs_f64() * WHOLE_PERCENT;
        let throttled = charge(&self.worked, now, &charged, percent);
        let longest = self.worked.lock().windows().length;
        self.told(QuotaKind::Request, throttled.min(longest))
    }

    /// Counts a throttled request.
    fn told(&self, kind: QuotaKind, throttled: Duration) -> Duration {
        if !throttled.is_zero() {
            self.metrics.throttled(kind, throttled);
        }
        throttled
    }
}

fn bit(kind: QuotaKind) -> u8 {
    match kind {
        QuotaKind::Produce => 1,
        QuotaKind::Fetch => 2,
        QuotaKind::Request => 4,
        QuotaKind::ControllerMutation => 8,
    }
}

fn charge(rates: &Rates, now: Mono, charged: &Charged, value: f64) -> Duration {
    let mut accounts = rates.lock();
    let windows = accounts.windows();
    let rate = accounts.of(now, &charged.payer);
    rate.record(windows, now, value);
    rate.throttle(windows, now, charged.limit)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// As answers tell it.
pub(crate) fn millis(throttled: Duration) -> i32 {
    i32::try_from(throttled.as_millis()).unwrap_or(i32::MAX)
}

/// What brokers and controllers ask of each other is never throttled for its time. (Apache Kafka throttles a few of these
/// where the quota of all users or of the brokers' own says so: heartbeats that come too late fence a broker.)
fn is_exempt(api: ApiKey) -> bool {
    matches!(
        api,
        ApiKey::Vote
            | ApiKey::BeginQuorumEpoch
            | ApiKey::EndQuorumEpoch
            | ApiKey::FetchSnapshot
            | ApiKey::DescribeQuorum
            | ApiKey::UpdateRaftVoter
            | ApiKey::AlterPartition
            | ApiKey::Envelope
            | ApiKey::BrokerRegistration
            | ApiKey::BrokerHeartbeat
            | ApiKey::ControllerRegistration
            | ApiKey::AllocateProducerIds
            | ApiKey::AssignReplicasToDirs
            | ApiKey::WriteTxnMarkers
    )
}

/// What a topic is told whose change was not taken up.
pub(crate) fn exceeded() -> (ErrorCode, &'static str) {
    (ErrorCode::ThrottlingQuotaExceeded, ErrorCode::ThrottlingQuotaExceeded.message())
}
