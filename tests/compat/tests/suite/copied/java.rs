//! The Java client copies (`java/Copy.java`).

use anyhow::Result;
use tests_compat::Service;
use tests_compat::copied::{Rehearsal, copier};

use super::{Copier, everything_is_copied_once};

impl Copier for Service {
    fn kill(&mut self) -> Result<()> {
        Self::kill(self)
    }

    fn start(&mut self) -> Result<()> {
        Self::start(self)
    }

    fn suspend(&mut self) -> Result<()> {
        Self::suspend(self)
    }

    fn resume(&mut self) -> Result<()> {
        Self::resume(self)
    }
}

#[test]
fn by_java() -> Result<()> {
    everything_is_copied_once(|cluster, number| copier(&cluster.bootstrap(), number, Rehearsal::None))
}
