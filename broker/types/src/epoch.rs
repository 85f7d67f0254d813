//! Epochs of leadership and of partition state.

use core::fmt;

macro_rules! epoch {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(i32);

        impl $name {
            /// Epoch 0, the first.
            pub const ZERO: Self = Self(0);

            /// Wraps a raw epoch.
            #[must_use]
            pub const fn new(raw: i32) -> Self {
                Self(raw)
            }

            /// `None` for the wire's -1 ("not known").
            #[must_use]
            pub const fn from_wire(raw: i32) -> Option<Self> {
                if raw < 0 { None } else { Some(Self(raw)) }
            }

            /// The raw number.
            #[must_use]
            pub const fn get(self) -> i32 {
                self.0
            }

            /// The epoch after this one; saturates.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "e{}", self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

epoch!(
    /// Counts the leaderships of one partition, or of the metadata quorum. Stamped on every batch.
    LeaderEpoch
);
epoch!(
    /// Counts every change of one partition's registration (leader, ISR, replicas).
    PartitionEpoch
);
