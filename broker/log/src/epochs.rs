//! Which leader epoch began at which offset (KIP-101, KIP-279).
//!
//! Invariant: epochs and start offsets rise strictly; no entry starts at or beyond the log's end.
//!
//! Durability point: the file is written when the log is flushed, before the recovery point moves. Entries above
//! the recovery point are found again by the recovery scan.

use broker_types::{LeaderEpoch, Offset};

/// An epoch and the offset of its first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochStart {
    /// The epoch.
    pub epoch: LeaderEpoch,
    /// Its first record.
    pub start: Offset,
}

/// The answer to "where does this epoch end?".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The largest epoch not beyond the one asked for that has records.
    pub epoch: LeaderEpoch,
    /// The offset after its last record.
    pub end: Offset,
}

/// The epochs of one log.
#[derive(Debug, Default)]
pub(crate) struct Epochs {
    entries: Vec<EpochStart>,
    dirty: bool,
}

impl Epochs {
    /// From a file's entries; those that break the order are dropped with all before them, as appending them
    /// one by one would.
    pub(crate) fn load(entries: impl IntoIterator<Item = EpochStart>) -> Self {
        let mut epochs = Self::default();
        entries.into_iter().for_each(|entry| epochs.assign(entry.epoch, entry.start));
        epochs.dirty = false;
        epochs
    }

    pub(crate) fn entries(&self) -> &[EpochStart] {
        &self.entries
    }

    /// Whether the file is behind.
    pub(crate) const fn is_dirty(&self) -> bool {
        self.dirty
    }

    pub(crate) const fn written(&mut self) {
        self.dirty = false;
    }

    pub(crate) fn latest(&self) -> Option<LeaderEpoch> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// Notes that a batch of `epoch` was appended at `start`. What contradicts it (an epoch not smaller, a start
    /// not smaller) was truncated away elsewhere and goes.
    pub(crate) fn assign(&mut self, epoch: LeaderEpoch, start: Offset) {
        if epoch.get() < 0 || self.latest() == Some(epoch) {
            return;
        }
        while self.entries.last().is_some_and(|last| last.epoch >= epoch || last.start >= start) {
            self.entries.pop();
        }
        self.entries.push(EpochStart { epoch, start });
        self.dirty = true;
    }

    /// The log was cut to end at `end`.
    pub(crate) fn truncate_end(&mut self, end: Offset) {
        let kept = self.entries.partition_point(|entry| entry.start < end);
        if kept < self.entries.len() {
            self.entries.truncate(kept);
            self.dirty = true;
        }
    }

    /// Records before `start` are gone: the epoch that `start` lies in begins there now.
    pub(crate) fn truncate_start(&mut self, start: Offset) {
        let Some(current) = self.entries.partition_point(|entry| entry.start <= start).checked_sub(1) else {
            return;
        };
        if current > 0 || self.entries[0].start < start {
            self.entries.drain(..current);
            self.entries[0].start = start;
            self.dirty = true;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.dirty |= !self.entries.is_empty();
        self.entries.clear();
    }

    /// Where `epoch` ends, or the largest epoch before it; the latest ends at `log_end`. `None` when nothing of
    /// that age is known.
    pub(crate) fn end_for(&self, epoch: LeaderEpoch, log_end: Offset) -> Option<EpochEnd> {
        let after = self.entries.partition_point(|entry| entry.epoch <= epoch);
        match self.entries.get(after) {
            None if self.latest() == Some(epoch) => Some(EpochEnd { epoch, end: log_end }),
            // A future epoch: nobody here can say where it ends.
            None => None,
            Some(next) => {
                // Before the first known epoch: it ended where that one begins.
                let epoch = after.checked_sub(1).map_or(epoch, |floor| self.entries[floor].epoch);
                Some(EpochEnd { epoch, end: next.start })
            }
        }
    }

    /// The epoch of the record at `offset`.
    pub(crate) fn epoch_of(&self, offset: Offset) -> Option<LeaderEpoch> {
        let after = self.entries.partition_point(|entry| entry.start <= offset);
        Some(self.entries[after.checked_sub(1)?].epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(entries: &[(i32, i64)]) -> Epochs {
        let entry =
            |&(epoch, start)| EpochStart { epoch: LeaderEpoch::new(epoch), start: Offset::new(start) };
        Epochs::load(entries.iter().map(entry))
    }

    fn raw(epochs: &Epochs) -> Vec<(i32, i64)> {
        epochs.entries().iter().map(|entry| (entry.epoch.get(), entry.start.get())).collect()
    }

    #[test]
    fn a_contradicting_assignment_replaces_what_it_contradicts() {
        let mut cache = epochs(&[(1, 0), (2, 10), (4, 20)]);
        cache.assign(LeaderEpoch::new(4), Offset::new(25));
        assert_eq!(raw(&cache), [(1, 0), (2, 10), (4, 20)], "the epoch goes on");
        cache.assign(LeaderEpoch::new(3), Offset::new(15));
        assert_eq!(raw(&cache), [(1, 0), (2, 10), (3, 15)]);
        cache.assign(LeaderEpoch::new(5), Offset::new(10));
        assert_eq!(raw(&cache), [(1, 0), (5, 10)]);
        assert!(cache.is_dirty());
    }

    #[test]
    fn ends_follow_the_rules_of_offsets_for_leader_epoch() {
        let cache = epochs(&[(2, 5), (4, 20)]);
        let end = |epoch| {
            cache.end_for(LeaderEpoch::new(epoch), Offset::new(30)).map(|e| (e.epoch.get(), e.end.get()))
        };
        assert_eq!(end(1), Some((1, 5)), "before the first known one");
        assert_eq!(end(2), Some((2, 20)));
        assert_eq!(end(3), Some((2, 20)), "no records: its predecessor");
        assert_eq!(end(4), Some((4, 30)));
        assert_eq!(end(5), None);
        assert_eq!(epochs(&[]).end_for(LeaderEpoch::new(0), Offset::ZERO), None);
    }

    #[test]
    fn truncation_keeps_the_epoch_that_an_end_lies_in() {
        let mut cache = epochs(&[(1, 0), (2, 10), (4, 20)]);
        cache.truncate_start(Offset::new(15));
        assert_eq!(raw(&cache), [(2, 15), (4, 20)]);
        cache.truncate_end(Offset::new(20));
        assert_eq!(raw(&cache), [(2, 15)]);
        cache.truncate_end(Offset::new(15));
        assert_eq!(raw(&cache), []);
        assert_eq!(epochs(&[(2, 5)]).epoch_of(Offset::new(4)), None);
        assert_eq!(epochs(&[(2, 5)]).epoch_of(Offset::new(9)), Some(LeaderEpoch::new(2)));
    }
}
