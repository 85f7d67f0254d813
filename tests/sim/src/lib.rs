//! Seeded simulations. One seed is one run: the same seed gives the same calls, the same losses, the same trace.
//!
//! [`run`] drives a log directory on a [`SimDisk`](broker_log::SimDisk) with random work, ends the process or the
//! power at random moments, opens it again and asks the [`Oracle`] whether what is there can be true. A violation
//! comes back with the seed and the step, so that it can be run again.

mod oracle;
mod random;
mod simulation;
mod work;

pub use oracle::{Oracle, Stop, Violation};
pub use random::Random;
pub use simulation::{Defect, Trace, run};
