//! Seeded simulations. One seed is one run: the same seed gives the same calls, the same losses, the same trace.
//!
//! [`cluster`] runs whole clusters of the machines that the broker is made of, over a network and disks that fail;
//! [`storage`] runs the storage engine alone, on a disk that loses power.

pub mod cluster;
pub mod coordinators;
mod random;
pub mod storage;

pub use random::Random;
