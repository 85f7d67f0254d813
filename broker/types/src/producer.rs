//! Idempotent and transactional producers (KIP-98).

/// Identifies one producer; handed out in blocks by the controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerId(i64);

impl ProducerId {
    /// Wraps a raw producer id.
    #[must_use]
    pub const fn new(raw: i64) -> Self {
        Self(raw)
    }

    /// `None` for the wire's -1 ("not idempotent").
    #[must_use]
    pub const fn from_wire(raw: i64) -> Option<Self> {
        if raw < 0 { None } else { Some(Self(raw)) }
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// The epoch of a producer id; an older epoch is fenced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProducerEpoch(i16);

impl ProducerEpoch {
    /// Wraps a raw epoch.
    #[must_use]
    pub const fn new(raw: i16) -> Self {
        Self(raw)
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i16 {
        self.0
    }
}

/// One incarnation of a producer: only the newest epoch of an id may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Producer {
    /// Its id.
    pub id: ProducerId,
    /// Its epoch.
    pub epoch: ProducerEpoch,
}

/// The sequence number of a record of one producer in one partition; wraps from `i32::MAX` to 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sequence(i32);

impl Sequence {
    /// Sequence 0: the first of a producer epoch.
    pub const ZERO: Self = Self(0);

    /// Wraps a raw sequence.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// `None` for the wire's -1 ("no sequence").
    #[must_use]
    pub const fn from_wire(raw: i32) -> Option<Self> {
        if raw < 0 { None } else { Some(Self(raw)) }
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The sequence `records` (>= 0) further on, wrapping past `i32::MAX` to 0.
    #[must_use]
    pub const fn plus(self, records: i32) -> Self {
        let (sum, wrapped) = self.0.overflowing_add(records);
        if wrapped { Self(sum.wrapping_sub(i32::MIN)) } else { Self(sum) }
    }

    /// The sequence after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_wraps_to_zero_not_to_the_minimum() {
        assert_eq!(Sequence::new(i32::MAX).next(), Sequence::ZERO);
        assert_eq!(Sequence::new(i32::MAX - 1).plus(3), Sequence::new(1));
        assert_eq!(Sequence::new(7).plus(3), Sequence::new(10));
    }
}
