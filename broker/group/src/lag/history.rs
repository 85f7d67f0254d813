//! Where a log ended when.

use alloc::vec::Vec;
use core::time::Duration;

use broker_types::{Mono, Offset};

/// How many samples are kept of one log at most, 16 bytes each.
pub(super) const SAMPLES_MAX: usize = 48;
/// Two samples of an age may lie apart by this part of it: of an hour ago by 20 minutes.
const AGE_PARTS: u32 = 3;

/// Where a log ended when, exactly for the last moments and more coarsely the longer ago. With a sample every 10 seconds
/// of a log that always grows it goes back a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndHistory {
    /// Times and ends grow; of a log that stands still the first moment and the last.
    samples: Vec<Sample>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sample {
    at: Mono,
    end: Offset,
}

/// When a log ended at an offset last, before it grew beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// About then.
    At(Mono),
    /// Longer ago than is known: before this.
    Before(Mono),
}

impl EndHistory {
    /// The log ended there at this time. Samples nearer to each other than `spacing` are one. An end before the last one is
    /// that of a log that was cut: what was known beyond it is forgotten. Times that do not grow are passed by.
    pub fn record(&mut self, at: Mono, end: Offset, spacing: Duration) {
        while self.samples.pop_if(|last| last.end > end).is_some() {}
        if self.samples.last().is_some_and(|last| last.at >= at) {
            return;
        }
        let sample = Sample { at, end };
        match &mut self.samples[..] {
            [.., before, last] if before.end == end || at.since(before.at) < spacing => *last = sample,
            _ => {
                self.samples.push(sample);
                self.thin(spacing);
            }
        }
    }

    /// When the log grew beyond `offset`; when it did not, the time of the last sample. `None` before the first one.
    #[must_use]
    pub fn passed(&self, offset: Offset) -> Option<Passed> {
        let behind = self.samples.partition_point(|sample| sample.end <= offset);
        let first = self.samples.first()?;
        let Some(before) = behind.checked_sub(1).and_then(|index| self.samples.get(index)) else {
            return Some(Passed::Before(first.at));
        };
        Some(Passed::At(self.samples.get(behind).map_or(before.at, |after| between(before, after, offset))))
    }

    /// When what is known begins.
    #[must_use]
    pub fn begins(&self) -> Option<Mono> {
        self.samples.first().map(|sample| sample.at)
    }

    /// Drops what lies close together for its age; the oldest one when there are still too many.
    fn thin(&mut self, spacing: Duration) {
        let Some(newest) = self.samples.last().copied() else { return };
        let mut kept = Vec::with_capacity(self.samples.len());
        for (index, sample) in self.samples.iter().enumerate() {
            let is_needed = match (kept.last(), self.samples.get(index + 1)) {
                (Some(before), Some(after)) => is_apart(before, after, newest.at, spacing),
                // The ends of what is known.
                (None, _) | (_, None) => true,
            };
            if is_needed {
                kept.push(*sample);
            }
        }
        if kept.len() > SAMPLES_MAX {
            kept.remove(0);
        }
        self.samples = kept;
    }
}

/// Whether what lies between the two must stay.
fn is_apart(before: &Sample, after: &Sample, newest: Mono, spacing: Duration) -> bool {
    let allowed = (newest.since(after.at) / AGE_PARTS).max(spacing);
    after.at.since(before.at) > allowed
}

/// When a log that grew evenly from one to the other came to `offset`.
fn between(before: &Sample, after: &Sample, offset: Offset) -> Mono {
    let part = |offset: Offset| u128::from(offset.since(before.end).unsigned_abs());
    let took = after.at.since(before.at).as_micros();
    let passed = took.saturating_mul(part(offset)).checked_div(part(after.end)).unwrap_or(0);
    let passed = u64::try_from(passed).unwrap_or(u64::MAX);
    before.at.plus(Duration::from_micros(passed))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u64) -> Mono {
        Mono::from_micros(seconds * 1_000_000)
    }

    fn of(samples: &[(u64, i64)]) -> EndHistory {
        let mut history = EndHistory::default();
        for (seconds, end) in samples {
            history.record(at(*seconds), Offset::new(*end), SECOND);
        }
        history
    }

    fn passed(history: &EndHistory, offset: i64) -> Option<Passed> {
        history.passed(Offset::new(offset))
    }

    #[test]
    fn nothing_is_known_before_the_first_sample() {
        assert_eq!(passed(&EndHistory::default(), 0), None);
        let history = of(&[(10, 100)]);
        assert_eq!(passed(&history, 99), Some(Passed::Before(at(10))));
        assert_eq!(passed(&history, 100), Some(Passed::At(at(10))), "the end still");
        assert_eq!(passed(&history, 300), Some(Passed::At(at(10))), "beyond it");
    }

    #[test]
    fn between_two_samples_a_log_grows_evenly() {
        let history = of(&[(10, 100), (20, 200), (30, 240)]);
        assert_eq!(passed(&history, 100), Some(Passed::At(at(10))));
        assert_eq!(passed(&history, 150), Some(Passed::At(at(15))));
        assert_eq!(passed(&history, 200), Some(Passed::At(at(20))));
        assert_eq!(passed(&history, 230), Some(Passed::At(Mono::from_micros(27_500_000))));
    }

    #[test]
    fn a_log_that_stood_still_was_passed_when_it_moved_on() {
        let history = of(&[(10, 100), (20, 100), (30, 100), (500, 100), (510, 110)]);
        assert_eq!(passed(&history, 100), Some(Passed::At(at(500))));
        assert_eq!(history.samples.len(), 3, "the first moment and the last, and what came then");
    }

    #[test]
    fn a_log_that_was_cut_forgets_what_lay_beyond() {
        let mut history = of(&[(10, 100), (20, 200), (30, 300)]);
        history.record(at(40), Offset::new(150), SECOND);
        assert_eq!(passed(&history, 125), Some(Passed::At(at(25))), "between 100 at 10 and 150 at 40");
        assert_eq!(passed(&history, 150), Some(Passed::At(at(40))));
        history.record(at(50), Offset::new(0), SECOND);
        assert_eq!(passed(&history, 0), Some(Passed::At(at(50))));
        assert_eq!(history.samples.len(), 1);
    }

    #[test]
    fn times_that_do_not_grow_are_passed_by() {
        let mut history = of(&[(10, 100)]);
        history.record(at(10), Offset::new(150), SECOND);
        history.record(at(9), Offset::new(170), SECOND);
        assert_eq!(history, of(&[(10, 100)]));
    }

    #[test]
    fn what_is_asked_often_is_not_known_for_a_shorter_time() {
        let mut history = EndHistory::default();
        for tenth in 0..36_000 {
            let now = Mono::from_micros(tenth * 100_000);
            history.record(now, Offset::new(i64::try_from(tenth).expect("small")), SECOND * 5);
        }
        assert_eq!(history.begins(), Some(at(0)), "an hour ago");
        assert!(history.samples.len() <= SAMPLES_MAX, "{}", history.samples.len());
    }

    #[test]
    fn a_day_is_known_to_a_third_of_the_age() {
        let day = 86_400;
        let mut history = EndHistory::default();
        // It grows by leaps, so that what is between two samples is not guessed well.
        let end_at = |seconds: u64| i64::try_from(seconds / 1_000 * 1_000).expect("small");
        for seconds in (0..=day).step_by(10) {
            history.record(at(seconds), Offset::new(end_at(seconds)), SECOND * 5);
            assert!(history.samples.len() <= SAMPLES_MAX);
        }
        assert_eq!(history.begins(), Some(at(0)));
        for leap in (1_000..day / 1_000 * 1_000).step_by(1_000) {
            let Some(Passed::At(told)) = passed(&history, end_at(leap) - 1) else { panic!("it is known") };
            // The offset before a leap was passed with it.
            let (age, told_age) = (day - leap, at(day).since(told).as_secs());
            assert!(told_age.abs_diff(age) <= age / 3 + 10, "{age} seconds ago is told as {told_age}");
        }
    }
}
