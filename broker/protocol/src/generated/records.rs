// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! Records of Kafka's own logs and files, by who writes them.

pub mod control;
pub mod group;
pub mod metadata;
pub mod raft;
pub mod share;
pub mod storage;
pub mod transaction;
