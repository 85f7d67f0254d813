//! How much clients may use (KIP-13, KIP-124, KIP-257, KIP-599).
//!
//! ```text
//! ClientQuotas (image) ─► Limits ── who asks ──► Charged { payer, limit }
//!                                                     │
//!         Accounts of Rate, Accounts of TokenBucket ◄─┘ value ──► how long the client is throttled
//! ```
//! Who asks is charged by the first entity that has the quota: user and client id, user and any client id, user, any user and
//! client id, any user and any client id, any user, client id, any client id. Invariants: whoever has no limit has no
//! account; an account is kept no longer than it says anything, and there are never more than a stated number.

mod accounts;
mod limits;
mod rate;
mod token_bucket;

use core::time::Duration;

pub use self::{
    accounts::{Accounts, Payer},
    limits::{Charged, Limits, QuotaKind},
    rate::Rate,
    token_bucket::TokenBucket,
};

/// The windows that a quota is measured in (`quota.window.num`, `quota.window.size.seconds` and their like).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// How many count; at least one.
    pub count: u32,
    /// How long each is; at least a millisecond.
    pub length: Duration,
}

impl Default for Windows {
    /// Kafka's: eleven of a second.
    fn default() -> Self {
        Self { count: 11, length: Duration::from_secs(1) }
    }
}

impl Windows {
    /// So many of this length, but at least one of a millisecond.
    #[must_use]
    pub fn new(count: usize, length: Duration) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Self { count, length: length.max(Duration::from_millis(1)) }
    }

    /// How long what was used counts.
    #[must_use]
    pub fn span(self) -> Duration {
        self.length.saturating_mul(self.count)
    }

    /// As [`Self::span`], in milliseconds.
    fn span_millis(self) -> u64 {
        whole_millis(self.span())
    }
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds as a number to reckon with: some weeks at most.
fn as_number(millis: u64) -> f64 {
    f64::from(u32::try_from(millis).unwrap_or(u32::MAX))
}

/// The longest that Kafka's answers can tell, in milliseconds.
const THROTTLE_MILLIS_MAX: f64 = 2_147_483_647.0;

/// Rounded to whole milliseconds; zero for what is no positive number.
fn throttled_for(millis: f64) -> Duration {
    if millis.is_nan() || millis <= 0.0 {
        return Duration::ZERO;
    }
    let rounded = Duration::try_from_secs_f64((millis.min(THROTTLE_MILLIS_MAX) + 0.5) / 1000.0);
    Duration::from_millis(rounded.map_or(0, whole_millis))
}
