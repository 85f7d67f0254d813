//! Who leads has everything that was committed before.
//!
//! Source: leader completeness, Raft, section 5.4; for partitions KIP-497 (who is elected was in the ISR, and the ISR has
//! all that is committed) and KIP-966.

use broker_node::fetcher::Key;
use broker_types::LeaderEpoch;

use super::Truth;
use crate::cluster::{log::Log, metadata_log::MetadataLog};

impl Truth {
    /// A node was elected to lead the quorum.
    pub(in crate::cluster) fn leads_with_all(&self, node: usize, log: &MetadataLog) -> Result<(), String> {
        let (end, hash) = self.metadata.newest();
        if log.hash_before(end) == Some(hash) {
            return Ok(());
        }
        Err(format!("leader completeness: node {node} leads the quorum without all before {end}"))
    }

    /// A replica leads a partition.
    pub(in crate::cluster) fn partition_leads(
        &mut self,
        node: usize,
        key: Key,
        epoch: LeaderEpoch,
        log: &Log,
    ) -> Result<(), String> {
        self.one_partition_leader(node, key, epoch)?;
        let partition = self.partitions.entry(key).or_default();
        // Whoever leads in an old epoch is told late, and serves nobody.
        if partition.leaders.last_key_value().is_some_and(|(newest, _)| *newest > epoch) {
            return Ok(());
        }
        let has = |end: i64| log.hash_before(end) == Some(partition.hash_before(end));
        if has(partition.end()) {
            partition.is_soft = false;
            return Ok(());
        }
        if partition.is_soft && has(partition.acknowledged) {
            // Nobody was told of what is gone.
            let common = (partition.acknowledged..partition.end()).rev().find(|end| has(*end));
            partition.revoke(common.unwrap_or(partition.acknowledged));
            return Ok(());
        }
        Err(format!(
            "leader completeness: node {node} leads {key:?} in epoch {epoch}, has {} and lacks some of {}",
            log.end(),
            partition.end()
        ))
    }
}

impl super::PartitionTruth {
    fn revoke(&mut self, end: i64) {
        self.records.truncate(end as usize);
        self.hashes.truncate(end as usize);
        self.places.retain(|_, at| *at < end);
        self.is_soft = false;
    }
}
