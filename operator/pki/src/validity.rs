//! From when to when a certificate holds.

use time::OffsetDateTime;

use crate::PkiError;

/// How far clocks may be apart: a certificate holds a little before it is made.
pub(crate) const SKEW_SECONDS: i64 = 300;

/// Seconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixSeconds(i64);

impl UnixSeconds {
    /// So many seconds since 1970.
    #[must_use]
    pub const fn new(seconds: i64) -> Self {
        Self(seconds)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// So many seconds later.
    pub(crate) const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    pub(crate) fn date(self) -> Result<OffsetDateTime, PkiError> {
        OffsetDateTime::from_unix_timestamp(self.0).map_err(|_| PkiError::Time(self.0))
    }
}

/// From when to when a certificate holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// Not before this.
    pub from: UnixSeconds,
    /// Not after this.
    pub until: UnixSeconds,
}

impl Validity {
    /// From `now`, and a little before it for clocks that are behind, for `seconds`.
    #[must_use]
    pub const fn starting(now: UnixSeconds, seconds: i64) -> Self {
        let until = UnixSeconds(now.0.saturating_add(seconds));
        Self { from: UnixSeconds(now.0.saturating_sub(SKEW_SECONDS)), until }
    }

    /// No longer than `until`.
    #[must_use]
    pub fn at_most(self, until: UnixSeconds) -> Self {
        Self { until: self.until.min(until), ..self }
    }
}
