//! The storage engine alone, on a disk that loses power.
//!
//! [`run`] drives a log directory on a [`SimDisk`](broker_log::SimDisk) with random work, ends the process or the
//! power at random moments, opens it again and asks the [`Oracle`] whether what is there can be true. A violation
//! comes back with the seed and the step, so that it can be run again. [`run_compacted`] does the same with a log that
//! is compacted all the time, under rules of its own.

mod compacted;
mod oracle;
mod simulation;
mod work;

pub use compacted::run_compacted;
pub use oracle::{Oracle, Stop, Violation};
pub use simulation::{Defect, Trace, run};
