//! Strimzi's manifests as Klamm's: `convert` takes texts of YAML documents and gives documents and notes.
//!
//! The definitions of our own resources say what is carried over: a field that they have goes as it is, any other is a
//! note, with its path and the reason. So a field that the definitions gain is converted from then on.
//!
//! Invariants: nothing is left out without a note; what is printed is what the operator was asked about
//! (`operator_plan::validate`), or a note says what it will refuse.

mod check;
mod cluster;
mod convert;
mod fit;
mod listeners;
mod metadata;
mod note;
mod read;
mod reasons;
mod schema;
mod user;
mod yaml;

pub use convert::{Converted, convert};
pub use note::{Effect, Note};
pub use read::{ReadError, Source};
