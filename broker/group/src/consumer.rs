//! KIP-848 groups: one request to join, live and leave; the coordinator assigns.
//!
//! ```text
//!  what members want, topics ──► group epoch ──► target assignment (its epoch) ──► each member on its own way:
//!
//!            nothing to give up                        all free
//!   Stable ─────────────────────► Unreleased ◄──────► Stable at the target's epoch
//!     └── must give up ──► Unrevoked (stays in its epoch until it has) ──┘
//! ```
//!
//! Members of classic groups are let in too: a group changes its type with its first member of the one kind, and with
//! the last of the other that leaves.
//!
//! All of it is hard state: a heartbeat that changes nothing writes nothing, and reads its member only. Soft are the
//! deadlines, and which groups have looked at the topics since these changed last. A decision sees its own records
//! ([`Work::state`](crate::work::Work::state)), so that its steps follow one another as if they were requests.

mod assignor;
mod classic_join;
mod classic_member;
mod commit;
mod describe;
mod downgrade;
mod embedded;
mod fence;
mod heartbeat;
mod live;
mod member;
mod metadata_hash;
mod reconcile;
mod records;
mod statics;
mod subscription;
mod target;
#[cfg(test)]
mod tests;
mod upgrade;
mod validate;
mod wants;

pub(crate) use commit::{CommitCheck, Committer, may_commit, may_fetch};
pub(crate) use describe::{describe, state_of};
pub(crate) use fence::{remove_all, tombstones};
pub(crate) use live::ConsumerLive;
pub(crate) use subscription::is_subscribed;
