//! The KRaft machine of the metadata quorum (KIP-595, KIP-853): who leads, what is committed, when to snapshot.
//!
//! ```text
//!              election timeout          would be elected            a majority votes
//! Unattached ──────────────────► Prospective ────────────► Candidate ───────────────► Leader
//!     ▲  │ hears of a leader         │ ▲                      │                          │ no majority fetches,
//!     │  ▼                           ▼ │ leader gone          │ lost, timeout            │ or it wants to stop
//!   Follower ◄───────────────────────┴─┘ ◄────────────────────┘                     Resigned ─► Unattached
//!
//! leader:   WriteState ─► AppendLeaderChange ─► Appended ─► Flush ─► Flushed (on a majority) ─► Committed ─► Elected
//! follower: Fetch ─► AppendFetched │ Truncate │ FetchSnapshot… ─► Flush ─► Fetch, which tells what is durable
//! ```
//!
//! One file per message family: votes, begin and end of epochs, fetch (serving it, following by it),
//! snapshots, voters that come and go on the leader, and what a follower asks of it for itself (AddRaftVoter and its kin).
//!
//! Invariants: a vote and a lead count only after they are durable; a node that is not in the voter set never asks for
//! votes, and gives none to who means another directory, so an emptied volume cannot elect itself from nothing; an
//! epoch is newer than every one in the log, even when the state file was lost; what is committed was flushed by a
//! majority, and carries a record of the leader's own epoch at or before its end; no clock, no I/O, no randomness but
//! the seed.
#![no_std]

extern crate alloc;

mod begin_quorum;
#[cfg(test)]
mod cluster;
mod end_quorum;
mod epochs;
mod event;
mod fetch;
mod fetch_snapshot;
mod follow;
mod joining;
#[cfg(test)]
mod kafka_bytes;
mod leader;
mod message;
mod opening;
mod progress;
mod raft;
mod refused;
mod requests;
mod role;
mod snapshot;
mod snapshot_policy;
mod snapshot_retention;
mod status;
mod timing;
mod transitions;
mod vote;
mod voter_change;
mod voter_history;
mod voters;

pub use epochs::EpochHistory;
pub use event::{Action, Event, Fetched, PeerAction, QuorumState};
pub use message::{
    Answer, Awaited, Correlation, Destination, FetchRequest, HeldBytes, Outcome, Refusal, Request,
    VoteRequest,
};
pub use raft::{Durable, Raft};
pub use role::Role;
pub use snapshot::{
    InvalidSnapshot, NotASnapshotName, Snapshot, SnapshotId, SnapshotTooLarge, read_snapshot, write_snapshot,
};
pub use snapshot_policy::SnapshotPolicy;
pub use snapshot_retention::{KeptSnapshot, SnapshotRetention};
pub use status::{QuorumStatus, ReplicaStatus};
pub use timing::Timing;
pub use voter_change::VoterRequest;
pub use voter_history::VoterHistory;
pub use voters::{Voter, VoterEndpoint, VoterKey, Voters};
