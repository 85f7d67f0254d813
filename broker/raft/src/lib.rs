//! The KRaft machine of the metadata quorum (KIP-595, KIP-853): who leads, what is committed, when to snapshot.
//!
//! ```text
//! Start ─► sole voter? ─► WriteState(voted for itself) ─► StateWritten ─► WriteState(leads) ─► StateWritten
//!              │                                                                                   │
//!              ▼ no                                                      AppendLeaderChange ◄──────┘
//!          observer: never votes                                               │
//!                          Appended ─► Flush ─► Flushed ─► Committed ─► Elected ─► proposals: Appended ─► …
//! ```
//!
//! Whole today: a quorum of one dynamic voter. Quorums of more voters are refused at construction; their message
//! families (vote, begin and end of epochs, fetch, snapshots, voter changes) get a file each here.
//!
//! Invariants: a vote and a lead count only after they are durable; a node that is not in the voter set never
//! votes, so an emptied volume cannot elect itself from nothing; an epoch is newer than every one in the log, even
//! when the state file was lost; what is committed was flushed before, and carries a record of the leader's own epoch
//! at or before its end; no clock, no I/O, no randomness.
#![no_std]

extern crate alloc;

#[cfg(test)]
mod kafka_bytes;
mod opening;
mod raft;
mod snapshot;
mod snapshot_policy;
mod snapshot_retention;
mod status;
mod voter_history;
mod voters;

pub use raft::{Action, Durable, Event, QuorumState, Raft, Role, UnsupportedQuorum};
pub use snapshot::{
    InvalidSnapshot, NotASnapshotName, Snapshot, SnapshotId, SnapshotTooLarge, read_snapshot, write_snapshot,
};
pub use snapshot_policy::SnapshotPolicy;
pub use snapshot_retention::{KeptSnapshot, SnapshotRetention};
pub use status::{QuorumStatus, ReplicaStatus};
pub use voter_history::VoterHistory;
pub use voters::{Voter, VoterEndpoint, VoterKey, Voters};
