//! What the operator decides, as pure functions: no client, no clock, no randomness.
//!
//! `observed` is what was read; `validate` makes it a cluster that makes sense or names the field that is wrong;
//! `plan` gives the changes in order, the events and the status. `topics` and `users` are the same for one topic and one user, `size` the
//! arithmetic behind `spec.sizing` and `klamm size`.

pub mod certificates;
pub mod claims;
pub mod conditions;
pub mod kafka;
pub mod listeners;
pub mod manifest;
pub mod names;
pub mod objects;
pub mod observed;
pub mod plan;
pub mod quantity;
pub mod size;
pub mod standing;
pub mod topics;
pub mod users;
pub mod validate;
pub mod validated;
pub mod values;
#[cfg(test)]
mod world;
