//! Who is who in a group.

use core::fmt;

use broker_protocol::Str;
pub use broker_types::Producer;

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Str);

        impl $name {
            /// Wraps what a client sent.
            #[must_use]
            pub const fn new(name: Str) -> Self {
                Self(name)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text as the wire's string, shared.
            #[must_use]
            pub fn to_str(&self) -> Str {
                self.0.clone()
            }

            /// A copy that keeps no frame alive.
            #[must_use]
            pub fn detached(&self) -> Self {
                Self(self.0.detached())
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

name!(
    /// One life of one member; handed out by the coordinator (classic) or drawn by the client (KIP-848, KIP-1082).
    /// The wire's empty string ("not a member yet") is `None` where it may come.
    MemberId
);
name!(
    /// The lasting name of a static member (`group.instance.id`, KIP-345).
    InstanceId
);

/// Who speaks for a member, as `kafka-consumer-groups` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The request's client id; empty when it has none.
    pub id: Str,
    /// Its address as Kafka writes it: `/127.0.0.1`.
    pub host: Str,
}

/// In whose name topics are looked up: those that it may not describe match no pattern. The shell decides that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// Its principal, as `type:name`.
    pub principal: Str,
    /// Where it asks from.
    pub address: core::net::IpAddr,
}

/// Counts the rebalances of a classic group; of a KIP-848 group the same field is the member's epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Generation(i32);

impl Generation {
    /// A group that never had members.
    pub const ZERO: Self = Self(0);

    /// Wraps a raw number.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// `None` for the wire's negative numbers ("no generation").
    #[must_use]
    pub const fn from_wire(raw: i32) -> Option<Self> {
        if raw < 0 { None } else { Some(Self(raw)) }
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }

    /// The generation after this one; saturates.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Debug for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "g{}", self.0)
    }
}

/// What kind of group one is; shown and filtered by (KIP-848).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupType {
    /// JoinGroup and SyncGroup; the members assign.
    Classic,
    /// KIP-848; the coordinator assigns.
    Consumer,
}

impl GroupType {
    /// The name that the wire carries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Consumer => "consumer",
        }
    }
}

/// What a group does, of either type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupState {
    /// No members; perhaps offsets.
    Empty,
    /// Classic: members are awaited to join.
    PreparingRebalance,
    /// Classic: the leader's assignment is awaited.
    CompletingRebalance,
    /// KIP-848: the target assignment is older than the group.
    Assigning,
    /// KIP-848: members are on their way to their targets.
    Reconciling,
    /// Everybody has what it should.
    Stable,
    /// There is no such group.
    Dead,
}

impl GroupState {
    /// The name that the wire carries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_generation_is_none() {
        assert_eq!(Generation::from_wire(-1), None);
        assert_eq!(Generation::from_wire(0), Some(Generation::ZERO));
        assert_eq!(Generation::new(i32::MAX).next().get(), i32::MAX);
    }
}
