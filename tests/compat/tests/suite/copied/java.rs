//! The Java client copies (`java/Copy.java`).

use anyhow::Result;
use tests_compat::{Cluster, Service};

use super::{Copier, FROM, GROUP, SESSION_MS, TO, TRANSACTION_MS, everything_is_copied_once};

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

fn copier(cluster: &Cluster, number: usize) -> Result<Service> {
    Service::new(
        "Copy.java",
        &[
            ("from", FROM),
            ("to", TO),
            ("bootstrap.servers", &cluster.bootstrap()),
            ("group.id", GROUP),
            ("transactional.id", &format!("copier-{number}")),
            ("transaction.timeout.ms", TRANSACTION_MS),
            ("session.timeout.ms", SESSION_MS),
            ("heartbeat.interval.ms", "500"),
            ("max.poll.records", "50"),
            ("isolation.level", "read_committed"),
            ("enable.auto.commit", "false"),
            ("auto.offset.reset", "earliest"),
        ],
    )
}

#[test]
fn by_java() -> Result<()> {
    everything_is_copied_once(copier)
}
