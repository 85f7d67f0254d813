//! What happens to a member of the quorum, and what it wants done.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_types::{BrokerId, LeaderEpoch, Offset, ReplyId};

use crate::{
    message::{Answer, Correlation, Destination, HeldBytes, Request},
    snapshot::SnapshotId,
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
