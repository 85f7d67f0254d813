//! Whole clusters of the production machines on one seeded clock: quorum, controller, brokers, partitions, clients.
//!
//! ```text
//! seed ─► Setup (nodes, disks, features) ─► a minute of faults ─► everything heals ─► all must be well by a deadline
//!             every event ─► machines ─► actions ─► SimNet, SimDisk, other machines ─► invariants, oracle
//! ```
//!
//! What decides is production code: the machines of `raft`, `coordinator`, `controller`, `metadata`, `node` and
//! `replication`. What lies between them (queues, files, connections) is said again here, as short as it goes, where
//! the server says it with threads and sockets. Invariants: one seed is one run; nothing reads a clock or a random
//! number but those of the world; every request that is sent is answered, or given up by its sender.

mod clients;
mod clock;
mod controlling;
mod coverage;
mod defect;
mod faults;
mod following;
mod healing;
mod invariants;
mod isr;
mod log;
mod message;
mod metadata_log;
mod net;
mod node;
mod oracle;
mod partition;
mod quorum;
mod roles;
mod run;
mod serving;
mod setup;
mod world;

pub use coverage::Coverage;
pub use defect::Defect;
pub use run::{Failure, Report, run};
