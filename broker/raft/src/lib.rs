//! The KRaft machine of the metadata quorum (KIP-595, KIP-853): who leads, what is committed, when to snapshot.
//!
//! ```text
//! Start ─► sole voter? ─► WriteState(voted for itself) ─► StateWritten ─► WriteState(leads) ─► StateWritten
//!              │                                                                                   │
//!              ▼ no                                                      AppendLeaderChange ◄──────┘
//!          observer: never votes                                               │
//!                                       Appended ─► Elected ─► Flush ─► Flushed ─► Committed
//! ```
//!
//! Whole today: a quorum of one dynamic voter. Quorums of more voters are refused at construction; their message
//! families (vote, begin and end of epochs, fetch, snapshots, voter changes) get a file each here.
//!
//! Invariants: a vote and a lead count only after they are durable; a node that is not in the voter set never
//! votes, so an emptied volume cannot elect itself from nothing; what is committed was flushed before; no clock,
//! no I/O, no randomness.
#![no_std]

extern crate alloc;

mod raft;
mod snapshot;
mod snapshot_policy;
mod voters;

pub use raft::{Action, Event, QuorumState, Raft, Role, UnsupportedQuorum};
pub use snapshot::{
    InvalidSnapshot, NotASnapshotName, Snapshot, SnapshotId, SnapshotTooLarge, leader_change, read_snapshot,
    write_snapshot,
};
pub use snapshot_policy::SnapshotPolicy;
pub use voters::{Voter, VoterEndpoint, VoterKey, Voters};
