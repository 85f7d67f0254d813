//! The one place that reads clocks.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use broker_types::{Mono, Now, Timestamp};

/// Reads monotonic time since the broker's start, and wall time. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

#[allow(clippy::disallowed_methods, reason = "this is the one home of the clocks")]
impl Clock {
    /// Monotonic time counts from now.
    #[must_use]
    pub(crate) fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// Both clocks.
    #[must_use]
    pub(crate) fn now(&self) -> Now {
        Now { mono: self.mono(), wall: self.wall() }
    }

    /// Monotonic time.
    #[must_use]
    pub(crate) fn mono(&self) -> Mono {
        Mono::from_micros(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Wall time; a clock before 1970 reads as 1970.
    #[must_use]
    pub(crate) fn wall(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
    }

    /// When an instant was; the broker's start for what was before it.
    #[must_use]
    pub(crate) fn mono_of(&self, instant: tokio::time::Instant) -> Mono {
        let since = instant.into_std().saturating_duration_since(self.start);
        Mono::from_micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
    }

    /// The instant at which tokio's timer must fire for `deadline`.
    #[must_use]
    pub(crate) fn instant_of(&self, deadline: Mono) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.start + std::time::Duration::from_micros(deadline.as_micros()))
    }
}
