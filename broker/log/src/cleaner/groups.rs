//! Which old segments become one new segment: neighbours that together are no larger than a segment may be.

use std::ops::Range;

use broker_types::Offset;

/// How large an old segment and its indexes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) base: Offset,
    pub(super) log: u64,
    pub(super) offsets: u64,
    pub(super) times: u64,
}

/// How large a new one may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct GroupLimits {
    pub(super) segment_bytes: u64,
    pub(super) index_bytes: u64,
}

/// The groups in order; a segment that is too large for any group is one alone. No segment reaches beyond `end`.
pub(super) fn group(segments: &[Sizes], limits: GroupLimits, end: Offset) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut from = 0;
    while let Some(first) = segments.get(from) {
        let mut to = from + 1;
        let mut sum = *first;
        while let Some(next) = segments.get(to) {
            let grown = Sizes {
                base: sum.base,
                log: sum.log + next.log,
                offsets: sum.offsets + next.offsets,
                times: sum.times + next.times,
            };
            let fits = grown.log <= limits.segment_bytes
                && grown.offsets <= limits.index_bytes
                && grown.times <= limits.index_bytes;
            // The last offset is not known exactly; the next segment's first one is beyond it.
            let next_base = segments.get(to + 1).map_or(end, |after| after.base);
            let reaches = next.log == 0 || next_base.since(sum.base) <= i64::from(i32::MAX) + 1;
            if !fits || !reaches {
                break;
            }
            sum = grown;
            to += 1;
        }
        groups.push(from..to);
        from = to;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GroupLimits = GroupLimits { segment_bytes: 100, index_bytes: 50 };

    fn sizes(all: &[(i64, u64, u64, u64)]) -> Vec<Sizes> {
        all.iter()
            .map(|&(base, log, offsets, times)| Sizes { base: Offset::new(base), log, offsets, times })
            .collect()
    }

    fn grouped(all: &[(i64, u64, u64, u64)], end: i64) -> Vec<Range<usize>> {
        group(&sizes(all), LIMITS, Offset::new(end))
    }

    #[test]
    fn neighbours_are_joined_up_to_the_sizes_of_a_segment() {
        let all =
            [(0, 40, 1, 1), (10, 60, 1, 1), (20, 1, 1, 1), (30, 100, 1, 1), (40, 300, 1, 1), (50, 5, 1, 1)];
        assert_eq!(grouped(&all, 60), [0..2, 2..3, 3..4, 4..5, 5..6]);
        assert_eq!(grouped(&[], 0), Vec::<Range<usize>>::new());
    }

    #[test]
    fn indexes_bound_a_group_too() {
        assert_eq!(grouped(&[(0, 1, 30, 1), (1, 1, 30, 1), (2, 1, 20, 1)], 3), [0..1, 1..3]);
        assert_eq!(grouped(&[(0, 1, 1, 30), (1, 1, 1, 30)], 3), [0..1, 1..2]);
    }

    #[test]
    fn offsets_of_a_group_stay_within_what_an_index_can_say() {
        let far = i64::from(i32::MAX);
        let joined = |all, end| grouped(all, end).len() == 1;
        assert!(joined(&[(0, 1, 0, 0), (10, 1, 0, 0)], far + 1));
        assert_eq!(grouped(&[(0, 1, 0, 0), (10, 1, 0, 0)], far + 2), [0..1, 1..2]);
        assert!(joined(&[(0, 1, 0, 0), (10, 0, 0, 0)], far + 2), "an empty one reaches nowhere");
        assert_eq!(grouped(&[(0, 1, 0, 0), (10, 1, 0, 0), (far + 2, 1, 0, 0)], far + 9), [0..1, 1..3]);
    }
}
