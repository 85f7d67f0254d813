//! How far groups are behind the ends of their partitions, and how far before their starts.
//!
//! ```text
//! (time, end of the log) ─► EndHistory ─┐
//! offset committed, LogBounds ──────────┴─► PartitionLag ─► GroupLag
//! ```
//!
//! The end is the high watermark, as Kafka's own tools tell lag: how readers isolate themselves no coordinator knows,
//! and who reads committed records only is behind as well while a transaction keeps it waiting.
//!
//! Invariants: nothing here is negative, whatever was committed; what is kept of a partition is bounded.

mod history;
mod partition;
mod total;
mod watched;

pub use history::{EndHistory, Passed};
pub use partition::{LagTime, LogBounds, PartitionLag, Position};
pub use total::GroupLag;
pub use watched::{Measured, Watched};
