//! Coordinators under faults: groups, their offsets and transactions, by the production machines on one seeded clock.
//!
//! ```text
//! seed ─► Setup (what members speak, versions) ─► a minute of faults ─► everything heals ─► all must be well by a deadline
//!
//! clients (members, producers, copiers, readers) ─► connections ─► nodes ─► shards (Driver<S>) ─► partitions (Log)
//!                                                                   └─ verification, markers ─┘
//!                                   everything that is committed ─► Truth: invariants, oracle
//! ```
//!
//! What decides is production code: `coordinator`'s driver, the shards of `group` and `txn`, `log` with its producers and
//! markers. A partition is one log that keeps replication's promises and nothing more, for replication is proven by
//! [`cluster`](crate::cluster): records in order; a high watermark that lags; at a change of leader everything below it
//! stays, and any part of what lies beyond is lost; the next leader reads the log before it serves; one that was deposed
//! learns of it late. Clients are small models of Kafka's own. A request is lost, late, or arrives after its sender has
//! given its connection up and sent it again over another; those of one connection arrive in order.
//!
//! Transactions of before KIP-890 are spared what arrives after its sender gave it up: a late EndTxn or a late marker of
//! theirs ends the next transaction, in Kafka too, which is why there are KIP-890 and KIP-1228. So are requests about
//! membership: a late heartbeat, of whose answer nobody hears, is given partitions that its member is then never told of,
//! for a coordinator tells of an assignment once, in Kafka too.

mod bent;
mod clients;
mod coverage;
mod defect;
mod entry;
mod faults;
mod healing;
mod hosted;
mod invariants;
mod leading;
mod message;
mod net;
mod partition;
mod run;
mod serving;
mod setup;
mod shards;
mod shell;
mod world;

pub use coverage::Coverage;
pub use defect::Defect;
pub use run::{Report, run, run_telling};
