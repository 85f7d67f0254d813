//! Compaction: of each key the last record stays, so that the log holds a value for every key and no more.
//!
//! ```text
//! log.cleanable(now)               -> how much is dirty                              short, under the log's lock
//! log.begin_cleaning(now)          -> Cleaning, a plan of one round                  short, under the log's lock
//!   cleaning.map_keys(tools)          the dirty part's keys and their last offsets   long, without it
//!   cleaning.next_segment(tools)   -> Cleaned: some old segments written as one new  long, without it
//!     log.swap_in(&cleaning, ..)      the new one takes their place                  short, under it
//!     cleaning.sync_names()
//! log.complete_cleaning(&cleaning), cleaning.write_checkpoint()
//! ```
//!
//! A round maps the keys of the dirty part, which lies between what the last round reached and what may not be cleaned
//! yet, and then writes the whole log before that anew without the records that the map has a later one for. Offsets
//! never change. What may go besides: tombstones and transaction markers after their delete horizon (KIP-534), records
//! of aborted transactions, records without a key. What stays though it is empty: the last batch of each producer that
//! is remembered, for its sequence, and the last batch of the round, for its offset.
//!
//! The active segment is never cleaned, nor what is not decided, replicated and synced (also the decision), nor what is
//! younger than `min.compaction.lag.ms`. A round that is overtaken (a cut of the log, its deletion, its close) is told at its next
//! step and leaves nothing behind.
//!
//! Keys are known by a keyed 128-bit hash: see `key_hash.rs`. Memory: the map within its limit and never more than the
//! dirty part's records need, one read and one write buffer, one batch decompressed.
//!
//! Durability point: a new segment's bytes are synced before its names say that it is whole (`.swap`); the names are
//! synced before the checkpoint moves. At every moment between the folder holds the old segments or the new one whole:
//! `recovery/leftovers.rs` finds out which.

mod batch;
mod begin;
mod cleaned;
mod decided;
mod error;
mod groups;
mod job;
mod key_hash;
mod map_keys;
mod offset_map;
mod output;
mod range;
mod source;
mod swap;
mod tools;
mod transactions;

pub use begin::Cleaning;
pub use cleaned::{Cleaned, Totals};
pub(crate) use decided::Decided;
pub use error::{CleanError, Damage, DamageReason};
pub use key_hash::HashKey;
pub use range::Cleanable;
pub use tools::{CleanLimits, Recode, Tools};
