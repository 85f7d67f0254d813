//! What a member is at the moment, and what it knows as such.

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Mono, Offset};

use crate::{
    event::Ballots,
    leader::Leadership,
    snapshot::SnapshotId,
    voters::{VoterKey, Voters},
};

/// What a member is at the moment; the names are Kafka's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Follows nobody: it looks for a leader, and may vote.
    Unattached,
    /// Asks whether it would be elected (KIP-996).
    Prospective,
    /// Wants to be elected.
    Candidate,
    /// Follows a leader.
    Follower,
    /// Leads.
    Leader,
    /// Led, and will not lead this epoch again.
    Resigned,
}

#[derive(Clone, Debug)]
pub(crate) enum State {
    Unattached {
        /// When a voter asks for votes; an observer never does.
        election_at: Mono,
    },
    Prospective(Election),
    Candidate(Election),
    Follower(Following),
    Leader(Leadership),
    Resigned(Resignation),
}

/// Asking for votes.
#[derive(Clone, Debug)]
pub(crate) struct Election {
    pub(crate) ballots: Ballots,
    /// When it is over.
    pub(crate) until: Mono,
    /// A majority refused: what is left is the pause before the next one.
    pub(crate) is_lost: bool,
}

/// Following a leader.
#[derive(Clone, Debug)]
pub(crate) struct Following {
    pub(crate) leader: BrokerId,
    /// When the leader counts as gone.
    pub(crate) gone_at: Mono,
    /// When this node asks next for what it wants of the voter set.
    pub(crate) wish_at: Mono,
    /// Whether the leader answered: then no other is voted for.
    pub(crate) was_answered: bool,
    /// Nobody listens where it was: it need not be waited for.
    pub(crate) is_refused: bool,
    /// As the leader told it.
    pub(crate) high_watermark: Offset,
}

/// What the log is busy with on behalf of a leader. It outlives the following: the disk ends what it began, and until
/// then this node does not ask for votes.
#[derive(Clone, Debug, Default)]
pub(crate) enum Work {
    #[default]
    None,
    Appending {
        end: Offset,
        epochs: Vec<(LeaderEpoch, Offset)>,
        voters: Vec<(Offset, Voters)>,
    },
    Truncating {
        to: Offset,
    },
    /// Waits for the network, not for the disk.
    Download {
        id: SnapshotId,
        position: u64,
    },
    WritingChunk {
        id: SnapshotId,
        position: u64,
        is_last: bool,
    },
    /// A chunk of a snapshot that is not wanted any more is being written.
    Abandoned,
    Installing {
        id: SnapshotId,
    },
}

impl Work {
    /// Whether the disk works.
    pub(crate) const fn is_busy(&self) -> bool {
        !matches!(self, Self::None | Self::Download { .. })
    }

    /// The leader changed: another one's snapshot has other bytes.
    pub(crate) fn abandon(&mut self) {
        match self {
            Self::Download { .. } => *self = Self::None,
            Self::WritingChunk { .. } => *self = Self::Abandoned,
            _ => {}
        }
    }
}

/// Telling the others that the leadership is over.
#[derive(Clone, Debug)]
pub(crate) struct Resignation {
    pub(crate) until: Mono,
    pub(crate) successors: Vec<VoterKey>,
    pub(crate) untold: Vec<BrokerId>,
}

impl State {
    pub(crate) const fn role(&self) -> Role {
        match self {
            Self::Unattached { .. } => Role::Unattached,
            Self::Prospective(_) => Role::Prospective,
            Self::Candidate(_) => Role::Candidate,
            Self::Follower(_) => Role::Follower,
            Self::Leader(_) => Role::Leader,
            Self::Resigned(_) => Role::Resigned,
        }
    }
}

impl Following {
    pub(crate) const fn new(leader: BrokerId, gone_at: Mono) -> Self {
        Self {
            leader,
            gone_at,
            wish_at: gone_at,
            was_answered: false,
            is_refused: false,
            high_watermark: Offset::ZERO,
        }
    }
}
