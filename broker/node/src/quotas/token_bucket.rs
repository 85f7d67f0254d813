//! Changes of the metadata that may be asked for (KIP-599): a bucket that fills at the limit, up to what all windows may have.
//! While it holds something anything may be taken, also more than it holds.

use core::time::Duration;

use broker_types::Mono;

use super::{Windows, as_number, throttled_for, whole_millis};

/// What one payer may still ask for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenBucket {
    /// `None`: full.
    filled: Option<Filled>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Filled {
    at_millis: u64,
    tokens: f64,
}

impl TokenBucket {
    /// What is in it; below zero nothing may be taken.
    pub fn level(&mut self, windows: Windows, now: Mono, limit: f64) -> f64 {
        let now = whole_millis(now.since(Mono::ZERO));
        let full = limit * as_number(windows.span_millis()) / 1000.0;
        let tokens = match self.filled {
            None => full,
            Some(Filled { at_millis, tokens }) => {
                let passed = as_number(now.saturating_sub(at_millis));
                full.min(tokens + limit * passed / 1000.0)
            }
        };
        self.filled = Some(Filled { at_millis: now, tokens });
        tokens
    }

    /// Takes so many out; a negative number puts them back, as far as there is room.
    pub fn take(&mut self, windows: Windows, now: Mono, limit: f64, tokens: f64) {
        let full = limit * as_number(windows.span_millis()) / 1000.0;
        let level = full.min(self.level(windows, now, limit) - tokens);
        if let Some(filled) = &mut self.filled {
            filled.tokens = level;
        }
    }

    /// How long until it holds something again; zero when it does.
    pub fn throttle(&mut self, windows: Windows, now: Mono, limit: f64) -> Duration {
        throttle_of(self.level(windows, now, limit), limit)
    }
}

/// How long a bucket takes from this level to zero.
fn throttle_of(level: f64, limit: f64) -> Duration {
    if level < 0.0 { throttled_for(-level / limit * 1000.0) } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOWS: Windows = Windows { count: 10, length: Duration::from_secs(1) };

    fn at(millis: u64) -> Mono {
        Mono::from_micros(millis * 1_000)
    }

    #[test]
    fn a_burst_may_go_past_it_and_is_waited_out() {
        let mut bucket = TokenBucket::default();
        assert_eq!(bucket.level(WINDOWS, at(0), 5.0), 50.0);
        bucket.take(WINDOWS, at(0), 5.0, 110.0);
        assert_eq!(bucket.throttle(WINDOWS, at(0), 5.0), Duration::from_secs(12));
        assert_eq!(bucket.throttle(WINDOWS, at(11_999), 5.0), Duration::from_millis(1));
        assert_eq!(bucket.throttle(WINDOWS, at(12_000), 5.0), Duration::ZERO);
        assert_eq!(bucket.level(WINDOWS, at(60_000), 5.0), 50.0, "it holds no more");
    }

    #[test]
    fn what_is_put_back_counts_as_not_taken() {
        let mut bucket = TokenBucket::default();
        bucket.take(WINDOWS, at(0), 1.0, 30.0);
        bucket.take(WINDOWS, at(0), 1.0, -25.0);
        assert_eq!(bucket.level(WINDOWS, at(0), 1.0), 5.0);
        bucket.take(WINDOWS, at(0), 1.0, -25.0);
        assert_eq!(bucket.level(WINDOWS, at(0), 1.0), 10.0);
    }

    #[test]
    fn another_limit_holds_at_once() {
        let mut bucket = TokenBucket::default();
        bucket.take(WINDOWS, at(0), 1.0, 20.0);
        assert_eq!(bucket.throttle(WINDOWS, at(0), 1.0), Duration::from_secs(10));
        assert_eq!(bucket.throttle(WINDOWS, at(0), 10.0), Duration::from_secs(1));
    }
}
