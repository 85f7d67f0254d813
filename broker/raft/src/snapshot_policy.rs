//! When a snapshot is due.

use core::time::Duration;

use broker_types::Timestamp;

/// By bytes of records since the last one, or by time when there is anything new.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotPolicy {
    bytes_max: u64,
    interval_max: Option<Duration>,
    bytes: u64,
    last: Timestamp,
}

impl SnapshotPolicy {
    /// `metadata.log.max.record.bytes.between.snapshots` and `metadata.log.max.snapshot.interval.ms` (0: never by
    /// time, so `None`).
    #[must_use]
    pub const fn new(bytes_max: u64, interval_max: Option<Duration>, now: Timestamp) -> Self {
        Self { bytes_max, interval_max, bytes: 0, last: now }
    }

    /// So many bytes of records were committed.
    pub const fn committed(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Whether one is due.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        let by_time = self.interval_max.is_some_and(|interval| now.since(self.last) >= interval);
        self.bytes >= self.bytes_max || (self.bytes > 0 && by_time)
    }

    /// One was written.
    pub const fn written(&mut self, now: Timestamp) {
        self.bytes = 0;
        self.last = now;
    }
}
