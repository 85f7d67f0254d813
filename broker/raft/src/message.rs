//! What members of the quorum ask each other, and answer.

use alloc::vec::Vec;

use broker_types::{BrokerId, LeaderEpoch, Offset};

use crate::{snapshot::SnapshotId, voter_change::VoterRequest, voters::VoterKey};

/// To whom a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// To this node; its address is in the voter set, or came with an answer that named it.
    Node(BrokerId),
    /// To any of `controller.quorum.bootstrap.servers`: no voter is known.
    Bootstrap,
}

/// Names a request that was sent; its answer carries the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Correlation(pub u64);

/// Names bytes that the shell holds until the machine says what to do with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBytes(pub u64);

/// What one member asks another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Would you vote for me (pre-vote, KIP-996), do you?
    Vote(VoteRequest),
    /// I lead.
    BeginQuorumEpoch {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
        /// Who leads it.
        leader: BrokerId,
        /// Who is meant.
        voter: VoterKey,
    },
    /// I lead no longer.
    EndQuorumEpoch {
        /// The epoch that ends.
        epoch: LeaderEpoch,
        /// Who led it.
        leader: BrokerId,
        /// Who should lead next, best first.
        successors: Vec<VoterKey>,
    },
    /// What comes after my log's end? All before it is durable here.
    Fetch(FetchRequest),
    /// A part of a snapshot.
    FetchSnapshot {
        /// The epoch of the leader that is asked.
        epoch: LeaderEpoch,
        /// Who asks.
        replica: VoterKey,
        /// Which snapshot.
        id: SnapshotId,
        /// From which byte on.
        position: u64,
    },
    /// Change the voters (KIP-853).
    Voters(VoterRequest),
}

/// A request for a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VoteRequest {
    /// The candidate's epoch; for a pre-vote the present one.
    pub epoch: LeaderEpoch,
    /// Who wants to lead.
    pub candidate: VoterKey,
    /// Who is meant; `None` from one that does not say.
    pub voter: Option<VoterKey>,
    /// The epoch of the candidate's last record.
    pub last_epoch: LeaderEpoch,
    /// Where the candidate's log ends.
    pub end: Offset,
    /// Only asks, and binds nobody.
    pub is_pre_vote: bool,
}

/// A request for records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    /// The epoch of the leader that is asked, as the follower knows it.
    pub epoch: LeaderEpoch,
    /// Who asks.
    pub replica: VoterKey,
    /// Where its log ends.
    pub offset: Offset,
    /// The epoch of its last record.
    pub last_epoch: LeaderEpoch,
    /// The high watermark that it knows (KIP-1166); `None` from one that does not say.
    pub high_watermark: Option<Offset>,
}

/// An answer, with what its sender knows of the leadership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The sender's epoch.
    pub epoch: LeaderEpoch,
    /// Who leads it.
    pub leader: Option<BrokerId>,
    /// The answer proper.
    pub outcome: Outcome,
}

/// An answer proper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Whether the vote is given.
    Vote {
        /// Given.
        is_granted: bool,
    },
    /// The new leadership is known now.
    BeginQuorumEpoch,
    /// The end of the leadership is known now.
    EndQuorumEpoch,
    /// Records. Only ever sent: the shell puts in what it reads, as much as fits, from `from` up to `upto`, and the
    /// other side hears of it as [`crate::Event::Fetched`].
    Records {
        /// The first offset.
        from: Offset,
        /// The end of what may be read.
        upto: Offset,
        /// The leader's high watermark.
        high_watermark: Option<Offset>,
    },
    /// The follower's log went another way: the leader's records of `epoch`, the last that both can have, end at
    /// `end`.
    Diverging {
        /// The epoch.
        epoch: LeaderEpoch,
        /// Where it ends in the leader's log.
        end: Offset,
    },
    /// The log does not go back so far: here is a snapshot.
    Snapshot(SnapshotId),
    /// A part of a snapshot. Only ever sent, as with [`Outcome::Records`]; see [`crate::Event::SnapshotChunk`].
    SnapshotChunk {
        /// Which.
        id: SnapshotId,
        /// From which byte on.
        position: u64,
    },
    /// The voters are as was asked for.
    VotersChanged,
    /// No.
    Refused(Refusal),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The epoch is over (`FENCED_LEADER_EPOCH`).
    FencedEpoch,
    /// The epoch is not known here yet (`UNKNOWN_LEADER_EPOCH`).
    UnknownEpoch,
    /// This node does not lead (`NOT_LEADER_OR_FOLLOWER`).
    NotLeader,
    /// Another voter is meant (`INVALID_VOTER_KEY`): same node, other directory.
    InvalidVoterKey,
    /// Two leaders of one epoch (`INVALID_REQUEST`), or this node does not vote.
    InvalidRequest,
    /// There is no such snapshot (`SNAPSHOT_NOT_FOUND`).
    SnapshotNotFound,
    /// A voter with this id is there (`DUPLICATE_VOTER`).
    DuplicateVoter,
    /// There is no such voter (`VOTER_NOT_FOUND`).
    VoterNotFound,
    /// A change of the voters cannot be made now, or took too long (`REQUEST_TIMED_OUT`).
    TimedOut(Awaited),
}

/// What a change of the voters waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// The end of the change before it.
    EarlierChange,
    /// The first commit of the leader's own.
    Leadership,
    /// The commit of the newest voter set.
    EarlierVoters {
        /// Where its record ends.
        end: Offset,
        /// Up to where the log is committed.
        committed: Offset,
    },
    /// The new voter's log.
    CatchUp,
    /// The commit of the set itself: whether it will come must be looked up.
    Commit,
}
