//! The operator's shell: it watches, reads, carries out and reports what `operator-plan` decides.
//!
//! A reconcile goes through stages that are named by what they may do: observe (reads only), decide (pure), apply
//! (the plan's order), report (status and events). Invariants: nothing is decided here; at steady state the only
//! write is the renewal of the Lease; an object that cannot be read stops no other one.
//!
//! `admin` is the same for topics without Kubernetes: `klamm up` uses it.

pub mod admin;
mod bound;
mod certificates;
mod clock;
mod cluster;
mod context;
mod error;
mod events;
mod http;
mod lease;
mod malformed;
mod metrics;
mod options;
mod run;
mod status;
mod tasks;
mod topic;
mod user;
mod watch;

pub use options::Options;
pub use run::run;
