//! Real broker processes on loopback. `KLAMM_COMPAT_BROKER=apache` checks the tests themselves.

mod batch;
mod cluster_disk;
mod disk;
mod drain;
mod failover;
mod hostile;
mod kill;
mod killed;
mod limits;
mod load;
mod moments;
mod moves;
mod namespace;
mod network;
mod oracle;
mod quorum;
mod refusal;
mod refused_changes;
mod replication;
mod restart;
mod rolling;
mod shape;
mod soak;
mod suspended;
mod voters;
mod wires;
