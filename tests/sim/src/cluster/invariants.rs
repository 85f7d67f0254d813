//! What must hold after every event, one file each, checked against what the world knows to be true.
//!
//! Nothing of the machines' own bookkeeping is believed: who was voted for is read off the answers, what is committed off
//! the logs.

mod committed;
mod epochs;
mod high_watermark;
mod isr_caught_up;
mod leader_completeness;
mod linearizable;
mod log_matching;
mod one_leader;
mod one_vote;
mod state_machine_safety;

use std::collections::BTreeMap;

use broker_metadata::Image;
use broker_node::fetcher::Key;
use broker_types::LeaderEpoch;

pub(super) use self::linearizable::Effect;
use super::{log::Record, world::World};

/// What is known to be true.
#[derive(Debug, Default)]
pub(super) struct Truth {
    leaders: one_leader::Leaders,
    votes: one_vote::Votes,
    written: log_matching::Written,
    metadata: committed::Metadata,
    partitions: BTreeMap<Key, PartitionTruth>,
    /// The image as it was after each committed batch, by its last offset.
    images: BTreeMap<i64, Image>,
    newest: Image,
    epochs: epochs::Seen,
    high_watermarks: high_watermark::Seen,
    history: linearizable::History,
}

/// What is known of a partition.
#[derive(Debug, Default)]
pub(super) struct PartitionTruth {
    /// What was ever committed.
    records: Vec<Record>,
    /// The hashes of the log before each offset after them.
    hashes: Vec<u64>,
    /// What lies before was acknowledged to a producer, or lies before what was.
    acknowledged: i64,
    /// Power was lost before a leader had synced what its followers had: what nobody was told of may be gone.
    is_soft: bool,
    leaders: BTreeMap<LeaderEpoch, usize>,
    /// Where each number of each producer lies.
    places: BTreeMap<(u64, u32), i64>,
}

impl PartitionTruth {
    const fn end(&self) -> i64 {
        self.records.len() as i64
    }

    fn hash_before(&self, offset: i64) -> u64 {
        offset.checked_sub(1).and_then(|at| self.hashes.get(at as usize)).copied().unwrap_or(0)
    }

    /// Up to where every log that counts must agree.
    const fn firm_end(&self) -> i64 {
        if self.is_soft { self.acknowledged } else { self.end() }
    }
}

impl Truth {
    /// The newest committed image.
    pub(super) const fn image(&self) -> &Image {
        &self.newest
    }

    /// The committed records of a partition.
    pub(super) fn records(&self, key: Key) -> &[Record] {
        self.partitions.get(&key).map_or(&[], |partition| &partition.records)
    }

    /// A producer is told that its record is safe.
    pub(super) fn acknowledged(&mut self, key: Key, offset: i64) {
        let partition = self.partitions.entry(key).or_default();
        partition.acknowledged = partition.acknowledged.max(offset + 1);
    }

    /// A node lost power, and of this log everything from `end` on.
    pub(super) fn power_lost(&mut self, key: Key, end: i64) {
        if let Some(partition) = self.partitions.get_mut(&key)
            && end < partition.end()
        {
            partition.is_soft = true;
        }
    }
}

impl World {
    /// Looks at everything that an event on this node may have changed.
    pub(super) fn check(&mut self, node: usize) {
        let checked = self
            .truth
            .high_watermarks_stand(&self.nodes[node])
            .and_then(|()| self.truth.epochs_stand(&self.nodes[node]))
            .and_then(|()| self.truth.in_sync_is_caught_up(&self.nodes));
        self.hold(checked);
        self.look_at_amnesia();
    }
}
