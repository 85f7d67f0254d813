//! What is committed stays as it is, and is the same for everybody; no record is committed twice.
//!
//! Source: log matching and state machine safety, Raft, sections 5.3 and 5.4.3; KIP-98 (a producer's number is appended
//! once).

use std::collections::BTreeMap;

use broker_controller::Controller;
use broker_coordinator::Shard as _;
use broker_node::fetcher::Key;
use broker_types::{LeaderEpoch, Offset};

use super::Truth;
use crate::cluster::{log::Log, metadata_log::MetadataLog};

/// The metadata log as far as it is committed.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    /// The hash of the log before each offset where a committed batch ends.
    hashes: BTreeMap<i64, u64>,
}

impl Metadata {
    pub(super) fn newest(&self) -> (i64, u64) {
        self.hashes.last_key_value().map_or((0, 0), |(end, hash)| (*end, *hash))
    }
}

impl Truth {
    /// A node calls its log committed up to here.
    pub(in crate::cluster) fn committed(
        &mut self,
        now: u64,
        node: usize,
        log: &MetadataLog,
        upto: i64,
    ) -> Result<(), String> {
        let (known, _) = self.metadata.newest();
        if upto <= known {
            return self.committed_hash(node, upto, log.hash_before(upto));
        }
        if log.start <= known {
            self.committed_hash(node, known, log.hash_before(known))?;
        }
        for batch in log.read(known, upto, usize::MAX) {
            let hash = log.hash_before(batch.end).unwrap_or(0);
            self.metadata.hashes.insert(batch.end, hash);
            let before = self.newest.clone();
            for (offset, record) in (batch.first..).zip(&batch.records) {
                Controller::replay(&mut self.newest, Offset::new(offset), record);
                self.history.replayed(now, record, &before);
            }
            if let Some(fault) = self.newest.fault() {
                return Err(format!("state machine safety: a committed record does not fit: {fault}"));
            }
            self.epochs_grow(&before)?;
            if !batch.records.is_empty() {
                self.images.insert(batch.end - 1, self.newest.clone());
            }
        }
        if self.metadata.newest().0 == upto {
            return Ok(());
        }
        Err(format!(
            "committed: node {node} calls {upto} committed, and its log has no batch that ends there"
        ))
    }

    /// What a node has before a committed offset.
    pub(in crate::cluster) fn committed_hash(
        &self,
        node: usize,
        end: i64,
        hash: Option<u64>,
    ) -> Result<(), String> {
        let known = if end == 0 { Some(0) } else { self.metadata.hashes.get(&end).copied() };
        if known == hash {
            return Ok(());
        }
        Err(format!("committed: node {node} has something else before {end} than was committed"))
    }

    /// A leader's high watermark moved.
    pub(in crate::cluster) fn partition_committed(
        &mut self,
        node: usize,
        key: Key,
        epoch: LeaderEpoch,
        log: &Log,
    ) -> Result<(), String> {
        let partition = self.partitions.entry(key).or_default();
        let end = log.high_watermark.min(partition.end());
        if log.hash_before(end) != Some(partition.hash_before(end)) {
            return Err(format!(
                "committed: node {node} leads {key:?} in {epoch} and has other records before {end} than were committed"
            ));
        }
        for offset in partition.end()..log.high_watermark {
            let (Some(record), Some(hash)) = (log.get(offset), log.hash_before(offset + 1)) else {
                return Err(format!("committed: {key:?} is committed past its end at {offset}"));
            };
            let place = (record.producer, record.sequence);
            if let Some(before) = partition.places.insert(place, offset) {
                return Err(format!(
                    "committed: {record:?} of {key:?} is there twice: {before} and {offset}"
                ));
            }
            partition.records.push(record);
            partition.hashes.push(hash);
        }
        Ok(())
    }
}
