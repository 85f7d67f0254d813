//! Which snapshots may go, and with them the start of the log (KIP-630).
//!
//! Invariant: the newest snapshot always stays, and the log always starts at or before the oldest one kept.

use core::time::Duration;

use broker_types::{Offset, Timestamp};

use crate::snapshot::SnapshotId;

/// `metadata.max.retention.bytes` and `metadata.max.retention.ms`; `None` keeps without that limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotRetention {
    /// The most that log and snapshots take together.
    pub bytes_max: Option<u64>,
    /// How long a snapshot that is not the newest stays.
    pub age_max: Option<Duration>,
}

/// A snapshot on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptSnapshot {
    /// Which.
    pub id: SnapshotId,
    /// How large its file is.
    pub bytes: u64,
    /// When the last record in it was appended: its header's own time.
    pub last_time: Timestamp,
}

impl SnapshotRetention {
    /// Whether the oldest of `snapshots`, which are ordered oldest first, may go, and where the log may start then.
    /// Asked again after it went, for `log_bytes` is smaller then.
    #[must_use]
    pub fn due(&self, snapshots: &[KeptSnapshot], log_bytes: u64, now: Timestamp) -> Option<Offset> {
        let [oldest, next, ..] = snapshots else { return None };
        let total = snapshots.iter().fold(log_bytes, |sum, one| sum.saturating_add(one.bytes));
        let too_large = self.bytes_max.is_some_and(|bytes| total > bytes);
        let too_old = self.age_max.is_some_and(|age| now.since(oldest.last_time) > age);
        (too_large || too_old).then_some(next.id.end)
    }
}

#[cfg(test)]
mod tests {
    use broker_types::LeaderEpoch;

    use super::*;

    fn kept(end: i64, bytes: u64, seconds: i64) -> KeptSnapshot {
        let id = SnapshotId { end: Offset::new(end), epoch: LeaderEpoch::new(1) };
        KeptSnapshot { id, bytes, last_time: Timestamp::from_millis(seconds * 1000) }
    }

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn the_oldest_goes_when_all_together_are_too_large() {
        let retention = SnapshotRetention { bytes_max: Some(100), age_max: None };
        let all = [kept(10, 30, 0), kept(20, 30, 0), kept(30, 30, 0)];
        assert_eq!(retention.due(&all, 10, NOW), None);
        assert_eq!(retention.due(&all, 11, NOW), Some(Offset::new(20)));
        assert_eq!(retention.due(&all[1..], 41, NOW), Some(Offset::new(30)));
    }

    #[test]
    fn the_oldest_goes_when_it_is_too_old() {
        let retention = SnapshotRetention { bytes_max: None, age_max: Some(Duration::from_secs(60)) };
        let all = [kept(10, 1, 900), kept(20, 1, 950), kept(30, 1, 990)];
        assert_eq!(retention.due(&all, 0, NOW), Some(Offset::new(20)));
        assert_eq!(retention.due(&all[1..], 0, NOW), None);
    }

    #[test]
    fn the_newest_stays_whatever_its_age_and_size() {
        let retention = SnapshotRetention { bytes_max: Some(1), age_max: Some(Duration::ZERO) };
        assert_eq!(retention.due(&[kept(10, 999, 0)], 999, NOW), None);
        assert_eq!(retention.due(&[], 999, NOW), None);
    }
}
