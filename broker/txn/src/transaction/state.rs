//! What a transaction does.

/// The states in which a transactional id is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TransactionState {
    /// The producer has begun nothing yet.
    Empty,
    /// It has partitions.
    Ongoing,
    /// It will be committed: markers are being written.
    PrepareCommit,
    /// It will be aborted: markers are being written.
    PrepareAbort,
    /// All commit markers are written.
    CompleteCommit,
    /// All abort markers are written.
    CompleteAbort,
}

/// States of Kafka's that are never written: their names are known in filters all the same.
const UNWRITTEN: [&str; 2] = ["Dead", "PrepareEpochFence"];

impl TransactionState {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Empty,
        Self::Ongoing,
        Self::PrepareCommit,
        Self::PrepareAbort,
        Self::CompleteCommit,
        Self::CompleteAbort,
    ];

    /// The number in the log.
    #[must_use]
    pub const fn number(self) -> i8 {
        match self {
            Self::Empty => 0,
            Self::Ongoing => 1,
            Self::PrepareCommit => 2,
            Self::PrepareAbort => 3,
            Self::CompleteCommit => 4,
            Self::CompleteAbort => 5,
        }
    }

    /// The state of a number in the log.
    #[must_use]
    pub fn from_number(number: i8) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// The name that the wire carries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }

    /// Whether nothing is going on.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::Empty | Self::CompleteCommit | Self::CompleteAbort)
    }

    /// Whether Kafka knows a state of this name.
    #[must_use]
    pub fn is_known(name: &str) -> bool {
        UNWRITTEN.contains(&name) || Self::ALL.iter().any(|state| state.name() == name)
    }
}
