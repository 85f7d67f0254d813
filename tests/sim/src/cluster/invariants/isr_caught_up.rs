//! Every in-sync replica has everything that is committed.
//!
//! Source: Kafka's replication design, "in-sync replicas"; KIP-497 (the ISR that counts is the larger of the known and the
//! proposed one), KIP-903 (a broker of an earlier life is in no ISR).

use super::Truth;
use crate::cluster::node::{Node, index};

impl Truth {
    /// Looks at all partitions.
    pub(super) fn in_sync_is_caught_up(&self, nodes: &[Node]) -> Result<(), String> {
        for (key, partition) in &self.partitions {
            let end = partition.firm_end();
            let Some(registered) = self.newest.topics().partition(key.topic, key.partition) else { continue };
            for id in &registered.isr {
                let Some(node) = nodes.get(index(*id)).filter(|node| !node.has_amnesia) else { continue };
                let hash = match node.disk.logs.get(key) {
                    Some(log) => log.hash_before(end),
                    None => Some(0).filter(|_| end == 0),
                };
                if hash != Some(partition.hash_before(end)) {
                    let log_end = node.disk.logs.get(key).map_or(0, crate::cluster::log::Log::end);
                    return Err(format!(
                        "in sync is caught up: node {id} is in the ISR of {key:?} with {log_end}, {end} are committed"
                    ));
                }
            }
        }
        Ok(())
    }
}
