//! When those that rest are looked at again: those of one cluster together, so that few requests ask about many of them.

use std::time::Duration;

use tokio::time::Instant;

/// How many times a cluster has within the time in which each of its resources has its turn.
const TIMES: u32 = 12;

/// The times.
#[derive(Debug)]
pub(super) struct Turns {
    start: Instant,
    resync: Duration,
}

impl Turns {
    pub(super) fn new(start: Instant, resync: Duration) -> Self {
        Self { start, resync }
    }

    /// The next time of a resource of this cluster that was looked at now: after `resync`, or up to a twelfth of it sooner.
    pub(super) fn next(&self, now: Instant, cluster: u16) -> Instant {
        let step = self.resync / TIMES;
        let first = self.start + step * u32::from(cluster) / (u32::from(u16::MAX) + 1);
        let earliest = now + (self.resync - step);
        let steps = earliest.saturating_duration_since(first).as_micros().div_ceil(step.as_micros().max(1));
        first + step * u32::try_from(steps).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_of_a_cluster_are_looked_at_together_and_each_in_time() {
        let start = Instant::now();
        let turns = Turns::new(start, Duration::from_secs(120));
        let at = |millis| start + Duration::from_millis(millis);
        for (cluster, looked_at, next) in [
            (0, 0, 110_000),
            (0, 1, 120_000),
            (0, 9_999, 120_000),
            (0, 10_001, 130_000),
            (1 << 15, 0, 115_000),
            (1 << 15, 4_999, 115_000),
            (1 << 15, 5_001, 125_000),
            (0, 86_400_000, 86_510_000),
        ] {
            assert_eq!(turns.next(at(looked_at), cluster), at(next), "{cluster} at {looked_at}");
        }
    }
}
