//! A token bucket on the monotonic clock.

use core::time::Duration;

use broker_types::Mono;

const SECOND_MICROS: u64 = 1_000_000;

/// Lets so many through a second, at most one second's worth at once.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    rate: Option<u64>,
    /// Tokens times a million, so that whole microseconds count exactly.
    level: u64,
    filled_at: Mono,
}

impl TokenBucket {
    /// A full bucket; `None` lets everything through.
    #[must_use]
    pub fn new(rate: Option<u32>) -> Self {
        let rate = rate.map(u64::from);
        Self { rate, level: rate.unwrap_or(0).saturating_mul(SECOND_MICROS), filled_at: Mono::ZERO }
    }

    /// Another rate from now on; what is in the bucket stays, as far as it holds it.
    pub fn set_rate(&mut self, rate: Option<u32>) {
        if self.rate.is_none() {
            *self = Self { filled_at: self.filled_at, ..Self::new(rate) };
        } else {
            self.rate = rate.map(u64::from);
            self.level = self.level.min(self.rate.unwrap_or(0).saturating_mul(SECOND_MICROS));
        }
    }

    /// When the next may go through; `None` for now.
    pub fn ready_at(&mut self, now: Mono) -> Option<Mono> {
        let rate = self.rate?;
        self.fill(now);
        let missing = SECOND_MICROS.saturating_sub(self.level);
        if missing == 0 {
            return None;
        }
        // A rate of zero lets nothing through until it is changed; look again in a second.
        let wait = missing.div_ceil(rate.max(1));
        Some(now.plus(Duration::from_micros(wait)))
    }

    /// Lets one through.
    pub fn take(&mut self, now: Mono) {
        self.fill(now);
        self.level = self.level.saturating_sub(SECOND_MICROS);
    }

    fn fill(&mut self, now: Mono) {
        let Some(rate) = self.rate else { return };
        let passed = u64::try_from(now.since(self.filled_at).as_micros()).unwrap_or(u64::MAX);
        let full = rate.saturating_mul(SECOND_MICROS);
        self.level = self.level.saturating_add(passed.saturating_mul(rate)).min(full);
        self.filled_at = self.filled_at.max(now);
    }
}
