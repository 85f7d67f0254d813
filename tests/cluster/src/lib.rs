//! Helpers of the cluster suite: the test Kubernetes, what it was asked, and a client of ours inside of it.
//!
//! Everything goes through `tests/cluster/kube`, so that what a test does can be repeated by hand.
//! Helpers panic with what went wrong: they are called by tests only.

pub mod audit;
pub mod beside;
pub mod client;
pub mod company;
pub mod copying;
pub mod install;
pub mod kube;
pub mod load;
pub mod namespace;
pub mod quickstart;
pub mod trio;
pub mod trust;
pub mod watch;
pub mod zoned;
