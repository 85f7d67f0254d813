//! Windows of time in which certificates that near their end may be replaced, as cron expressions of Quartz, in UTC: seconds,
//! minutes, hours, days of the month, months, days of the week (1 is Sunday), and `*` for years.

use k8s_openapi::jiff::{Timestamp, tz::TimeZone};

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What a field may say.
struct Field {
    name: &'static str,
    first: u8,
    last: u8,
    words: &'static [&'static str],
}

const FIELDS: [Field; 6] = [
    Field { name: "seconds", first: 0, last: 59, words: &[] },
    Field { name: "minutes", first: 0, last: 59, words: &[] },
    Field { name: "hours", first: 0, last: 23, words: &[] },
    Field { name: "days of the month", first: 1, last: 31, words: &[] },
    Field { name: "months", first: 1, last: 12, words: &MONTHS },
    Field { name: "days of the week", first: 1, last: 7, words: &DAYS },
];

/// A window of time: the numbers that each field may have, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window([u64; 6]);

/// An expression that says no window.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWindow {
    /// Not as many fields as there must be.
    #[error("{0} fields: seconds, minutes, hours, days of the month, months and days of the week are needed")]
    Fields(usize),
    /// A field that does not read.
    #[error("'{text}' is nothing that {field} can be: numbers, names, *, ?, lists, ranges and steps can")]
    Field {
        /// Which.
        field: &'static str,
        /// What it says.
        text: String,
    },
    /// Years.
    #[error("years cannot be told apart here: leave them out")]
    Years,
}

impl Window {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, NotAWindow> {
        let fields: Vec<_> = text.split_whitespace().collect();
        match fields.get(FIELDS.len()..) {
            Some([] | ["*"]) => {}
            Some([_]) => return Err(NotAWindow::Years),
            _ => return Err(NotAWindow::Fields(fields.len())),
        }
        let mut bits = [0; FIELDS.len()];
        for ((bits, field), text) in bits.iter_mut().zip(&FIELDS).zip(fields) {
            *bits = field
                .parse(text)
                .ok_or_else(|| NotAWindow::Field { field: field.name, text: text.to_owned() })?;
        }
        Ok(Self(bits))
    }

    /// Whether it is open now.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        let now = TimeZone::UTC.to_datetime(now);
        let weekday = now.weekday().to_sunday_one_offset();
        let parts = [now.second(), now.minute(), now.hour(), now.day(), now.month(), weekday];
        parts.iter().zip(self.0).all(|(part, bits)| {
            let part = u32::from(part.unsigned_abs());
            bits.checked_shr(part).is_some_and(|bits| bits & 1 == 1)
        })
    }
}

impl Field {
    fn parse(&self, text: &str) -> Option<u64> {
        let mut bits = 0;
        for part in text.split(',') {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step.parse::<u8>().ok().filter(|step| *step > 0)?)),
                None => (part, None),
            };
            let (from, to) = match range.split_once('-') {
                Some((from, to)) => (self.number(from)?, self.number(to)?),
                None if matches!(range, "*" | "?") => (self.first, self.last),
                // `5/10`: from 5 on, each tenth.
                None => (self.number(range)?, step.map_or(self.number(range)?, |_| self.last)),
            };
            let step = usize::from(step.unwrap_or(1));
            // `FRI-MON` goes over the end.
            let numbers: Vec<u8> = if from <= to {
                (from..=to).collect()
            } else {
                (from..=self.last).chain(self.first..=to).collect()
            };
            for number in numbers.into_iter().step_by(step) {
                bits |= 1 << number;
            }
        }
        Some(bits)
    }

    fn number(&self, text: &str) -> Option<u8> {
        let word = self.words.iter().position(|word| word.eq_ignore_ascii_case(text));
        let number = match word {
            Some(at) => u8::try_from(at).ok()? + self.first,
            None => text.parse().ok()?,
        };
        (self.first..=self.last).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_open(window: &str, at: &str) -> bool {
        let window = Window::parse(window).unwrap_or_else(|error| panic!("{window}: {error}"));
        window.is_open(at.parse().expect("a time"))
    }

    #[test]
    fn windows_are_open_when_all_fields_say_so() {
        // 2026-01-01 is a Thursday.
        let cases = [
            ("* * * * * ?", "2026-01-01T10:20:30Z", true),
            ("* * 0-1 ? * SUN,MON,TUE,WED,THU *", "2026-01-01T01:59:59Z", true),
            ("* * 0-1 ? * SUN,MON,TUE,WED,THU *", "2026-01-01T02:00:00Z", false),
            ("* * 0-1 ? * SUN,MON,TUE,WED", "2026-01-01T01:00:00Z", false),
            ("* * 22-3 * * ?", "2026-01-01T23:00:00Z", true),
            ("* * 22-3 * * ?", "2026-01-01T12:00:00Z", false),
            ("* */15 * * * ?", "2026-01-01T12:30:00Z", true),
            ("* */15 * * * ?", "2026-01-01T12:31:00Z", false),
            ("0/20 5 * 1 jan 5", "2026-01-01T12:05:40Z", true),
            ("* * * * * fri-mon", "2026-01-03T12:05:40Z", true),
            ("* * * 31 * ?", "2026-01-31T23:59:59Z", true),
        ];
        for (window, at, expected) in cases {
            assert_eq!(is_open(window, at), expected, "{window} at {at}");
        }
    }

    #[test]
    fn what_is_no_window_is_told() {
        for text in [
            "",
            "* * * * *",
            "* * * * * ? * *",
            "60 * * * * ?",
            "* * * L * ?",
            "* * * * * 2#1",
            "*/0 * * * * ?",
        ] {
            assert!(Window::parse(text).is_err(), "{text}");
        }
        assert_eq!(Window::parse("* * * * * ? 2026"), Err(NotAWindow::Years));
        let error = Window::parse("* * 25 * * ?").expect_err("no hour").to_string();
        assert_eq!(
            error,
            "'25' is nothing that hours can be: numbers, names, *, ?, lists, ranges and steps can"
        );
    }
}
