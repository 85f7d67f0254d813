//! One replica of one partition: who leads, who is in sync, what is committed, who waits for that.
//!
//! ```text
//! BecomeLeader, BecomeFollower, Offline ─► role
//! Appended, Durable, FollowerAt ─► high watermark ─► AdvanceHighWatermark, CompleteProduce
//! FollowerAt, Tick     ─► in-sync replicas ─► ProposeIsr ─► IsrAnswered
//! Await                ─► parked until the high watermark, its deadline, or the end of the leadership
//! DeleteRecords        ─► AdvanceLogStart ─► parked until every live replica followed ─► CompleteDelete
//! Fetched              ─► (follower) AdvanceHighWatermark, AdvanceLogStart
//! Truncated, Restarted ─► (follower) its log as it is now
//! ```
//!
//! Invariants: the high watermark of a leader never moves back and never passes its log's end, nor the end of a
//! replica that may be in the ISR (the larger of the last known and the proposed one, KIP-497); it stands still while
//! the ISR is smaller than the minimum, which counts no more replicas than there are; every parked reply is answered
//! once. With one replica an append allocates nothing. No I/O, no clock.
#![no_std]

extern crate alloc;

mod deletions;
mod event;
mod follower;
mod leader;
mod peer;
mod replica;
#[cfg(test)]
mod tests;
mod waiting;

pub use event::{
    Action, DeleteFailure, Durable, Event, FollowerPosition, Following, IsrAnswer, Leadership,
    NotEnoughReplicas, Peer, ProduceFailure,
};
pub use replica::{Replica, Settings};
