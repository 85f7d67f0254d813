//! Where the batches of each partition go: to the broker that leads it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Result;
use tests_compat::{Connection, Trust};

use crate::requests::LIMIT;

/// The broker that leads each partition of a topic, by the partition's number, and how it is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    leaders: Vec<SocketAddr>,
    trust: Option<Trust>,
}

impl Routes {
    /// All partitions at one broker.
    pub(crate) fn alone(address: SocketAddr, partitions: i32) -> Self {
        Self::new((0..partitions).map(|_| address).collect())
    }

    /// Partition 0 at the first address, and so on.
    pub(crate) fn new(leaders: Vec<SocketAddr>) -> Self {
        Self { leaders, trust: None }
    }

    /// The same over TLS.
    pub(crate) fn encrypted(self, trust: Trust) -> Self {
        Self { trust: Some(trust), ..self }
    }

    /// A new connection to one of the brokers.
    pub(crate) fn open(&self, address: SocketAddr) -> Result<Connection> {
        match &self.trust {
            None => Connection::open(address, LIMIT),
            Some(trust) => Connection::open_tls(address, trust, LIMIT),
        }
    }

    /// The number of partitions.
    pub(crate) fn partitions(&self) -> usize {
        self.leaders.len()
    }

    /// Who leads partition 0, partition 1 and so on.
    pub(crate) fn leaders(&self) -> &[SocketAddr] {
        &self.leaders
    }

    /// Each broker with the partitions that it leads.
    pub(crate) fn by_leader(&self) -> BTreeMap<SocketAddr, Vec<i32>> {
        let mut led: BTreeMap<_, Vec<i32>> = BTreeMap::new();
        for (partition, leader) in (0..).zip(&self.leaders) {
            led.entry(*leader).or_default().push(partition);
        }
        led
    }
}
