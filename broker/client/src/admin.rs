//! What tools and the operator ask of a cluster.

pub mod configs;
pub mod offsets;
pub mod topics;
