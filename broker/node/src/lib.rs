//! What one broker decides about itself.
//!
//! [`Node`] is its life in the cluster: registered, caught up, unfenced, stopped in order. [`fetcher`] follows one leader
//! broker, [`fetch_sessions`] keeps what fetchers ask for between their requests, and [`connections`] counts who may
//! connect, [`ReplicationQuota`] how fast replicas are copied, [`quotas`] how much clients may use; [`log_move`] moves one
//! to another log directory. All are told the time and draw no randomness but from a seed; none does I/O.
#![no_std]

extern crate alloc;

pub mod connections;
pub mod fetch_sessions;
pub mod fetcher;
pub mod log_move;
mod node;
pub mod quotas;
mod replication_quota;

pub use node::{Action, Event, Failure, GaveUp, Heartbeat, Node, Registration, Settings, Standing, State};
pub use replication_quota::ReplicationQuota;
