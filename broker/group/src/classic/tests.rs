//! Traces of classic groups.

mod failover;
mod join;
mod leave;
mod rebalance;
mod sessions;
mod static_members;
mod sync;
