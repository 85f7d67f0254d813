//! Epochs grow: those of members of the quorum while they live, those of partitions and brokers in the image.
//!
//! Source: KIP-595; KIP-497 (partition epochs), KIP-320 (leader epochs), KIP-631 (broker epochs).

use std::collections::BTreeMap;

use broker_metadata::Image;
use broker_types::LeaderEpoch;

use super::Truth;
use crate::cluster::node::Node;

/// The last that was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    quorum: BTreeMap<usize, (u32, LeaderEpoch)>,
}

impl Truth {
    /// Looks at one node.
    pub(super) fn epochs_stand(&mut self, node: &Node) -> Result<(), String> {
        let Some(live) = &node.live else { return Ok(()) };
        let epoch = live.raft.state().epoch;
        match self.epochs.quorum.insert(node.id, (node.life, epoch)) {
            Some((life, before)) if life == node.life && epoch < before => {
                Err(format!("epochs grow: node {} goes from {before} back to {epoch}", node.id))
            }
            _ => Ok(()),
        }
    }

    /// Compares the newest image with the one before.
    pub(super) fn epochs_grow(&self, before: &Image) -> Result<(), String> {
        for (topic, index, now) in self.newest.topics().partitions() {
            let Some(was) = before.topics().partition(topic.id(), index) else { continue };
            if now.leader_epoch < was.leader_epoch || now.partition_epoch < was.partition_epoch {
                return Err(format!("epochs grow: {}-{index} goes back", topic.name()));
            }
            if now != was && now.partition_epoch == was.partition_epoch {
                let is_clear = now.elr.is_empty() && now.last_known_elr.is_empty();
                if !is_clear {
                    return Err(format!("epochs grow: {}-{index} changed in its epoch", topic.name()));
                }
            }
            if now.leader != was.leader && now.leader_epoch == was.leader_epoch {
                return Err(format!("epochs grow: {}-{index} has another leader in its epoch", topic.name()));
            }
        }
        for broker in self.newest.cluster().brokers().values() {
            if before.cluster().broker(broker.id).is_some_and(|was| broker.epoch < was.epoch) {
                return Err(format!("epochs grow: broker {} goes back", broker.id));
            }
        }
        Ok(())
    }
}
