//! Log offsets.

use core::fmt;

/// The position of one record in a partition's log; the first record has offset 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offset(i64);

impl Offset {
    /// Offset 0, where every log starts.
    pub const ZERO: Self = Self(0);
    /// The largest offset.
    pub const MAX: Self = Self(i64::MAX);

    /// Wraps a raw offset. Negative values are sentinels on the wire and must not reach here
    /// (checked in debug builds); see [`Offset::from_wire`].
    #[must_use]
    pub const fn new(raw: i64) -> Self {
        debug_assert!(raw >= 0);
        Self(raw)
    }

    /// `None` for the wire's negative sentinels.
    #[must_use]
    pub const fn from_wire(raw: i64) -> Option<Self> {
        if raw < 0 { None } else { Some(Self(raw)) }
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The offset after this one; saturates at the largest offset.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// This offset moved on by `records`; saturates.
    #[must_use]
    pub const fn plus(self, records: i64) -> Self {
        Self(self.0.saturating_add(records))
    }

    /// How many records lie in `[earlier, self)`; 0 when `earlier` is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        let distance = self.0.saturating_sub(earlier.0);
        if distance < 0 { 0 } else { distance }
    }
}

impl fmt::Debug for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
