//! What a fetcher hears, and what it wants done.

use alloc::vec::Vec;

use broker_types::{LeaderEpoch, Mono, Offset, PartitionId, TopicId};

/// A partition, as fetches name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Its topic.
    pub topic: TopicId,
    /// Which of the topic's.
    pub partition: PartitionId,
}

/// A follower's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Where it starts.
    pub start: Offset,
    /// Where it ends.
    pub end: Offset,
    /// The epoch of its last record.
    pub last_epoch: Option<LeaderEpoch>,
    /// What it knows to be committed.
    pub high_watermark: Offset,
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The metadata names the broker the leader of this partition in this epoch; told again it changes nothing.
    Followed {
        /// Which.
        partition: Key,
        /// The epoch of the leadership.
        epoch: LeaderEpoch,
        /// The log that is here.
        log: LogState,
    },
    /// The metadata names another leader, or none, or the replica is gone.
    Left {
        /// Which.
        partition: Key,
    },
    /// The answer to [`Action::SendFetch`].
    Answered(Answer),
    /// The request was not answered, or could not be sent: the connection is gone.
    Failed,
    /// An action on a log was done.
    Written {
        /// Which.
        partition: Key,
        /// As the action had it.
        epoch: LeaderEpoch,
        /// The log as it is now.
        log: LogState,
    },
    /// An action on a log was not done; the log is as it was.
    NotWritten {
        /// Which.
        partition: Key,
        /// As the action had it.
        epoch: LeaderEpoch,
        /// What that means.
        failure: WriteFailure,
    },
    /// The answer to [`Action::AskBounds`]; `None` when there was none.
    Bounds {
        /// Which.
        partition: Key,
        /// As the action had it.
        epoch: LeaderEpoch,
        /// The leader's log.
        bounds: Option<LogBounds>,
    },
    /// Whether a partition may be copied only as fast as the quota allows while it is behind (KIP-73). None is until told.
    Throttled {
        /// Which.
        partition: Key,
        /// Whether it is.
        is_throttled: bool,
    },
    /// The quota of throttled partitions as it is now: used up until then, or not. Told before other events where
    /// something is throttled; nothing is sent for it alone.
    Quota {
        /// When it is there again.
        exceeded_until: Option<Mono>,
    },
    /// Time has passed.
    Tick,
}

/// Why a log was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteFailure {
    /// It may be better later: what came was damaged, the volume is full.
    TryAgain,
    /// Nothing more is fetched in this epoch: the log is out of use, or follows another leadership.
    Stop,
}

/// An answer to a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The session; 0 for none.
    pub session: i32,
    /// The partitions with news; of a full fetch, all.
    pub outcome: Result<Vec<Answered>, FetchFailure>,
}

/// Why a whole fetch was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// `FETCH_SESSION_ID_NOT_FOUND`.
    SessionNotFound,
    /// `INVALID_FETCH_SESSION_EPOCH`, or the session names topics otherwise.
    SessionEpoch,
    /// Any other.
    Other,
}

/// The answer of one partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which.
    pub partition: Key,
    /// What the leader told.
    pub outcome: Result<Told, PartitionFailure>,
}

/// What a leader tells of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its high watermark.
    pub high_watermark: Offset,
    /// Where its log starts.
    pub log_start: Offset,
    /// Where the two logs part; there are no records then.
    pub diverging: Option<EpochEnd>,
    /// How many bytes of records came.
    pub bytes: usize,
}

/// The end of an epoch in a log (KIP-279).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochEnd {
    /// The largest epoch not beyond the one asked for that has records.
    pub epoch: LeaderEpoch,
    /// The offset after its last record.
    pub end: Offset,
}

/// Why a partition was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionFailure {
    /// `OFFSET_OUT_OF_RANGE`: the offset is not in the leader's log.
    OutOfRange,
    /// `FENCED_LEADER_EPOCH`: there is a newer leadership, of which the metadata will tell.
    FencedEpoch,
    /// Any other: it is asked for again after a pause.
    Other,
}

/// Where a leader's log starts and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// Its first offset.
    pub start: Offset,
    /// The offset after its last record, committed or not.
    pub end: Offset,
}

/// What is asked of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The leadership that is followed.
    pub epoch: LeaderEpoch,
    /// Where the log ends: what is read next.
    pub offset: Offset,
    /// The epoch of the last record here (KIP-595).
    pub last_epoch: Option<LeaderEpoch>,
    /// Where the log starts here.
    pub log_start: Offset,
}

/// A fetch. The limits are those of [`Settings`](super::Settings).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The session; 0 for none.
    pub session_id: i32,
    /// Its epoch; 0 asks for a new session, and names all partitions.
    pub session_epoch: i32,
    /// What the session does not know yet, each with the high watermark that is known here (KIP-1166).
    pub partitions: Vec<(Key, Wanted, Offset)>,
    /// What is to be forgotten by the session.
    pub forgotten: Vec<Key>,
}

/// What a fetcher wants done. Each action on a log is answered with [`Event::Written`] or [`Event::NotWritten`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this; answer with [`Event::Answered`] or [`Event::Failed`].
    SendFetch(Request),
    /// Give the request under way up, and its connection: its answer counts no more. It asked for less than what is
    /// followed, and waits for records.
    Abandon,
    /// Write the records of an answer's partition, then take over what the leader told.
    Write {
        /// Which.
        partition: Key,
        /// The leadership that they are from.
        epoch: LeaderEpoch,
        /// Where in the answer they are.
        index: usize,
        /// What the leader told.
        told: Told,
    },
    /// There were no records; take over what the leader told.
    SetHighWatermark {
        /// Which.
        partition: Key,
        /// The leadership that told it.
        epoch: LeaderEpoch,
        /// What the leader told.
        told: Told,
    },
    /// Cut the log at [`truncation_point`](super::truncation_point).
    Truncate {
        /// Which.
        partition: Key,
        /// The leadership that told it.
        epoch: LeaderEpoch,
        /// Where the leader says that the logs part.
        theirs: EpochEnd,
    },
    /// Cut the log where the leader's ends.
    TruncateAt {
        /// Which.
        partition: Key,
        /// The leadership that told it.
        epoch: LeaderEpoch,
        /// Where.
        to: Offset,
    },
    /// Throw the log away and go on where the leader's starts.
    Restart {
        /// Which.
        partition: Key,
        /// The leadership that told it.
        epoch: LeaderEpoch,
        /// Where.
        at: Offset,
    },
    /// Ask where the leader's log starts and ends (ListOffsets); answer with [`Event::Bounds`].
    AskBounds {
        /// Which.
        partition: Key,
        /// The leadership that is asked.
        epoch: LeaderEpoch,
    },
}
