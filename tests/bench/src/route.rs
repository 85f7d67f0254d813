//! Where the batches of each partition go: to the broker that leads it.

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The broker that leads each partition of a topic, by the partition's number.
#[derive(Clone, Debug)]
pub(crate) struct Routes(Vec<SocketAddr>);

impl Routes {
    /// All partitions at one broker.
    pub(crate) fn alone(address: SocketAddr, partitions: i32) -> Self {
        Self((0..partitions).map(|_| address).collect())
    }

    /// Partition 0 at the first address, and so on.
    pub(crate) fn new(leaders: Vec<SocketAddr>) -> Self {
        Self(leaders)
    }

    /// The number of partitions.
    pub(crate) fn partitions(&self) -> usize {
        self.0.len()
    }

    /// Who leads partition 0, partition 1 and so on.
    pub(crate) fn leaders(&self) -> &[SocketAddr] {
        &self.0
    }

    /// Each broker with the partitions that it leads.
    pub(crate) fn by_leader(&self) -> BTreeMap<SocketAddr, Vec<i32>> {
        let mut led: BTreeMap<_, Vec<i32>> = BTreeMap::new();
        for (partition, leader) in (0..).zip(&self.0) {
            led.entry(*leader).or_default().push(partition);
        }
        led
    }
}
