//! Where each epoch begins in the log: how two logs find out where they part (KIP-101, KIP-595).
//!
//! Invariant: epochs and offsets both grow.

use alloc::vec::Vec;

use broker_types::{LeaderEpoch, Offset};

use crate::snapshot::SnapshotId;

/// The epochs of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochHistory {
    /// The epoch of the last record in the snapshot that the log begins behind, and that snapshot's end.
    base: Option<(LeaderEpoch, Offset)>,
    starts: Vec<(LeaderEpoch, Offset)>,
}

impl EpochHistory {
    /// The history of a log that begins behind a snapshot.
    #[must_use]
    pub const fn behind(snapshot: SnapshotId) -> Self {
        Self { base: Some((snapshot.epoch, snapshot.end)), starts: Vec::new() }
    }

    /// A batch of this epoch lies at this offset. Of an epoch that is known, or an older one, nothing is new.
    pub fn assign(&mut self, epoch: LeaderEpoch, offset: Offset) {
        if self.newest().is_none_or(|last| last < epoch) {
            self.starts.push((epoch, offset));
        }
    }

    /// The epoch of the last record; the first epoch when there is none.
    #[must_use]
    pub fn last(&self) -> LeaderEpoch {
        self.newest().unwrap_or(LeaderEpoch::ZERO)
    }

    fn newest(&self) -> Option<LeaderEpoch> {
        self.starts.last().or(self.base.as_ref()).map(|(epoch, _)| *epoch)
    }

    /// The newest epoch that is not newer than `epoch`, and where its records end in a log that ends at `log_end`.
    /// `None` when every epoch is newer.
    #[must_use]
    pub fn end_of(&self, epoch: LeaderEpoch, log_end: Offset) -> Option<(LeaderEpoch, Offset)> {
        let newer = self.starts.partition_point(|(start, _)| *start <= epoch);
        let base = self.base.filter(|(base, _)| *base <= epoch);
        let before = newer.checked_sub(1).and_then(|index| self.starts.get(index)).copied();
        let (found, _) = before.or(base)?;
        Some((found, self.starts.get(newer).map_or(log_end, |(_, offset)| *offset)))
    }

    /// The log was cut: it ends at `end`.
    pub(crate) fn truncate(&mut self, end: Offset) {
        self.starts.retain(|(_, offset)| *offset < end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_where_the_next_begins() {
        let mut history = EpochHistory::default();
        let (epoch, at) = (LeaderEpoch::new, Offset::new);
        assert_eq!(history.end_of(epoch(3), at(0)), None);
        for (number, offset) in [(1, 0), (1, 4), (3, 10), (2, 12), (5, 20)] {
            history.assign(epoch(number), at(offset));
        }
        assert_eq!(history.end_of(epoch(0), at(30)), None);
        assert_eq!(history.end_of(epoch(1), at(30)), Some((epoch(1), at(10))));
        assert_eq!(history.end_of(epoch(4), at(30)), Some((epoch(3), at(20))));
        assert_eq!(history.end_of(epoch(9), at(30)), Some((epoch(5), at(30))));
        history.truncate(at(20));
        assert_eq!(history.last(), epoch(3));
    }

    #[test]
    fn a_log_behind_a_snapshot_goes_on_with_its_epoch() {
        let (epoch, at) = (LeaderEpoch::new, Offset::new);
        let mut history = EpochHistory::behind(SnapshotId { end: at(40), epoch: epoch(3) });
        history.assign(epoch(3), at(40));
        history.assign(epoch(5), at(44));
        assert_eq!(history.end_of(epoch(2), at(50)), None);
        assert_eq!(history.end_of(epoch(3), at(50)), Some((epoch(3), at(44))));
        history.truncate(at(40));
        assert_eq!(history.end_of(epoch(9), at(40)), Some((epoch(3), at(40))));
    }
}
