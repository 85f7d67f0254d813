//! A range of message versions, as the schema writes it: `3`, `3-9`, `3+`, `none`.

use std::fmt;
use std::str::FromStr;

/// Versions from `low` to `high`, both included; empty when `low > high`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The lowest version.
    pub low: i16,
    /// The highest version; `i16::MAX` when open.
    pub high: i16,
}

/// The text is not a range of versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a range of versions (3, 3-9, 3+ or none)")]
pub struct InvalidVersions(String);

impl Versions {
    /// No version.
    pub const NONE: Self = Self { low: 0, high: -1 };
    /// Every version.
    pub const ALL: Self = Self { low: 0, high: i16::MAX };

    /// Whether no version is in the range.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.low > self.high
    }

    /// Whether `version` is in the range.
    #[must_use]
    pub fn contains(self, version: i16) -> bool {
        self.low <= version && version <= self.high
    }

    /// Whether every version of `other` is in this range.
    #[must_use]
    pub fn contains_all(self, other: Self) -> bool {
        other.is_empty() || (self.low <= other.low && other.high <= self.high)
    }

    /// The versions in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let both = Self { low: self.low.max(other.low), high: self.high.min(other.high) };
        if both.is_empty() { Self::NONE } else { both }
    }
}

impl FromStr for Versions {
    type Err = InvalidVersions;

    fn from_str(text: &str) -> Result<Self, InvalidVersions> {
        let invalid = || InvalidVersions(text.to_owned());
        let number = |digits: &str| digits.parse::<i16>().map_err(|_| invalid());
        if text == "none" {
            return Ok(Self::NONE);
        }
        let range = if let Some(low) = text.strip_suffix('+') {
            Self { low: number(low)?, high: i16::MAX }
        } else if let Some((low, high)) = text.split_once('-') {
            Self { low: number(low)?, high: number(high)? }
        } else {
            Self { low: number(text)?, high: number(text)? }
        };
        if range.is_empty() || range.low < 0 { Err(invalid()) } else { Ok(range) }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str("none")
        } else if self.high == i16::MAX {
            write!(f, "{}+", self.low)
        } else if self.low == self.high {
            write!(f, "{}", self.low)
        } else {
            write!(f, "{}-{}", self.low, self.high)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_round_trips() {
        for text in ["none", "3", "3-9", "0+"] {
            assert_eq!(text.parse::<Versions>().expect("a range").to_string(), text);
        }
        for text in ["", "+", "9-3", "-1", "a"] {
            assert!(text.parse::<Versions>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_both_hold() {
        let of = |text: &str| text.parse::<Versions>().expect("a range");
        assert_eq!(of("0-5").and(of("3+")), of("3-5"));
        assert_eq!(of("0-5").and(of("6+")), Versions::NONE);
        assert!(of("0+").contains_all(of("3-5")) && !of("4+").contains_all(of("3-5")));
    }
}
