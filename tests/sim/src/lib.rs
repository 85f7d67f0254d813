//! Seeded simulations. One seed is one run: the same seed gives the same calls, the same losses, the same trace.
//!
//! [`cluster`] runs whole clusters of the machines that the broker is made of, over a network and disks that fail;
//! [`coordinators`] runs groups and transactions over partitions that keep replication's promises; [`storage`] runs the
//! storage engine alone, on a disk that loses power.

mod beside;
pub mod cluster;
pub mod coordinators;
mod counters;
mod random;
pub mod storage;
mod suite;

pub use beside::{cores, run_all, run_beside};
pub use random::Random;
pub use suite::{seeds_asked, unnoticed};
