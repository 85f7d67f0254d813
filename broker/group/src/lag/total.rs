//! How far a group is in all of its partitions.

use super::{LagTime, PartitionLag};

/// The sum of what a group committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupLag {
    /// The partitions that it has committed in.
    pub partitions: usize,
    /// Those of them that nothing is known of: they are gone, or nobody leads them. They count no further.
    pub unknown: usize,
    /// The lags of all, added up.
    pub records: i64,
    /// The highest of them.
    pub records_max: i64,
    /// The longest of them.
    pub time_max: LagTime,
    /// The lowest distance from the start of a log; `None` when nothing is known.
    pub lead_min: Option<i64>,
}

impl GroupLag {
    /// Adds a partition; `None` when nothing is known of its log.
    pub fn add(&mut self, lag: Option<&PartitionLag>) {
        self.partitions += 1;
        let Some(lag) = lag else {
            self.unknown += 1;
            return;
        };
        self.records = self.records.saturating_add(lag.records);
        self.records_max = self.records_max.max(lag.records);
        self.time_max = self.time_max.max(lag.time);
        self.lead_min = Some(self.lead_min.map_or(lag.lead, |least| least.min(lag.lead)));
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::lag::Position;

    fn lag(records: i64, lead: i64, seconds: u64) -> PartitionLag {
        let time = LagTime { least: Duration::from_secs(seconds), may_be_longer: false };
        PartitionLag { position: Position::Within, records, lead, time }
    }

    #[test]
    fn what_is_unknown_counts_as_such_only() {
        let mut group = GroupLag::default();
        assert_eq!(group.lead_min, None);
        group.add(None);
        group.add(Some(&lag(5, 10, 1)));
        group.add(Some(&lag(7, 3, 9)));
        group.add(Some(&lag(0, 20, 0)));
        let time_max = LagTime { least: Duration::from_secs(9), may_be_longer: false };
        let lead_min = Some(3);
        let expected =
            GroupLag { partitions: 4, unknown: 1, records: 12, records_max: 7, time_max, lead_min };
        assert_eq!(group, expected);
    }

    #[test]
    fn sums_do_not_overflow() {
        let mut group = GroupLag::default();
        group.add(Some(&lag(i64::MAX, 0, 0)));
        group.add(Some(&lag(i64::MAX, 0, 0)));
        assert_eq!(group.records, i64::MAX);
    }
}
