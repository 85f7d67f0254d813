//! What happens to a replica, and what it wants done.

use alloc::{collections::BTreeSet, vec::Vec};

use broker_types::{BrokerEpoch, BrokerId, LeaderEpoch, Mono, Offset, PartitionEpoch, ReplyId};

/// What happens to a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The metadata names this replica the leader, or says something new about a leadership that it has.
    BecomeLeader(Leadership),
    /// The metadata names another leader, or none.
    BecomeFollower(Following),
    /// The log can be used no longer.
    Offline,
    /// A leader's log ends here now.
    Appended {
        /// The offset after the last record.
        log_end: Offset,
    },
    /// What of a leader's own log counts changed: it was synced, or whether that matters.
    Durable(Durable),
    /// A producer waits until everything before `offset` is on enough replicas (acks=all).
    Await {
        /// Where the answer goes.
        reply: ReplyId,
        /// The offset after the producer's last record.
        offset: Offset,
        /// When it gives up.
        deadline: Mono,
    },
    /// A follower fetched.
    FollowerAt(FollowerPosition),
    /// A broker with a replica was fenced, unfenced, registered anew or asked to stop.
    PeerChanged(Peer),
    /// The controller answered [`Action::ProposeIsr`].
    IsrAnswered(IsrAnswer),
    /// `min.insync.replicas` changed.
    MinIsrChanged {
        /// The new minimum.
        min_isr: u32,
    },
    /// Somebody wants everything before `offset` deleted (KIP-107).
    DeleteRecords {
        /// Where the answer goes.
        reply: ReplyId,
        /// The first offset to keep; `None` for the high watermark.
        offset: Option<Offset>,
        /// When it gives up.
        deadline: Mono,
    },
    /// The log starts here now: retention moved it.
    LogStartsAt {
        /// The first offset.
        log_start: Offset,
    },
    /// A follower appended what it fetched, perhaps nothing.
    Fetched {
        /// Where its log ends now.
        log_end: Offset,
        /// The leader's high watermark.
        high_watermark: Offset,
        /// Where the leader's log starts.
        log_start: Offset,
    },
    /// A follower cut its log.
    Truncated {
        /// Where its log ends now.
        log_end: Offset,
    },
    /// A follower threw its log away and goes on at `at`, where its leader's log starts.
    Restarted {
        /// Where its log starts and ends now.
        at: Offset,
    },
    /// Time has passed.
    Tick,
}

/// A leadership, as the metadata has it, and the log that it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leadership {
    /// The leadership's epoch.
    pub epoch: LeaderEpoch,
    /// The version of the partition's registration.
    pub partition_epoch: PartitionEpoch,
    /// The in-sync replicas; this one is among them.
    pub isr: BTreeSet<BrokerId>,
    /// The other replicas.
    pub peers: Vec<Peer>,
    /// `min.insync.replicas`.
    pub min_isr: u32,
    /// Where the log ends. Looked at when the epoch is new; so are the next two.
    pub log_end: Offset,
    /// Where the log starts.
    pub log_start: Offset,
    /// The last high watermark that is known.
    pub high_watermark: Offset,
    /// What of the log counts.
    pub durable: Durable,
}

/// What of a leader's own log counts as being on it. Followers count for what they ask for: where a sync is promised they
/// sync before they ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// Everything that is written: no sync is promised, other replicas are what survives a loss of power.
    AsWritten,
    /// What lies before: everything is synced before anyone is told (`flush.messages=1`), so that power may fail
    /// everywhere at once. A leader that lost what it had counted would be in the ISR without it.
    Upto(Offset),
}

/// A following, and the log that it begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// The epoch of the leadership that is followed.
    pub epoch: LeaderEpoch,
    /// Where the log ends.
    pub log_end: Offset,
    /// Where the log starts.
    pub log_start: Offset,
    /// The last high watermark that is known.
    pub high_watermark: Offset,
}

/// A broker with another replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Which.
    pub broker: BrokerId,
    /// Its registration, while it may join an ISR: it is unfenced, and not about to stop.
    pub eligible: Option<BrokerEpoch>,
}

/// What a follower's fetch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowerPosition {
    /// Who.
    pub broker: BrokerId,
    /// Its registration as it says itself (KIP-903); `None` from one that does not say.
    pub broker_epoch: Option<BrokerEpoch>,
    /// Where its log ends: the offset that it fetches.
    pub log_end: Offset,
    /// Where its log starts.
    pub log_start: Offset,
}

/// What became of a proposed ISR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IsrAnswer {
    /// It holds.
    Accepted {
        /// The ISR.
        isr: BTreeSet<BrokerId>,
        /// The version of the partition's registration that has it.
        partition_epoch: PartitionEpoch,
    },
    /// It does not hold; it may be proposed again.
    Refused,
    /// The registration is another one by now: the metadata will tell. Until then the proposal may hold.
    Overtaken,
}

/// What a replica wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The high watermark is here now: set it in the log, wake who waits for records.
    AdvanceHighWatermark(Offset),
    /// Let the log start here.
    AdvanceLogStart(Offset),
    /// Answer a producer.
    CompleteProduce {
        /// Whose.
        reply: ReplyId,
        /// With what.
        result: Result<(), ProduceFailure>,
    },
    /// Answer who wants records deleted, with the lowest log start of all live replicas.
    CompleteDelete {
        /// Whose.
        reply: ReplyId,
        /// With what.
        result: Result<Offset, DeleteFailure>,
    },
    /// Ask the controller for this ISR (AlterPartition), and answer with [`Event::IsrAnswered`].
    ProposeIsr {
        /// The leadership that proposes.
        epoch: LeaderEpoch,
        /// The registration that it knows.
        partition_epoch: PartitionEpoch,
        /// The ISR, each with the registration that was seen (KIP-903). Its own it leaves to the caller.
        isr: Vec<(BrokerId, Option<BrokerEpoch>)>,
    },
}

/// Why records that were appended may not be on enough replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProduceFailure {
    /// The leadership ended.
    #[error("this broker leads the partition no longer")]
    NotLeader,
    /// The log can be used no longer.
    #[error("the partition's log directory is offline")]
    Offline,
    /// The deadline passed.
    #[error("the records did not reach enough replicas in time")]
    TimedOut,
    /// They are on all in-sync replicas, but these are fewer than the minimum.
    #[error("the records were appended, to fewer in-sync replicas than required")]
    NotEnoughReplicasAfterAppend,
    /// More producers wait than are allowed to.
    #[error("too many producers wait for this partition")]
    TooManyWaiting,
}

/// Why records were not deleted, or not everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteFailure {
    /// This replica does not lead, or no longer.
    #[error("this broker does not lead the partition")]
    NotLeader,
    /// The log can be used no longer.
    #[error("the partition's log directory is offline")]
    Offline,
    /// Past the high watermark.
    #[error("the offset lies past the high watermark {high_watermark}")]
    OutOfRange {
        /// What may be deleted up to.
        high_watermark: Offset,
    },
    /// Some replica did not follow in time. The leader deleted them.
    #[error("not every replica deleted the records in time")]
    TimedOut,
    /// More wait than are allowed to.
    #[error("too many deletions wait for this partition")]
    TooManyWaiting,
}

/// A producer with acks=all is refused before anything is appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {in_sync} in-sync replicas, {required} are required")]
pub struct NotEnoughReplicas {
    /// How many there are.
    pub in_sync: usize,
    /// How many are required.
    pub required: usize,
}
