//! How fast throttled replicas are copied (KIP-73, KIP-113).
//!
//! ```text
//! record(bytes) ─► windows ─► rate = bytes in them / their time ─► is_exceeded, exceeded_until
//! ```
//! As Kafka's: a quota is looked at before a copy and charged after it, so that one copy may go past it and the next waits
//! until the mean is below again. Invariant: memory is bounded by the number of windows.

use alloc::collections::VecDeque;
use core::time::Duration;

use broker_types::Mono;

/// Bytes a second over the last windows, and how many may be.
#[derive(Clone, Debug)]
pub struct ReplicationQuota {
    windows_max: usize,
    window: Duration,
    /// `None`: without limit.
    rate_max: Option<u64>,
    samples: VecDeque<Sample>,
}

/// What was copied in one window.
#[derive(Clone, Copy, Debug)]
struct Sample {
    began: Mono,
    last: Mono,
    bytes: u64,
}

const SECOND_MICROS: u128 = 1_000_000;

impl ReplicationQuota {
    /// Without limit; measured over so many windows of this length (`replication.quota.window.num` and
    /// `replication.quota.window.size.seconds`, or those of moves between log directories).
    #[must_use]
    pub fn new(windows_max: usize, window: Duration) -> Self {
        Self { windows_max: windows_max.max(1), window, rate_max: None, samples: VecDeque::new() }
    }

    /// Bytes a second from now on; what was copied before counts.
    pub const fn set_rate_max(&mut self, rate_max: Option<u64>) {
        self.rate_max = rate_max;
    }

    /// So many bytes were copied, or are about to be: they count, also past the quota.
    pub fn record(&mut self, now: Mono, bytes: u64) {
        self.forget(now);
        let is_over = |sample: &Sample| now.since(sample.began) >= self.window;
        if self.samples.back().is_none_or(is_over) {
            self.samples.push_back(Sample { began: now, last: now, bytes: 0 });
        }
        if let Some(sample) = self.samples.back_mut() {
            sample.last = now;
            sample.bytes = sample.bytes.saturating_add(bytes);
        }
        // One more than asked for: the oldest is on its way out.
        if self.samples.len() > self.windows_max + 1 {
            self.samples.pop_front();
        }
    }

    /// Whether more was copied than may be.
    pub fn is_exceeded(&mut self, now: Mono) -> bool {
        self.exceeded_until(now).is_some()
    }

    /// When to look again, if more was copied than may be: the mean is below then, or a window is forgotten.
    pub fn exceeded_until(&mut self, now: Mono) -> Option<Mono> {
        let rate_max = self.rate_max?;
        self.forget(now);
        let oldest = *self.samples.front()?;
        let bytes: u128 = self.samples.iter().map(|sample| u128::from(sample.bytes)).sum();
        let elapsed = now.since(oldest.began).max(self.window).as_micros();
        if bytes.saturating_mul(SECOND_MICROS) <= u128::from(rate_max).saturating_mul(elapsed) {
            return None;
        }
        let needed = bytes.saturating_mul(SECOND_MICROS).div_ceil(u128::from(rate_max).max(1));
        let below = oldest.began.plus(Duration::from_micros(u64::try_from(needed).unwrap_or(u64::MAX)));
        Some(below.min(oldest.last.plus(self.kept())))
    }

    /// How long a window counts after its last copy.
    fn kept(&self) -> Duration {
        self.window.saturating_mul(u32::try_from(self.windows_max).unwrap_or(u32::MAX))
    }

    fn forget(&mut self, now: Mono) {
        let kept = self.kept();
        while self.samples.front().is_some_and(|oldest| now.since(oldest.last) >= kept) {
            self.samples.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Mono {
        Mono::from_micros(1_000_000_000 + millis * 1_000)
    }

    /// 1000 bytes a second over three windows of a second.
    fn quota() -> ReplicationQuota {
        let mut quota = ReplicationQuota::new(3, SECOND);
        quota.set_rate_max(Some(1_000));
        quota
    }

    #[test]
    fn the_first_copy_may_go_past_it_and_the_next_waits_until_the_mean_is_below() {
        let mut quota = quota();
        assert!(!quota.is_exceeded(at(0)));
        quota.record(at(0), 2_500);
        assert_eq!(quota.exceeded_until(at(0)), Some(at(2_500)));
        assert!(quota.is_exceeded(at(2_499)));
        assert!(!quota.is_exceeded(at(2_500)));
    }

    #[test]
    fn what_is_just_allowed_is_not_exceeded() {
        let mut quota = quota();
        quota.record(at(0), 1_000);
        assert!(!quota.is_exceeded(at(0)), "the mean is over a whole window at least");
        quota.record(at(0), 1);
        assert_eq!(quota.exceeded_until(at(0)), Some(at(1_001)));
    }

    #[test]
    fn windows_are_forgotten_and_with_them_what_was_too_much() {
        let mut quota = quota();
        quota.record(at(0), 1_000_000);
        assert_eq!(quota.exceeded_until(at(0)), Some(at(3_000)), "then it is looked at again");
        quota.record(at(1_200), 100);
        assert!(quota.is_exceeded(at(2_999)));
        assert!(!quota.is_exceeded(at(3_000)));
    }

    #[test]
    fn a_steady_copy_is_as_fast_as_allowed() {
        let mut quota = quota();
        let (mut copied, mut now) = (0, 0);
        while now < 60_000 {
            if !quota.is_exceeded(at(now)) {
                quota.record(at(now), 700);
                copied += 700;
            }
            now += 10;
        }
        assert!((57_000..=66_000).contains(&copied), "{copied} bytes in a minute");
        assert!(quota.samples.len() <= 4);
    }

    #[test]
    fn another_rate_holds_at_once_and_none_lets_everything_through() {
        let mut quota = quota();
        quota.record(at(0), 1_500);
        assert!(quota.is_exceeded(at(0)));
        quota.set_rate_max(Some(1_500));
        assert!(!quota.is_exceeded(at(0)));
        quota.set_rate_max(Some(0));
        assert_eq!(quota.exceeded_until(at(0)), Some(at(3_000)));
        quota.set_rate_max(None);
        assert!(!quota.is_exceeded(at(0)));
    }
}
