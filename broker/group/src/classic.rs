//! Classic groups: members join, one of them assigns, all sync.
//!
//! ```text
//!           first member          delay over, or        leader synced
//!  Empty ──────────────► Preparing ───────────► Completing ─────────► Stable
//!    ▲                    │   ▲    all joined     │   │                 │
//!    └──── nobody left ───┘   └───────────────────┴───┴─────────────────┘
//!                                somebody joins, leaves, changes, is silent
//! ```
//!
//! A group is soft state while it rebalances: what is written is an assignment (with its members) or that nobody is
//! left. A new coordinator knows the last generation that was written, and takes it for stable.

mod group;
mod heartbeat;
mod history;
#[cfg(test)]
mod invariants;
mod join;
mod leave;
mod member;
mod protocols;
mod rebalance;
mod static_member;
mod subscription;
mod sync;
#[cfg(test)]
mod tests;
mod written;

pub(crate) use group::{LiveGroup, Phase};
pub(crate) use history::History;
#[cfg(test)]
pub(crate) use invariants::check;
pub(crate) use join::{join, precheck, refuse};
pub(crate) use leave::leave;
pub(crate) use member::Member;
pub(crate) use subscription::CONSUMER;
pub(crate) use written::{duration, millis};
