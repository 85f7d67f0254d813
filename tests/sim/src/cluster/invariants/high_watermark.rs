//! The high watermark of a leadership never moves back, nor what a member of the quorum knows to be committed.
//!
//! Source: KIP-101, KIP-595; the paper on Viewstamped Replication Revisited, section 4 (commit-number grows).

use std::collections::BTreeMap;

use broker_node::fetcher::Key;
use broker_types::LeaderEpoch;

use super::Truth;
use crate::cluster::node::Node;

/// The last that was seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    partitions: BTreeMap<(usize, Key), (u32, LeaderEpoch, i64)>,
    quorum: BTreeMap<usize, (u32, i64)>,
}

impl Truth {
    /// Looks at one node.
    pub(super) fn high_watermarks_stand(&mut self, node: &Node) -> Result<(), String> {
        let Some(live) = &node.live else { return Ok(()) };
        let committed = live.raft.committed().get();
        if let Some((life, before)) = self.high_watermarks.quorum.insert(node.id, (node.life, committed))
            && life == node.life
            && committed < before
        {
            return Err(format!("high watermark: node {} goes from {before} back to {committed}", node.id));
        }
        for (key, held) in &live.replicas {
            let Some(epoch) = held.replica.leads() else { continue };
            let Some(log) = node.disk.logs.get(key) else { continue };
            let now = log.high_watermark;
            if now > log.end() {
                return Err(format!("high watermark: node {} has {now} of {}, {key:?}", node.id, log.end()));
            }
            let seen = (node.life, epoch, now);
            if let Some((life, known, before)) = self.high_watermarks.partitions.insert((node.id, *key), seen)
                && (life, known) == (node.life, epoch)
                && now < before
            {
                return Err(format!(
                    "high watermark: node {} leads {key:?} in {epoch} and goes from {before} back to {now}",
                    node.id
                ));
            }
        }
        Ok(())
    }
}
