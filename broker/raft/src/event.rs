//! What happens to a member of the quorum, and what it wants done.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_types::{BrokerId, LeaderEpoch, Offset, ReplyId};

use crate::{
    snapshot::SnapshotId,
    voter_change::VoterRequest,
    voters::{VoterKey, Voters},
};

/// What a member must not forget: written to `quorum-state` before it counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuorumState {
    /// Who leads the epoch, as far as is known.
    pub leader: Option<BrokerId>,
    /// The newest epoch that was heard of.
    pub epoch: LeaderEpoch,
    /// For whom this node voted in the epoch.
    pub voted: Option<VoterKey>,
}

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
    /// other side hears of it as [`Event::Fetched`].
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
    /// A part of a snapshot. Only ever sent, as with [`Outcome::Records`]; see [`Event::SnapshotChunk`].
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

/// Records that came from the leader; their bytes are held by the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The bytes; not looked at when there are no records.
    pub bytes: HeldBytes,
    /// The offset after the last record; the offset that was asked for when there are none.
    pub end: Offset,
    /// The epochs of the batches, with the offset of the first batch of each.
    pub epochs: Vec<(LeaderEpoch, Offset)>,
    /// The voter sets among them, with the offsets after their records.
    pub voters: Vec<(Offset, Voters)>,
    /// The leader's high watermark.
    pub high_watermark: Option<Offset>,
}

/// What happens to a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The process has started; log and state were read.
    Start,
    /// Time has passed.
    Tick,
    /// This node wants to lead no longer, as before a stop.
    Resign,
    /// The last [`Action::WriteState`] is durable.
    StateWritten,
    /// The log ends here now: the leader appended, or what was fetched is appended.
    Appended {
        /// The offset after the last record.
        end: Offset,
    },
    /// [`PeerAction::AppendVoters`] is done. Said before any later [`Event::Appended`] or [`Event::Flushed`].
    VotersAppended {
        /// The offset after the voters' record.
        end: Offset,
    },
    /// The log is durable up to here.
    Flushed {
        /// The offset after the last durable record.
        upto: Offset,
    },
    /// [`Action::Truncate`] is done.
    Truncated,
    /// A snapshot was written here, and the log starts at `log_start` now.
    SnapshotTaken {
        /// Which.
        id: SnapshotId,
        /// Where the log starts.
        log_start: Offset,
    },
    /// A request of another member.
    Received {
        /// Where the answer goes.
        reply: ReplyId,
        /// What it asks.
        request: Request,
    },
    /// An answer of another member, other than records and parts of snapshots.
    Answered {
        /// To which request.
        correlation: Correlation,
        /// Who answered.
        from: BrokerId,
        /// What.
        answer: Answer,
    },
    /// Records, or none, in answer to a fetch.
    Fetched {
        /// To which request.
        correlation: Correlation,
        /// The sender's epoch.
        epoch: LeaderEpoch,
        /// The sender, which leads it.
        leader: BrokerId,
        /// What came.
        records: Fetched,
    },
    /// A part of a snapshot in answer to a request for it.
    SnapshotChunk {
        /// To which request.
        correlation: Correlation,
        /// The bytes.
        bytes: HeldBytes,
        /// How many they are.
        length: u64,
        /// The size of the whole snapshot.
        size: u64,
    },
    /// [`Action::WriteSnapshotChunk`] is done.
    SnapshotChunkWritten,
    /// [`Action::InstallSnapshot`] is done: the log is empty and starts at the snapshot's end.
    SnapshotInstalled {
        /// The voters in it.
        voters: Voters,
    },
    /// A request got no answer: the connection failed, or the answer made no sense.
    Failed {
        /// Which request.
        correlation: Correlation,
    },
    /// As [`Event::Failed`], and nobody listens where the request went: that process is gone.
    Refused {
        /// Which request.
        correlation: Correlation,
    },
}

/// What a member wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make this durable, then say [`Event::StateWritten`].
    WriteState(QuorumState),
    /// Append [`crate::Raft::opening_batch`], which opens the leadership, then say [`Event::Appended`].
    AppendLeaderChange {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
    },
    /// This node leads, and everything before `next` is committed: records may be appended.
    Elected {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
        /// The offset of the first record that will be appended.
        next: Offset,
    },
    /// This node leads no longer: nothing may be appended.
    Resigned {
        /// The epoch of the leadership that ended.
        epoch: LeaderEpoch,
    },
    /// Make the log durable up to here, then say [`Event::Flushed`]. A later one includes an earlier one.
    Flush {
        /// The offset after the last record to flush.
        upto: Offset,
    },
    /// Everything before this offset is committed.
    Committed {
        /// The offset after the last committed record.
        upto: Offset,
    },
    /// Quorum traffic; there is none in a quorum of one without observers.
    Peer(PeerAction),
}

/// What a member wants done that has to do with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerAction {
    /// Send a request; say [`Event::Answered`], [`Event::Fetched`], [`Event::SnapshotChunk`] or [`Event::Failed`].
    Send {
        /// Names it.
        correlation: Correlation,
        /// To whom.
        to: Destination,
        /// What.
        request: Request,
    },
    /// Answer a request.
    Respond {
        /// Which.
        reply: ReplyId,
        /// With what.
        answer: Answer,
    },
    /// Append what was fetched, as it is, then say [`Event::Appended`].
    AppendFetched {
        /// The bytes.
        bytes: HeldBytes,
    },
    /// Append [`crate::Raft::voters_batch`], then say [`Event::VotersAppended`].
    AppendVoters {
        /// The leadership's epoch.
        epoch: LeaderEpoch,
    },
    /// Cut the log, durably, then say [`Event::Truncated`].
    Truncate {
        /// The first offset that goes.
        to: Offset,
    },
    /// Write a part of a snapshot, then say [`Event::SnapshotChunkWritten`].
    WriteSnapshotChunk {
        /// Which snapshot.
        id: SnapshotId,
        /// Where the part begins.
        position: u64,
        /// The bytes.
        bytes: HeldBytes,
    },
    /// Make the snapshot durable, throw the log away, let it start at the snapshot's end, replay the snapshot, then
    /// say [`Event::SnapshotInstalled`].
    InstallSnapshot {
        /// Which.
        id: SnapshotId,
    },
    /// Let go of bytes that are not needed.
    Drop {
        /// Which.
        bytes: HeldBytes,
    },
}

/// Who answered in an election.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ballots {
    pub(crate) granted: BTreeSet<BrokerId>,
    pub(crate) rejected: BTreeSet<BrokerId>,
}
