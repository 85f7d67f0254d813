//! What the operator decides, as pure functions: no client, no clock, no randomness.

pub mod conditions;
pub mod quantity;
pub mod size;
pub mod topics;
pub mod values;
