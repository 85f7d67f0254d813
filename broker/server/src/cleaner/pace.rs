//! How fast all rounds together may read and write (`log.cleaner.io.max.bytes.per.second`), and that they end when the
//! broker drains.

use std::{ops::ControlFlow, time::Duration};

use broker_types::Mono;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;

/// So much may be ahead of its time: many small reads wait once.
const AHEAD_MAX: Duration = Duration::from_millis(300);

/// Bytes that were moved, as the time that they take at the rate.
#[derive(Clone, Copy, Debug)]
struct Meter {
    /// Bytes a second; without limit when it is as large as it can be.
    rate: f64,
    /// When all bytes so far may have been moved.
    paid_until: Mono,
}

impl Meter {
    /// Notes `bytes` that were moved; how long to wait before the next.
    fn charge(&mut self, now: Mono, bytes: u64) -> Duration {
        let seconds = bytes as f64 / self.rate.max(1.0);
        // A day, where a rate is too small to be meant.
        let cost = Duration::from_secs_f64(seconds.clamp(0.0, 86_400.0));
        self.paid_until = self.paid_until.max(now).plus(cost);
        let ahead = self.paid_until.since(now);
        if ahead > AHEAD_MAX { ahead } else { Duration::ZERO }
    }
}

/// The pace of all rounds.
#[derive(Debug)]
pub(super) struct Pace {
    clock: Clock,
    draining: CancellationToken,
    meter: Mutex<Meter>,
}

impl Pace {
    pub(super) fn new(clock: Clock, draining: CancellationToken) -> Self {
        let meter = Meter { rate: f64::MAX, paid_until: clock.mono() };
        Self { clock, draining, meter: Mutex::new(meter) }
    }

    /// Bytes a second from now on.
    pub(super) fn set_rate(&self, rate: f64) {
        self.meter.lock().rate = rate;
    }

    /// Whether rounds are to end.
    pub(super) fn is_over(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Notes bytes that were moved, and waits as long as the rate asks for. Blocks; not for tasks.
    pub(super) fn moved(&self, bytes: u64) -> ControlFlow<()> {
        let wait = self.meter.lock().charge(self.clock.mono(), bytes);
        if !wait.is_zero() {
            let drained = tokio::time::timeout(wait, self.draining.cancelled());
            let _ = tokio::runtime::Handle::current().block_on(drained);
        }
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Mono {
        Mono::from_micros(millis * 1000)
    }

    #[test]
    fn bytes_take_the_time_that_the_rate_gives_them() {
        let mut meter = Meter { rate: 1000.0, paid_until: at(0) };
        assert_eq!(meter.charge(at(0), 100), Duration::ZERO, "a little ahead is fine");
        assert_eq!(meter.charge(at(0), 100), Duration::ZERO);
        assert_eq!(meter.charge(at(0), 200), Duration::from_millis(400));
        assert_eq!(meter.charge(at(400), 100), Duration::ZERO);
        assert_eq!(meter.charge(at(10_000), 1000), Duration::from_secs(1), "idle time is not saved up");
    }

    #[test]
    fn no_limit_never_waits_and_a_senseless_one_waits_a_day_at_most() {
        let mut meter = Meter { rate: f64::MAX, paid_until: at(0) };
        assert_eq!(meter.charge(at(0), u64::MAX), Duration::ZERO);
        let mut meter = Meter { rate: -1.0, paid_until: at(0) };
        assert_eq!(meter.charge(at(0), u64::MAX), Duration::from_secs(86_400));
    }

    #[tokio::test]
    async fn a_drain_ends_a_wait() {
        let draining = CancellationToken::new();
        let pace = std::sync::Arc::new(Pace::new(Clock::start(), draining.clone()));
        pace.set_rate(1.0);
        let waiting = std::sync::Arc::clone(&pace);
        let waiting = tokio::task::spawn_blocking(move || waiting.moved(1 << 30));
        draining.cancel();
        assert_eq!(waiting.await.unwrap(), ControlFlow::Break(()));
    }
}
