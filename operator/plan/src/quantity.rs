//! Quantities as people write them, and as they are printed back.
//!
//! `5Gi` and `220GB` are bytes, `300Mi/s` and `1Gb/s` are rates (a small `b` is a bit), `14d` is a span of time.

use std::{fmt, str::FromStr, time::Duration};

/// Text that is not the quantity it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not {wanted}")]
pub struct InvalidQuantity {
    /// What was written.
    pub text: String,
    /// What should have been, with an example.
    pub wanted: &'static str,
}

/// An amount of bytes.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Bytes(f64);

/// Bytes each second.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Span(f64);

const DAY_SECONDS: f64 = 86_400.0;

impl Bytes {
    /// `count` bytes.
    #[must_use]
    pub const fn new(count: f64) -> Self {
        Self(count)
    }

    /// The count.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// As Kubernetes writes it, rounded up to whole GiB, or to MiB below ten of them.
    #[must_use]
    pub fn to_kubernetes(self) -> String {
        const MIB: f64 = 1_048_576.0;
        const GIB: f64 = 1_073_741_824.0;
        if self.0 >= 10.0 * GIB {
            format!("{:.0}Gi", (self.0 / GIB).ceil())
        } else {
            format!("{:.0}Mi", (self.0 / MIB).ceil())
        }
    }
}

impl Rate {
    /// `bytes` each second.
    #[must_use]
    pub const fn new(bytes: f64) -> Self {
        Self(bytes)
    }

    /// `count` times 10^6 bits each second.
    #[must_use]
    pub fn from_megabits(count: f64) -> Self {
        Self(count * 1e6 / 8.0)
    }

    /// Bytes each second.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// In 10^6 bits each second.
    #[must_use]
    pub fn megabits(self) -> f64 {
        self.0 * 8.0 / 1e6
    }
}

impl Span {
    /// `count` seconds.
    #[must_use]
    pub const fn from_seconds(count: f64) -> Self {
        Self(count)
    }

    /// `count` days.
    #[must_use]
    pub fn from_days(count: f64) -> Self {
        Self(count * DAY_SECONDS)
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> f64 {
        self.0
    }

    /// In days.
    #[must_use]
    pub fn days(self) -> f64 {
        self.0 / DAY_SECONDS
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

impl FromStr for Bytes {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let wanted = "an amount of bytes such as 5Gi or 220GB";
        let invalid = || InvalidQuantity { text: text.to_owned(), wanted };
        let (number, unit) = split(text).ok_or_else(invalid)?;
        let factor = prefix(unit.strip_suffix('B').unwrap_or(unit)).ok_or_else(invalid)?;
        Ok(Self(number * factor))
    }
}

impl FromStr for Rate {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let wanted = "a rate such as 300Mi/s, 250MB/s or 1Gb/s";
        let invalid = || InvalidQuantity { text: text.to_owned(), wanted };
        let (amount, per) = text.split_once('/').ok_or_else(invalid)?;
        let seconds = match per {
            "s" => 1.0,
            "h" => 3600.0,
            "d" => DAY_SECONDS,
            _ => return Err(invalid()),
        };
        let (number, unit) = split(amount).ok_or_else(invalid)?;
        let (unit, bits) = match unit.strip_suffix('b') {
            Some(unit) => (unit, 8.0),
            None => (unit.strip_suffix('B').unwrap_or(unit), 1.0),
        };
        Ok(Self(number * prefix(unit).ok_or_else(invalid)? / bits / seconds))
    }
}

impl FromStr for Span {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
        let invalid =
            || InvalidQuantity { text: text.to_owned(), wanted: "a span of time such as 30m or 14d" };
        let (number, unit) = split(text).ok_or_else(invalid)?;
        let seconds = match unit {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => DAY_SECONDS,
            "w" => 7.0 * DAY_SECONDS,
            _ => return Err(invalid()),
        };
        Ok(Self(number * seconds))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, prefix) = decimal(self.0);
        write!(f, "{number} {prefix}B")
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, prefix) = decimal(self.0);
        write!(f, "{number} {prefix}B/s")
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self.0 {
            seconds if seconds >= 2.0 * DAY_SECONDS => (seconds / DAY_SECONDS, "days"),
            seconds if seconds >= 7200.0 => (seconds / 3600.0, "h"),
            seconds if seconds >= 120.0 => (seconds / 60.0, "min"),
            seconds => (seconds, "s"),
        };
        write!(f, "{} {unit}", short(number))
    }
}

/// Three significant digits, without zeros at the end.
pub(crate) fn short(number: f64) -> String {
    let places = match number.abs() {
        n if n >= 100.0 => 0,
        n if n >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{number:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn decimal(count: f64) -> (String, &'static str) {
    let (factor, prefix) = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        .into_iter()
        .find(|(factor, _)| count.abs() >= *factor)
        .unwrap_or((1.0, ""));
    (short(count / factor), prefix)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text.get(..end)?.parse().ok()?;
    number.is_finite().then_some((number, text.get(end..)?))
}

fn prefix(unit: &str) -> Option<f64> {
    Some(match unit {
        "" => 1.0,
        "m" => 1e-3,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_quantities() {
        let bytes = [
            ("5Gi", 5_368_709_120.0),
            ("220GB", 220e9),
            ("1KB", 1000.0),
            ("500", 500.0),
            ("1.5Ti", 1_649_267_441_664.0),
        ];
        for (text, expected) in bytes {
            assert_eq!(text.parse(), Ok(Bytes::new(expected)), "{text}");
        }
        let rates = [
            ("300Mi/s", 314_572_800.0),
            ("1Gb/s", 125e6),
            ("1.25GB/s", 1.25e9),
            ("36GB/h", 1e7),
            ("8b/s", 1.0),
        ];
        for (text, expected) in rates {
            assert_eq!(text.parse(), Ok(Rate::new(expected)), "{text}");
        }
        for (text, expected) in [("14d", 14.0 * 86_400.0), ("30m", 1800.0), ("1w", 604_800.0)] {
            assert_eq!(text.parse(), Ok(Span::from_seconds(expected)), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "Gi", "5 Gi", "-5Gi", "5Xi", "1e400", "NaN"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
        for text in ["300Mi", "300Mi/", "300Mi/y", "/s", "x/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!(
            "14".parse::<Span>().map_err(|error| error.to_string()),
            Err("'14' is not a span of time such as 30m or 14d".to_owned())
        );
    }

    #[test]
    fn quantities_are_printed_briefly() {
        assert_eq!(Bytes::new(3.08e12).to_string(), "3.08 TB");
        assert_eq!(Bytes::new(220e9).to_string(), "220 GB");
        assert_eq!(Rate::new(1.5e6).to_string(), "1.5 MB/s");
        assert_eq!(Span::from_days(14.0).to_string(), "14 days");
        assert_eq!(Bytes::new(100.0 * 1_073_741_824.0).to_kubernetes(), "100Gi");
        assert_eq!(Bytes::new(1_048_577.0).to_kubernetes(), "2Mi");
    }
}
