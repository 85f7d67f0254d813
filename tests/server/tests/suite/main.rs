//! Real broker processes on loopback. `KLAMM_COMPAT_BROKER=apache` checks the tests themselves.

mod batch;
mod disk;
mod drain;
mod failover;
mod hostile;
mod kill;
mod limits;
mod quorum;
mod refusal;
mod replication;
mod restart;
mod voters;
