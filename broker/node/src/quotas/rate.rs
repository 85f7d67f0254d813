//! What was used a second, measured over windows as Kafka's `Rate` measures it.
//!
//! Invariant: memory is bounded by the number of windows.

use alloc::collections::VecDeque;
use core::time::Duration;

use broker_types::Mono;

use super::{Windows, as_number, throttled_for, whole_millis};

/// What one payer used of late.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rate {
    samples: VecDeque<Sample>,
}

/// What was used in one window; times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sample {
    began: u64,
    last: u64,
    value: f64,
}

impl Rate {
    /// So much was used; a negative value takes back what was recorded and not used.
    pub fn record(&mut self, windows: Windows, now: Mono, value: f64) {
        let now = whole_millis(now.since(Mono::ZERO));
        let length = whole_millis(windows.length);
        if self.samples.back().is_none_or(|sample| now.saturating_sub(sample.began) >= length) {
            self.samples.push_back(Sample { began: now, last: now, value: 0.0 });
        }
        if let Some(sample) = self.samples.back_mut() {
            sample.value += value;
            sample.last = now;
        }
        self.forget(windows, now);
    }

    /// Used a second.
    pub fn measure(&mut self, windows: Windows, now: Mono) -> f64 {
        let now = whole_millis(now.since(Mono::ZERO));
        self.forget(windows, now);
        self.per_second(self.elapsed_millis(windows, now))
    }

    /// How long until the rate is back at `limit` when nothing more is used (KIP-219); zero when it is not above.
    pub fn throttle(&mut self, windows: Windows, now: Mono, limit: f64) -> Duration {
        let now = whole_millis(now.since(Mono::ZERO));
        self.forget(windows, now);
        let elapsed = self.elapsed_millis(windows, now);
        let excess = self.per_second(elapsed) - limit;
        if excess > 0.0 { throttled_for(excess / limit * elapsed) } else { Duration::ZERO }
    }

    fn per_second(&self, elapsed_millis: f64) -> f64 {
        let used: f64 = self.samples.iter().map(|sample| sample.value).sum();
        used / (elapsed_millis / 1000.0)
    }

    /// The time that the samples stand for: all windows but the last count as full from the first moment, or a client that
    /// begins would seem to be very fast.
    fn elapsed_millis(&self, windows: Windows, now: u64) -> f64 {
        let length = whole_millis(windows.length);
        let elapsed = self.samples.front().map_or(0, |oldest| now.saturating_sub(oldest.began));
        let missing = u64::from(windows.count - 1).saturating_sub(elapsed / length);
        as_number(elapsed.saturating_add(missing.saturating_mul(length)).max(1))
    }

    /// Forgets windows in which nothing happened of late. One that overlaps the time that counts stays whole.
    fn forget(&mut self, windows: Windows, now: u64) {
        let span = windows.span_millis();
        while self.samples.front().is_some_and(|oldest| now.saturating_sub(oldest.last) >= span) {
            self.samples.pop_front();
        }
        let kept = usize::try_from(windows.count).unwrap_or(usize::MAX).saturating_add(1);
        while self.samples.len() > kept {
            self.samples.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows { count: 11, length: Duration::from_secs(1) };

    fn at(millis: u64) -> Mono {
        Mono::from_micros(5_000_000 + millis * 1_000)
    }

    #[test]
    fn a_client_that_begins_has_ten_windows_at_once() {
        let mut rate = Rate::default();
        rate.record(WINDOWS, at(0), 10_000.0);
        assert_eq!(rate.throttle(WINDOWS, at(0), 1_000.0), Duration::ZERO, "as much as ten seconds may have");
        rate.record(WINDOWS, at(0), 1_000.0);
        // 1100 a second over 10 s: one more second brings it back.
        assert_eq!(rate.throttle(WINDOWS, at(0), 1_000.0), Duration::from_secs(1));
        assert_eq!(rate.throttle(WINDOWS, at(999), 1_000.0), Duration::from_millis(1));
        assert_eq!(
            rate.throttle(WINDOWS, at(1_000), 1_000.0),
            Duration::from_secs(1),
            "of ten, one is full now"
        );
    }

    #[test]
    fn what_was_taken_back_was_not_used() {
        let mut rate = Rate::default();
        rate.record(WINDOWS, at(0), 20_000.0);
        assert_eq!(rate.throttle(WINDOWS, at(0), 1_000.0), Duration::from_secs(10));
        rate.record(WINDOWS, at(0), -20_000.0);
        assert_eq!(rate.throttle(WINDOWS, at(0), 1_000.0), Duration::ZERO);
    }

    #[test]
    fn windows_are_forgotten_eleven_seconds_after_their_last_use() {
        let mut rate = Rate::default();
        rate.record(WINDOWS, at(0), 50_000.0);
        rate.record(WINDOWS, at(900), 50_000.0);
        assert!(rate.measure(WINDOWS, at(11_899)) > 8_000.0);
        assert_eq!(rate.measure(WINDOWS, at(11_900)), 0.0);
    }

    #[test]
    fn a_client_that_waits_as_told_uses_what_it_may() {
        let (mut rate, mut now, mut used) = (Rate::default(), 0, 0.0);
        while now < 120_000 {
            rate.record(WINDOWS, at(now), 700.0);
            used += 700.0;
            let wait = rate.throttle(WINDOWS, at(now), 1_000.0);
            now += 10 + u64::try_from(wait.as_millis()).unwrap();
            assert!(rate.samples.len() <= 12);
        }
        assert!((114_000.0..=132_000.0).contains(&used), "{used} in two minutes");
    }

    #[test]
    fn limits_that_are_no_numbers_and_tiny_ones_do_no_harm() {
        let mut rate = Rate::default();
        rate.record(WINDOWS, at(0), 1e300);
        assert_eq!(rate.throttle(WINDOWS, at(0), f64::NAN), Duration::ZERO);
        assert_eq!(rate.throttle(WINDOWS, at(0), f64::INFINITY), Duration::ZERO);
        let longest = Duration::from_millis(2_147_483_647);
        assert_eq!(rate.throttle(WINDOWS, at(0), f64::MIN_POSITIVE), longest);
    }
}
