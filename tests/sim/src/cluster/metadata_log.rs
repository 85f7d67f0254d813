//! The metadata log and its snapshots in memory, with the part of them that a loss of power spares.

use std::sync::Arc;

use broker_metadata::Image;
use broker_protocol::records::metadata::MetadataRecord;
use broker_raft::{Durable, EpochHistory, QuorumState, Snapshot, SnapshotId, VoterHistory, Voters};
use broker_records::{BatchView, ControlKey};
use broker_types::{LeaderEpoch, Offset};
use bytes::Bytes;

use super::log::mix;

/// A batch: all of it is in a log, or nothing.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) first: i64,
    pub(super) end: i64,
    pub(super) epoch: LeaderEpoch,
    /// Tells it from all others.
    pub(super) unique: u64,
    /// None in a control batch.
    pub(super) records: Vec<MetadataRecord>,
    /// The set of voters in it, with the offset after its record.
    pub(super) voters: Option<(Offset, Voters)>,
}

/// A snapshot's content.
#[derive(Debug)]
pub(super) struct SnapshotFile {
    pub(super) id: SnapshotId,
    pub(super) records: Vec<MetadataRecord>,
    pub(super) voters: Voters,
    /// The hash of the log before its end.
    pub(super) hash: u64,
}

impl SnapshotFile {
    /// Its size, in the only unit that a simulation has.
    pub(super) const fn size(&self) -> u64 {
        self.records.len() as u64 + 1
    }

    /// The image that it holds.
    pub(super) fn image(&self) -> Image {
        Image::from_snapshot(self.id.end, &self.records).unwrap_or_default()
    }
}

impl Batch {
    /// A control batch as the quorum's machine made it.
    pub(super) fn control(bytes: &Bytes, unique: u64) -> Option<Self> {
        let batch = broker_records::batches(bytes).next()?.ok()?;
        Some(Self {
            first: batch.header.first_offset().get(),
            end: batch.header.next_offset().get(),
            epoch: batch.header.epoch(),
            unique,
            records: Vec::new(),
            voters: voters_of(bytes, &batch),
        })
    }
}

fn voters_of(bytes: &Bytes, batch: &BatchView<'_>) -> Option<(Offset, Voters)> {
    let mut found = None;
    for record in batch.records() {
        let record = record.ok()?;
        let kind = ControlKey::parse(record.key.unwrap_or_default()).and_then(ControlKey::control_type);
        let offset = batch.header.first_offset().plus(i64::from(record.offset_delta));
        let mut history = VoterHistory::default();
        history.control(offset, kind, &bytes.slice_ref(record.value.unwrap_or_default())).ok()?;
        if history.is_logged() {
            found = Some((offset.next(), history.latest().clone()));
        }
    }
    found
}

/// The files of `__cluster_metadata-0` on one node.
#[derive(Clone, Debug, Default)]
pub(super) struct MetadataLog {
    pub(super) state: QuorumState,
    pub(super) bootstrap: Option<Voters>,
    pub(super) snapshot: Option<Arc<SnapshotFile>>,
    pub(super) start: i64,
    start_hash: u64,
    batches: Vec<(Arc<Batch>, u64)>,
    /// What lies before survives a loss of power.
    pub(super) flushed: i64,
}

impl MetadataLog {
    /// Freshly formatted, with voters or without.
    pub(super) fn formatted(bootstrap: Option<Voters>) -> Self {
        Self { bootstrap, ..Self::default() }
    }

    pub(super) fn end(&self) -> i64 {
        self.batches.last().map_or(self.start, |(batch, _)| batch.end)
    }

    pub(super) fn append(&mut self, batch: Arc<Batch>) {
        assert_eq!(batch.first, self.end(), "batches follow one another");
        let hash = self.batches.last().map_or(self.start_hash, |(_, hash)| *hash);
        self.batches.push((Arc::clone(&batch), mix(hash, batch.unique)));
    }

    /// The hash of everything before an offset where a batch ends; `None` where none does.
    pub(super) fn hash_before(&self, end: i64) -> Option<u64> {
        if end == self.start {
            return Some(self.start_hash);
        }
        let at = self.batches.partition_point(|(batch, _)| batch.end < end);
        self.batches.get(at).filter(|(batch, _)| batch.end == end).map(|(_, hash)| *hash)
    }

    /// Whole batches from the one that holds `from` on, before `upto`.
    pub(super) fn read(&self, from: i64, upto: i64, max: usize) -> Vec<Arc<Batch>> {
        let at = self.batches.partition_point(|(batch, _)| batch.end <= from);
        let found = self.batches.iter().skip(at).take_while(|(batch, _)| batch.end <= upto);
        found.take(max).map(|(batch, _)| Arc::clone(batch)).collect()
    }

    pub(super) fn truncate(&mut self, to: i64) {
        self.batches.retain(|(batch, _)| batch.end <= to);
        assert_eq!(self.end(), to.max(self.start), "logs are cut between batches");
        self.flushed = self.flushed.min(to);
    }

    /// A snapshot stands for what lies before it.
    pub(super) fn snapshot_taken(&mut self, file: Arc<SnapshotFile>) {
        let end = file.id.end.get();
        self.start_hash = file.hash;
        self.start = end;
        self.batches.retain(|(batch, _)| batch.first >= end);
        self.flushed = self.flushed.max(end);
        self.snapshot = Some(file);
    }

    /// A snapshot stands for everything.
    pub(super) fn install(&mut self, file: Arc<SnapshotFile>) {
        self.batches.clear();
        self.flushed = file.id.end.get();
        self.snapshot_taken(file);
    }

    /// Power is lost: what was not flushed goes, but for `spared` batches.
    pub(super) fn lose(&mut self, spared: u64) -> usize {
        let before = self.batches.len();
        let first_unflushed = self.batches.partition_point(|(batch, _)| batch.end <= self.flushed);
        self.batches.truncate(first_unflushed + spared as usize);
        before.saturating_sub(self.batches.len())
    }

    /// How many batches are not flushed.
    pub(super) fn unflushed(&self) -> u64 {
        self.batches.iter().filter(|(batch, _)| batch.end > self.flushed).count() as u64
    }

    /// What the quorum's machine is told of these files.
    pub(super) fn durable(&self) -> Durable {
        let mut voters = self.bootstrap.clone().map_or_else(VoterHistory::default, VoterHistory::bootstrap);
        let mut epochs = EpochHistory::default();
        if let Some(file) = &self.snapshot {
            epochs = EpochHistory::behind(file.id);
            voters.snapshot(file.id, &Snapshot { voters: file.voters.clone(), values: Vec::new() });
        }
        for (batch, _) in &self.batches {
            epochs.assign(batch.epoch, Offset::new(batch.first));
            if let Some((end, set)) = &batch.voters {
                voters.appended(*end, set.clone());
            }
        }
        Durable {
            state: self.state,
            voters,
            epochs,
            snapshot: self.snapshot.as_ref().map(|file| file.id),
            log_start: Offset::new(self.start),
            end: Offset::new(self.end()),
        }
    }
}
