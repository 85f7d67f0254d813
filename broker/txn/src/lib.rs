//! The transaction coordinator: one shard is one partition of `__transaction_state` (design, section 2; KIP-98, KIP-890).
//!
//! ```text
//! Request  InitProducerId, AddPartitions, VerifyPartitions, EndTransaction, Describe, List
//!    │
//!    ▼  reads State (hard: what the log says)
//! TransactionCoordinator ──► TransactionRecord ──► replayed into State ──► (ReplyId, Response), once committed
//!    ▲  │
//!    │  └─ PrepareCommit, PrepareAbort ──► pending markers ──► the answer to AwaitMarkers, once committed
//!    ├──── MarkersWritten: when all are, CompleteCommit or CompleteAbort
//!    └──── tick: transactions that took too long are aborted, transactional ids that nobody used are forgotten
//! ```
//!
//! **Markers.** While it leads, the shell keeps one [`Request::AwaitMarkers`] at every shard, with the number of the last
//! markers that it has. The reply is kept until there are later ones; since it leaves like every reply, once what was
//! decided before it is committed, no marker is told of before its transaction's end is. A reply that is refused (not
//! written, timed out) changes nothing: the next request names the same number and gets the same markers. The shell
//! groups them by leader, sends `WriteTxnMarkers`, tries again for ever whatever may pass, and says with
//! [`Request::MarkersWritten`] which partitions have theirs; one that is gone, or cannot hold markers, counts as
//! written. What a leader refuses for good (its producer or its coordinator is fenced) the shell drops: another
//! coordinator has taken over. After a load the markers of whatever was prepared are pending again, all of them: a
//! marker may be written twice.
//!
//! **Producer ids** are an input. A request that may need one carries a spare one; one that turns out to need it and has
//! none is refused with [`TxnError::NeedsProducerId`], to be asked again with one. A spare one that was passed is
//! never used for anything else, whether it was needed or not: there are 2^63.
//!
//! **Compared with Kafka.** Kafka answers CONCURRENT_TRANSACTIONS while a change of the same transactional id waits for
//! its commit; here the second request is decided on top of the first, and both are answered in order.
//!
//! Invariants: only replayed records change [`State`]; the epoch of a producer id never goes back; a fenced producer
//! neither adds nor ends; whatever is prepared has its markers pending, or was completed. No I/O, no clock.
#![no_std]

extern crate alloc;

mod add;
mod coordinator;
mod end;
mod errors;
mod features;
mod former;
mod init;
mod list;
mod markers;
mod partitions;
mod record;
mod request;
mod response;
mod settings;
mod state;
mod sweep;
#[cfg(test)]
mod testing;
mod transaction;
mod work;

pub use coordinator::TransactionCoordinator;
pub use errors::TxnError;
pub use features::Features;
pub use markers::{MarkerNumber, PendingMarkers};
pub use partitions::Partitions;
pub use record::{Encoded, TransactionRecord, UnreadableRecord};
pub use request::{
    AddPartitions, AwaitMarkers, EndTransaction, InitProducerId, ListTransactions, MarkersWritten, Request,
};
pub use response::{ListedTransaction, Response, TransactionList};
pub use settings::Settings;
pub use state::State;
pub use transaction::{Transaction, TransactionState};

/// The persistent ordered map that hard state is made of.
pub type Map<K, V> = rpds::RedBlackTreeMapSync<K, V>;
