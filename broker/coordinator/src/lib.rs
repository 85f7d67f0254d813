//! The driver of replicated state machines: decide, append, replay, reply at commit.
//!
//! ```text
//! Request ──► Shard::handle (reads the speculative state) ──► records + responses
//!                                  │                                   │
//!              replayed into the speculative state, at           parked by offset
//!              the offsets that they will have                         │
//!                                  ▼                                   │
//!                           Action::Append ──► log                     ▼
//!                                               │              Action::Reply
//!                                        Event::Committed ────────────►┘
//!                                        (replayed into the committed state)
//! ```
//!
//! Invariants: hard state changes only by [`Shard::replay`], the same code while leading, loading and following, and
//! with the same offsets; a reply leaves only when everything that it rests on is committed; when leadership is lost
//! the speculative state is dropped and every parked reply is refused; the replies that wait are bounded. No I/O, no
//! clock.
#![no_std]

extern crate alloc;

mod driver;
mod parked;
mod shard;
#[cfg(test)]
mod tests;

pub use driver::{Action, Driver, Event};
pub use shard::{Outcome, Refused, Replies, Shard, Unwritten};
