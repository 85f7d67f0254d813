//! Who may do what: access control bindings, and what Kafka's StandardAuthorizer decides by them (KIP-11, KIP-290, KIP-801).
//!
//! ```text
//! Rules (super users, default) ┐
//! Bindings (of the image)      ├─► decide(actor, action) ─► Reason: allowed or denied, and by what
//! Actor, Action                ┘
//! ```
//! Invariants: a matching DENY wins over every ALLOW; nothing but an ALLOW, a super user or the stated default lets
//! anybody in; what a decision costs grows with the bindings that bear on the resource and the actor, not with all.
#![no_std]

extern crate alloc;

mod binding;
mod bindings;
mod codes;
mod decision;
mod filter;
mod host;
mod prefixes;
mod rules;
#[cfg(test)]
mod testing;

pub use binding::{Binding, Entry, Pattern, WILDCARD};
pub use bindings::Bindings;
pub use codes::{Operation, PatternType, Permission, ResourceType};
pub use decision::{Action, Actor, Matched, Reason};
pub use filter::{EntryFilter, Filter, PatternFilter};
pub use rules::{InvalidSuperUser, Rules};

/// The persistent ordered map that bindings are kept in.
type Map<K, V> = rpds::RedBlackTreeMapSync<K, V>;

/// The only name of a CLUSTER resource.
pub const CLUSTER_NAME: &str = "kafka-cluster";
