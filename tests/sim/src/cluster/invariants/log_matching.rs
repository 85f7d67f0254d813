//! No two records at one offset in one epoch, in whichever log.
//!
//! Source: log matching, Raft, section 5.3; KIP-101.

use std::collections::BTreeMap;

use broker_node::fetcher::Key;
use broker_types::LeaderEpoch;

use super::Truth;
use crate::cluster::{log::Record, metadata_log::Batch};

/// What was written where.
#[derive(Debug, Default)]
pub(super) struct Written {
    records: BTreeMap<(Key, i64, LeaderEpoch), u64>,
    batches: BTreeMap<(i64, LeaderEpoch), u64>,
}

impl Truth {
    /// A record is written to a log of a partition.
    pub(in crate::cluster) fn record_written(
        &mut self,
        node: usize,
        key: Key,
        offset: i64,
        record: Record,
    ) -> Result<(), String> {
        let known = *self.written.records.entry((key, offset, record.epoch)).or_insert(record.value);
        if known == record.value {
            return Ok(());
        }
        Err(format!(
            "log matching: node {node} has two records at {offset} of {key:?} in epoch {}",
            record.epoch
        ))
    }

    /// A batch is written to a metadata log.
    pub(in crate::cluster) fn metadata_written(&mut self, node: usize, batch: &Batch) -> Result<(), String> {
        let place = (batch.first, batch.epoch);
        let known = *self.written.batches.entry(place).or_insert(batch.unique);
        if known == batch.unique {
            return Ok(());
        }
        Err(format!("log matching: node {node} has two batches at {} in epoch {}", batch.first, batch.epoch))
    }
}
