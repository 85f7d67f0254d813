//! Where a group stands, and by which protocol it lives.

use std::fmt;

/// Where a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupState {
    /// Members are asked to join.
    PreparingRebalance,
    /// The leader's assignment is waited for.
    CompletingRebalance,
    /// Every member has what it should.
    Stable,
    /// It is gone.
    Dead,
    /// Nobody is in it; it has offsets at most.
    Empty,
    /// A new target assignment is being made (KIP-848).
    Assigning,
    /// Members move to the target assignment (KIP-848).
    Reconciling,
    /// Not all that it needs is there (KIP-1071).
    NotReady,
    /// A state of a later Kafka.
    Unknown,
}

impl GroupState {
    const ALL: [Self; 8] = [
        Self::PreparingRebalance,
        Self::CompletingRebalance,
        Self::Stable,
        Self::Dead,
        Self::Empty,
        Self::Assigning,
        Self::Reconciling,
        Self::NotReady,
    ];

    /// The state of that name, however it is capitalized.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let same = |state: &Self| state.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(same).unwrap_or(Self::Unknown)
    }

    /// Its name, as Kafka's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
            Self::Empty => "Empty",
            Self::Assigning => "Assigning",
            Self::Reconciling => "Reconciling",
            Self::NotReady => "NotReady",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// By which protocol a group lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupType {
    /// Members join and one of them assigns.
    Classic,
    /// The coordinator assigns (KIP-848).
    Consumer,
    /// Members share partitions (KIP-932).
    Share,
    /// Kafka Streams (KIP-1071).
    Streams,
    /// A type of a later Kafka.
    Unknown,
}

impl GroupType {
    const ALL: [Self; 4] = [Self::Classic, Self::Consumer, Self::Share, Self::Streams];

    /// The type of that name, however it is capitalized.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let same = |group_type: &Self| group_type.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(same).unwrap_or(Self::Unknown)
    }

    /// Its name, as Kafka's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Classic => "Classic",
            Self::Consumer => "Consumer",
            Self::Share => "Share",
            Self::Streams => "Streams",
            Self::Unknown => "Unknown",
        }
    }
}

impl fmt::Display for GroupType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_however_they_are_capitalized() {
        for state in GroupState::ALL {
            assert_eq!(GroupState::parse(&state.name().to_lowercase()), state);
        }
        for group_type in GroupType::ALL {
            assert_eq!(GroupType::parse(&group_type.name().to_uppercase()), group_type);
        }
        assert_eq!((GroupState::parse("x"), GroupType::parse("")), (GroupState::Unknown, GroupType::Unknown));
    }
}
