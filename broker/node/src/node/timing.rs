//! Pauses and deadlines.

use core::time::Duration;

use broker_types::{Mono, Random};

/// The earliest of some deadlines.
pub(super) fn earliest<const N: usize>(deadlines: [Option<Mono>; N]) -> Option<Mono> {
    deadlines.into_iter().flatten().min()
}

/// Pauses that double from 100 ms, with a little spread, so that brokers do not come back all at once.
#[derive(Debug)]
pub(super) struct Backoff {
    attempts: u32,
    max: Duration,
    random: Random,
}

impl Backoff {
    const FIRST: Duration = Duration::from_millis(100);

    pub(super) fn new(max: Duration, random: Random) -> Self {
        Self { attempts: 0, max, random }
    }

    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }

    /// The pause after one more failure: up to a fiftieth longer than the doubled one.
    pub(super) fn next(&mut self) -> Duration {
        let doubled = Self::FIRST.saturating_mul(1 << self.attempts.min(20)).min(self.max);
        self.attempts = self.attempts.saturating_add(1);
        let spread = u64::try_from(doubled.as_micros()).unwrap_or(u64::MAX) / 50;
        doubled + Duration::from_micros(self.random.below(spread))
    }
}
