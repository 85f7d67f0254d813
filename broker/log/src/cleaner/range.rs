//! Which part of a log is dirty, and whether that is enough for a round.

use std::{io, time::Duration};

use broker_types::{Offset, Timestamp};

use crate::{disk::Disk, log::Log, segment::Home, storage_error::StorageError};

/// The dirty part of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cleanable {
    /// Everything before it is clean.
    pub first_dirty: Offset,
    /// Where the first segment begins that may not be cleaned yet.
    pub end: Offset,
    /// Bytes of segments that begin before the dirty part.
    pub clean_bytes: u64,
    /// Bytes of segments of the dirty part.
    pub dirty_bytes: u64,
    /// By how much the oldest dirty record has waited longer than `max.compaction.lag.ms`.
    pub overdue: Duration,
    /// `min.cleanable.dirty.ratio`.
    ratio_min: f64,
}

impl Cleanable {
    /// Which part of the log's bytes is dirty, of 1.
    #[must_use]
    pub fn dirty_ratio(&self) -> f64 {
        let of = |bytes: u64| bytes as f64;
        of(self.dirty_bytes) / of((self.clean_bytes + self.dirty_bytes).max(1))
    }

    /// Whether the log is to be cleaned.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.dirty_bytes > 0 && (!self.overdue.is_zero() || self.dirty_ratio() > self.ratio_min)
    }
}

impl<D: Disk> Log<D> {
    /// How much of the log is dirty; `None` when it is not compacted, empty, failed or being cleaned.
    ///
    /// # Errors
    /// The disk's.
    pub fn cleanable(&mut self, now: Timestamp) -> Result<Option<Cleanable>, StorageError> {
        if !self.config.compact_policy || self.is_failed || self.is_being_cleaned() {
            return Ok(None);
        }
        self.try_cleanable(now).map_err(StorageError::at("look for dirty segments in", &self.folder))
    }

    /// Everything before it was cleaned; `None` when nothing was.
    pub const fn cleaned_to(&self) -> Option<Offset> {
        self.cleaned_to
    }

    fn first_dirty(&self) -> Offset {
        // A round's end beyond the log's was lost with the log's end: all of it counts as dirty.
        self.cleaned_to.filter(|to| (self.start..=self.end).contains(to)).unwrap_or(self.start)
    }

    fn try_cleanable(&mut self, now: Timestamp) -> io::Result<Option<Cleanable>> {
        let first_dirty = self.first_dirty();
        let active = self.segments.len().saturating_sub(1);
        let dirty_from = self.segment_of(first_dirty).min(active);
        let end = self.uncleanable_segment(dirty_from, active, first_dirty, now)?;
        let overdue = self.overdue(dirty_from..active, now)?;
        let bytes = |segments: &[crate::segment::Segment<D>]| segments.iter().map(|one| one.size).sum();
        let clean_bytes =
            bytes(&self.segments[..self.segments.partition_point(|segment| segment.base < first_dirty)]);
        let cleanable = Cleanable {
            first_dirty,
            end: self.segments.get(end).map_or(self.end, |segment| segment.base),
            clean_bytes,
            dirty_bytes: bytes(self.segments.get(dirty_from..end).unwrap_or_default()),
            overdue,
            ratio_min: self.config.dirty_ratio_min,
        };
        Ok((cleanable.clean_bytes + cleanable.dirty_bytes > 0).then_some(cleanable))
    }

    /// The index of the first segment that may not be cleaned: the active one, one that reaches beyond the last stable
    /// offset, or the first of the dirty ones with a record younger than `min.compaction.lag.ms`. Nor one that is not
    /// synced (beyond Kafka, which leaves that to other replicas): a record goes only for one that no loss of power can
    /// take back.
    fn uncleanable_segment(
        &mut self,
        dirty_from: usize,
        active: usize,
        first_dirty: Offset,
        now: Timestamp,
    ) -> io::Result<usize> {
        let decided = self.decided.synced_to(self.recovery_point).unwrap_or_default();
        let synced = self.recovery_point.min(decided);
        let stable = self.last_stable_offset().min(synced).max(first_dirty);
        let mut end = self.segment_of(stable).min(active);
        let lag = self.config.compaction_lag_min;
        if !lag.is_zero() {
            let home = Home { disk: &self.disk, folder: &self.folder };
            let youngest_allowed = now.minus(lag);
            for index in dirty_from..end {
                let newest = self.segments[index].newest(home)?;
                if newest.is_some_and(|newest| newest.timestamp > youngest_allowed) {
                    end = index;
                    break;
                }
            }
        }
        Ok(end)
    }

    /// By how much the first batch of a dirty segment is older than `max.compaction.lag.ms` lets it be.
    fn overdue(&mut self, dirty: std::ops::Range<usize>, now: Timestamp) -> io::Result<Duration> {
        let Some(limit) = self.config.compaction_lag_max else { return Ok(Duration::ZERO) };
        let home = Home { disk: &self.disk, folder: &self.folder };
        let latest_allowed = now.minus(limit);
        let mut overdue = Duration::ZERO;
        for segment in &mut self.segments[dirty] {
            let first = segment.first_time(home)?.filter(|first| first.as_millis() > 0);
            overdue = overdue.max(first.map_or(Duration::ZERO, |first| latest_allowed.since(first)));
        }
        Ok(overdue)
    }
}
