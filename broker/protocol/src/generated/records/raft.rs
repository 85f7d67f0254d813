// Written by `cargo run -p broker-schema` from broker/schema/messages; edit those instead.
//! What a quorum member keeps in its `quorum-state` file.

pub mod quorum_state_data;

pub use quorum_state_data::QuorumStateData;
