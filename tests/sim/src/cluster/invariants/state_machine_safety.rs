//! Nodes that have replayed the same part of the metadata log, or a snapshot of it, know the same.
//!
//! Source: state machine safety, Raft, section 5.4.3; KIP-630 (a snapshot stands for the log before it).

use broker_metadata::{Broker, Image};

use super::Truth;

impl Truth {
    /// A node publishes an image.
    pub(in crate::cluster) fn published(&self, node: usize, image: &Image) -> Result<(), String> {
        let Some(last) = image.last_offset() else { return Ok(()) };
        let Some(known) = self.images.get(&last.get()) else {
            return Err(format!(
                "state machine safety: node {node} publishes {last}, which was never committed"
            ));
        };
        let what = if known.topics() != image.topics() {
            "topics"
        } else if known.configs() != image.configs() {
            "configs"
        } else if known.features() != image.features() {
            "features"
        } else if !same_brokers(known, image) {
            "brokers"
        } else {
            return Ok(());
        };
        Err(format!("state machine safety: the {what} of node {node} at {last} are not those of the log"))
    }
}

/// Where a registration lies is told by a snapshot only roughly.
fn same_brokers(one: &Image, other: &Image) -> bool {
    let of = |broker: &Broker| {
        (broker.id, broker.epoch, broker.incarnation, broker.fenced, broker.in_controlled_shutdown)
    };
    let (one, other) = (one.cluster().brokers(), other.cluster().brokers());
    one.size() == other.size() && one.values().zip(other.values()).all(|(one, other)| of(one) == of(other))
}
