//! At most one leader in an epoch, of the quorum and of every partition.
//!
//! Source: election safety, Raft (Ongaro and Ousterhout 2014), section 5.2; KIP-595; for partitions KIP-101 and KIP-497.

use std::collections::BTreeMap;

use broker_node::fetcher::Key;
use broker_types::LeaderEpoch;

use super::Truth;

/// Who led.
#[derive(Debug, Default)]
pub(super) struct Leaders {
    quorum: BTreeMap<LeaderEpoch, usize>,
}

impl Truth {
    /// A node leads the quorum.
    pub(in crate::cluster) fn quorum_leads(&mut self, node: usize, epoch: LeaderEpoch) -> Result<(), String> {
        let known = *self.leaders.quorum.entry(epoch).or_insert(node);
        if known == node {
            return Ok(());
        }
        Err(format!("one leader per epoch: nodes {known} and {node} lead the quorum in epoch {epoch}"))
    }

    /// Whether no later leadership of the partition is known.
    pub(in crate::cluster) fn is_newest_leader(&self, key: Key, epoch: LeaderEpoch) -> bool {
        let leaders = self.partitions.get(&key).map(|partition| &partition.leaders);
        leaders.and_then(BTreeMap::last_key_value).is_none_or(|(newest, _)| *newest <= epoch)
    }

    pub(super) fn one_partition_leader(
        &mut self,
        node: usize,
        key: Key,
        epoch: LeaderEpoch,
    ) -> Result<(), String> {
        let known = *self.partitions.entry(key).or_default().leaders.entry(epoch).or_insert(node);
        if known == node {
            return Ok(());
        }
        Err(format!("one leader per epoch: nodes {known} and {node} lead {key:?} in epoch {epoch}"))
    }
}
