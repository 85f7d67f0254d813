//! How far a group is in one partition.

use core::time::Duration;

use broker_types::{Mono, Offset};

use super::{EndHistory, Passed};

/// What of a log can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// Its first offset.
    pub start: Offset,
    /// The offset after the last record that consumers may read: the high watermark.
    pub end: Offset,
}

/// How far a group is in one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartitionLag {
    /// Where the offset lies.
    pub position: Position,
    /// How many offsets lie between it and the end of the log, as Kafka's tools tell it; 0 beyond the end.
    pub records: i64,
    /// How many offsets lie between the log's start and it: what may be deleted before something is lost to the group.
    /// 0 before the start.
    pub lead: i64,
    /// For how long the first record after it has been waiting.
    pub time: LagTime,
}

/// Where a committed offset lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// In the log, or at its end.
    Within,
    /// Records after it were deleted before the group read them. Negative offsets, which Kafka takes as well, are here.
    BeforeStart,
    /// The log was cut, or the topic is another one.
    BeyondEnd,
}

impl Position {
    /// As it is shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::BeforeStart => "before-start",
            Self::BeyondEnd => "beyond-end",
        }
    }
}

/// A time that may be longer than is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LagTime {
    /// At least so long.
    pub least: Duration,
    /// What is known of the log does not go back further.
    pub may_be_longer: bool,
}

impl PartitionLag {
    /// Of a group that committed `offset`, in a log with these bounds.
    #[must_use]
    pub fn of(offset: i64, bounds: LogBounds, history: &EndHistory, now: Mono) -> Self {
        let LogBounds { start, end } = bounds;
        let at = Offset::from_wire(offset);
        let position = match at {
            Some(at) if at > end => Position::BeyondEnd,
            Some(at) if at >= start => Position::Within,
            _ => Position::BeforeStart,
        };
        let at = at.unwrap_or(Offset::ZERO);
        let records = end.since(at);
        let passed = history.passed(at).filter(|_| records > 0);
        let time = match passed {
            None => LagTime { least: Duration::ZERO, may_be_longer: records > 0 },
            Some(Passed::At(passed)) => LagTime { least: now.since(passed), may_be_longer: false },
            Some(Passed::Before(known)) => LagTime { least: now.since(known), may_be_longer: true },
        };
        Self { position, records, lead: at.since(start), time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> EndHistory {
        let mut history = EndHistory::default();
        for (seconds, end) in [(10, 100), (20, 200)] {
            let at = Mono::from_micros(seconds * 1_000_000);
            history.record(at, Offset::new(end), Duration::from_secs(1));
        }
        history
    }

    /// Of a log from 50 to 200, 30 seconds after the start of time.
    fn of(offset: i64) -> PartitionLag {
        let bounds = LogBounds { start: Offset::new(50), end: Offset::new(200) };
        PartitionLag::of(offset, bounds, &history(), Mono::from_micros(30_000_000))
    }

    fn lag(position: Position, records: i64, lead: i64, seconds: u64, may_be_longer: bool) -> PartitionLag {
        let time = LagTime { least: Duration::from_secs(seconds), may_be_longer };
        PartitionLag { position, records, lead, time }
    }

    #[test]
    fn within_a_log_all_is_told() {
        use Position::Within;
        assert_eq!(of(200), lag(Within, 0, 150, 0, false), "at its end");
        assert_eq!(of(150), lag(Within, 50, 100, 15, false));
        assert_eq!(of(100), lag(Within, 100, 50, 20, false));
        assert_eq!(of(99), lag(Within, 101, 49, 20, true), "longer ago than is known");
        assert_eq!(of(50), lag(Within, 150, 0, 20, true), "at its start");
    }

    #[test]
    fn outside_of_a_log_nothing_is_negative() {
        assert_eq!(of(40), lag(Position::BeforeStart, 160, 0, 20, true), "as Kafka's tools count");
        assert_eq!(of(-7), lag(Position::BeforeStart, 200, 0, 20, true));
        assert_eq!(of(i64::MIN), of(-7));
        assert_eq!(of(201), lag(Position::BeyondEnd, 0, 151, 0, false));
        assert_eq!(of(i64::MAX).records, 0);
        let nothing = LogBounds { start: Offset::ZERO, end: Offset::ZERO };
        let empty = PartitionLag::of(0, nothing, &EndHistory::default(), Mono::ZERO);
        assert_eq!(empty, lag(Position::Within, 0, 0, 0, false));
    }

    #[test]
    fn without_a_history_the_time_may_be_any() {
        let bounds = LogBounds { start: Offset::ZERO, end: Offset::new(3) };
        let lagging = PartitionLag::of(1, bounds, &EndHistory::default(), Mono::from_micros(9));
        assert_eq!(lagging, lag(Position::Within, 2, 1, 0, true));
    }
}
