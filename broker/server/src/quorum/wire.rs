//! What members of the quorum say to one another, as Kafka's messages (KIP-595, KIP-630, KIP-853, KIP-996). One file per
//! message family; each turns requests and answers both ways.
//!
//! Invariant: a message names one partition, that of the metadata; one that names another, or several, is malformed.

pub(crate) mod begin_epoch;
pub(crate) mod end_epoch;
pub(crate) mod fetch;
pub(crate) mod snapshot;
#[cfg(test)]
mod tests;
pub(crate) mod vote;
pub(crate) mod voters;

use broker_log::METADATA_TOPIC;
use broker_protocol::{ErrorCode, Str};
use broker_raft::{Answer, Outcome, Refusal, VoterKey};
use broker_types::{BrokerId, ClusterId, DirectoryId, LeaderEpoch, Offset, TopicId, Uuid};
use bytes::Bytes;

/// The only partition of the metadata topic.
const PARTITION: i32 = 0;

/// The topic id that Kafka gives the metadata topic.
pub(crate) fn metadata_topic_id() -> TopicId {
    let mut bytes = [0; 16];
    bytes[15] = 1;
    TopicId::new(Uuid::from_bytes(bytes))
}

/// Where a node's controller listener is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeAddress {
    pub(crate) node: BrokerId,
    pub(crate) host: Str,
    pub(crate) port: u16,
}

/// An answer that goes to another member: what the machine decided, and the bytes that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) answer: Answer,
    /// Where the leader that the answer names can be reached, when that is known.
    pub(crate) leader: Option<NodeAddress>,
    /// Records of the log, or a part of a snapshot.
    pub(crate) bytes: Bytes,
    /// The size of the whole snapshot.
    pub(crate) snapshot_bytes: u64,
    /// Where the log starts.
    pub(crate) log_start: Offset,
}

/// Why a request or an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// It names another partition than that of the metadata, or lacks what it must have.
    #[error("it is not about the metadata partition alone")]
    Malformed,
    /// It comes from another cluster.
    #[error("it belongs to another cluster")]
    OtherCluster,
    /// The other side could not answer.
    #[error("it was answered with {0:?}")]
    Refused(ErrorCode),
}

impl Unusable {
    /// What a request is answered with.
    pub(crate) const fn code(self) -> ErrorCode {
        match self {
            Self::Malformed => ErrorCode::InvalidRequest,
            Self::OtherCluster => ErrorCode::InconsistentClusterId,
            Self::Refused(code) => code,
        }
    }
}

/// Whether a request comes from this cluster: one that does not say is taken as such, as Kafka does.
fn check_cluster(theirs: Option<&Str>, ours: &ClusterId) -> Result<(), Unusable> {
    match theirs {
        Some(theirs) if theirs.as_str() != ours.as_str() => Err(Unusable::OtherCluster),
        _ => Ok(()),
    }
}

/// The one partition of the one topic.
fn only<'a, T, P>(
    topics: &'a [T],
    name: impl Fn(&T) -> bool,
    partitions: impl Fn(&'a T) -> &'a [P],
    index: impl Fn(&P) -> i32,
) -> Result<&'a P, Unusable> {
    match topics {
        [topic] if name(topic) => match partitions(topic) {
            [partition] if index(partition) == PARTITION => Ok(partition),
            _ => Err(Unusable::Malformed),
        },
        _ => Err(Unusable::Malformed),
    }
}

fn is_metadata(name: &Str) -> bool {
    name.as_str() == METADATA_TOPIC
}

fn topic() -> Str {
    Str::from(METADATA_TOPIC)
}

fn cluster(id: &ClusterId) -> Option<Str> {
    Some(Str::from(id.as_str()))
}

fn check(code: i16) -> Result<(), Unusable> {
    match known(code) {
        ErrorCode::None => Ok(()),
        code => Err(Unusable::Refused(code)),
    }
}

fn known(code: i16) -> ErrorCode {
    ErrorCode::from_code(code).unwrap_or(ErrorCode::UnknownServerError)
}

fn key(id: i32, directory: Uuid) -> VoterKey {
    VoterKey { id: BrokerId::new(id), directory: DirectoryId::new(directory) }
}

fn epoch(raw: i32) -> Result<LeaderEpoch, Unusable> {
    LeaderEpoch::from_wire(raw).ok_or(Unusable::Malformed)
}

fn offset(raw: i64) -> Result<Offset, Unusable> {
    Offset::from_wire(raw).ok_or(Unusable::Malformed)
}

fn leader_id(answer: &Answer) -> i32 {
    answer.leader.map_or(-1, BrokerId::get)
}

/// The error of an outcome; none for those that are no refusal.
fn error_of(outcome: &Outcome) -> ErrorCode {
    match outcome {
        Outcome::Refused(refusal) => match refusal {
            Refusal::FencedEpoch => ErrorCode::FencedLeaderEpoch,
            Refusal::UnknownEpoch => ErrorCode::UnknownLeaderEpoch,
            Refusal::NotLeader => ErrorCode::NotLeaderOrFollower,
            Refusal::InvalidVoterKey => ErrorCode::InvalidVoterKey,
            Refusal::InvalidRequest => ErrorCode::InvalidRequest,
            Refusal::SnapshotNotFound => ErrorCode::SnapshotNotFound,
            Refusal::DuplicateVoter => ErrorCode::DuplicateVoter,
            Refusal::VoterNotFound => ErrorCode::VoterNotFound,
            Refusal::TimedOut(_) => ErrorCode::RequestTimedOut,
        },
        _ => ErrorCode::None,
    }
}

/// What an answer that another member sent says: its leadership, and the refusal or what `outcome` makes of it.
fn answer(
    code: i16,
    leader: i32,
    leader_epoch: i32,
    outcome: impl FnOnce() -> Outcome,
) -> Result<Answer, Unusable> {
    let outcome = match known(code) {
        ErrorCode::None => outcome(),
        ErrorCode::FencedLeaderEpoch => Outcome::Refused(Refusal::FencedEpoch),
        ErrorCode::UnknownLeaderEpoch => Outcome::Refused(Refusal::UnknownEpoch),
        ErrorCode::NotLeaderOrFollower | ErrorCode::BrokerNotAvailable => {
            Outcome::Refused(Refusal::NotLeader)
        }
        ErrorCode::InvalidVoterKey => Outcome::Refused(Refusal::InvalidVoterKey),
        ErrorCode::SnapshotNotFound => Outcome::Refused(Refusal::SnapshotNotFound),
        ErrorCode::InvalidRequest => Outcome::Refused(Refusal::InvalidRequest),
        code => return Err(Unusable::Refused(code)),
    };
    let leader = BrokerId::from_wire(leader);
    Ok(Answer { epoch: LeaderEpoch::from_wire(leader_epoch).unwrap_or(LeaderEpoch::ZERO), leader, outcome })
}
