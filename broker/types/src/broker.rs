//! Who a broker is.

use core::fmt;

/// A node id: unique in a cluster, >= 0 (`node.id`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerId(i32);

impl BrokerId {
    /// Wraps a raw node id.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// `None` for the wire's -1 ("no broker").
    #[must_use]
    pub const fn from_wire(raw: i32) -> Option<Self> {
        if raw < 0 { None } else { Some(Self(raw)) }
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Debug for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broker-{}", self.0)
    }
}

impl fmt::Display for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The epoch of one registration of a broker: the metadata offset of its registration record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerEpoch(i64);

impl BrokerEpoch {
    /// Wraps a raw broker epoch.
    #[must_use]
    pub const fn new(raw: i64) -> Self {
        Self(raw)
    }

    /// `None` for the wire's -1 ("not known").
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
