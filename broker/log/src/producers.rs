//! What a log remembers of its idempotent and transactional producers (KIP-98).
//!
//! The state at an offset is a function of the batches before it: it is rebuilt from the newest snapshot and the
//! batch headers after it. Checking comes before the write ([`Producers::check`]), remembering after it
//! ([`Producers::apply`]), so that a failed write leaves no trace.
//!
//! Transactions: `ongoing` ones have no marker yet; `unreplicated` ones have theirs above the high watermark. The
//! first record of either bounds the last stable offset.

mod check;
mod entry;
mod marker;
pub(crate) mod snapshot;
mod verification;

use std::{collections::BTreeMap, time::Duration};

use broker_records::BatchHeader;
use broker_types::{Offset, Producer, ProducerEpoch, ProducerId, Sequence, Timestamp, TransactionVersion};

pub(crate) use entry::ProducerBatch;
pub use entry::ProducerEntry;
pub(crate) use marker::Marker;
pub use verification::VerificationGuard;
use verification::Verifications;

use crate::index::AbortedTxn;

/// Who appends, hence how much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendOrigin {
    /// A producer: sequences and epochs.
    Client,
    /// A coordinator, whose batches carry no sequences: epochs.
    Coordinator,
    /// The quorum's leader or a replication fetch: nothing.
    Replication,
}

/// Why a producer's batch is not appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProducerError {
    /// OUT_OF_ORDER_SEQUENCE_NUMBER: neither the next batch nor one of the last five.
    #[error("producer {} sent sequence {sent:?} after {last:?}", .id.get())]
    OutOfOrderSequence {
        /// The producer.
        id: ProducerId,
        /// The first sequence of the batch.
        sent: Option<Sequence>,
        /// The last sequence before it; `None` in a fresh epoch.
        last: Option<Sequence>,
    },
    /// INVALID_PRODUCER_EPOCH: a newer instance of the producer has written.
    #[error("producer {} has epoch {}, and wrote with {} before", .id.get(), .sent.get(), .current.get())]
    InvalidEpoch {
        /// The producer.
        id: ProducerId,
        /// The batch's epoch.
        sent: ProducerEpoch,
        /// The epoch known here.
        current: ProducerEpoch,
    },
    /// INVALID_TXN_STATE: a batch that would begin a transaction, which the transaction's coordinator was not asked about
    /// (KIP-890), or which ended while it was.
    #[error("producer {} wrote what is not part of an open transaction", .id.get())]
    NotVerified {
        /// The producer.
        id: ProducerId,
    },
    /// INVALID_TXN_STATE: a plain batch in the middle of the producer's transaction.
    #[error("producer {} wrote outside its open transaction", .id.get())]
    InvalidTxnState {
        /// The producer.
        id: ProducerId,
    },
    /// TRANSACTION_COORDINATOR_FENCED: a marker of a coordinator that was replaced.
    #[error("a transaction marker of producer {} has the coordinator epoch {sent}, older than {current}", .id.get())]
    CoordinatorFenced {
        /// The producer.
        id: ProducerId,
        /// The marker's coordinator epoch.
        sent: i32,
        /// The epoch known here.
        current: i32,
    },
}

/// Who appends, and on what grounds.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Who.
    pub origin: AppendOrigin,
    /// What [`Log::begin_verification`](crate::Log::begin_verification) gave, where a transaction begins.
    pub guard: Option<VerificationGuard>,
    /// The version with which the transaction ended, where a marker is appended: from 2 on its epoch must be larger than
    /// that of the transaction (KIP-1228).
    pub marker_version: TransactionVersion,
}

impl From<AppendOrigin> for Terms {
    /// No transaction is begun, none of version 2 ended.
    fn from(origin: AppendOrigin) -> Self {
        Self { origin, guard: None, marker_version: TransactionVersion::V0 }
    }
}

/// What to do with a batch that passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Write it.
    Append,
    /// It was written before, there.
    Duplicate(ProducerBatch),
}

/// A transaction that a marker has just ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CompletedTxn {
    first: Offset,
    marker: Offset,
}

/// The producers of one log.
#[derive(Debug, Default)]
pub(crate) struct Producers {
    entries: BTreeMap<ProducerId, ProducerEntry>,
    /// First offset of each open transaction.
    ongoing: BTreeMap<Offset, ProducerId>,
    /// First offset to marker of each ended transaction whose marker the high watermark has not passed.
    unreplicated: BTreeMap<Offset, Offset>,
    /// Transactions that may begin here.
    verifications: Verifications,
    /// The state is that of all batches before this offset.
    end: Offset,
    /// Snapshot files, by offset; the newest is last.
    snapshots: Vec<Offset>,
}

impl Producers {
    /// No producers, at `end`, with these snapshot files.
    pub(crate) fn new(end: Offset, mut snapshots: Vec<Offset>) -> Self {
        snapshots.sort_unstable();
        Self { end, snapshots, ..Self::default() }
    }

    pub(crate) const fn end(&self) -> Offset {
        self.end
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ProducerId, &ProducerEntry)> {
        self.entries.iter().map(|(&id, entry)| (id, entry))
    }

    pub(crate) fn last_sequence(&self, id: ProducerId, epoch: ProducerEpoch) -> Option<Sequence> {
        self.entries.get(&id).filter(|entry| entry.epoch == epoch)?.last_sequence()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Remembers a batch that was written; its header has the offsets of the log. Gives the transaction that
    /// it aborted, if any: that belongs into the index.
    pub(crate) fn apply(&mut self, header: &BatchHeader, marker: Option<Marker>) -> Option<AbortedTxn> {
        self.end = header.next_offset();
        let (id, epoch) = header.producer_and_epoch()?;
        let first = header.first_offset();
        if header.attributes.is_transactional() {
            self.verifications.used(Producer { id, epoch }, header.attributes.is_control());
        }
        if header.attributes.is_control() {
            let marker = marker?;
            let timestamp = Timestamp::from_millis(marker.timestamp);
            let entry = self.entries.entry(id).or_insert_with(|| ProducerEntry::new(epoch));
            let txn_first = entry.end_txn(epoch, marker.coordinator_epoch, timestamp)?;
            return self.complete(id, CompletedTxn { first: txn_first, marker: first }, marker.is_abort);
        }
        let entry = self.entries.entry(id).or_insert_with(|| ProducerEntry::new(epoch));
        entry.add(epoch, ProducerBatch::of(header));
        if header.attributes.is_transactional() && entry.txn_first.is_none() {
            entry.txn_first = Some(first);
            self.ongoing.insert(first, id);
        }
        None
    }

    /// Notes that everything before `end` has been looked at.
    pub(crate) const fn set_end(&mut self, end: Offset) {
        self.end = end;
    }

    fn complete(&mut self, id: ProducerId, txn: CompletedTxn, aborted: bool) -> Option<AbortedTxn> {
        self.ongoing.remove(&txn.first);
        self.unreplicated.insert(txn.first, txn.marker);
        let last_stable_offset = self.ongoing.keys().next().copied().unwrap_or(txn.marker.next());
        aborted.then_some(AbortedTxn {
            producer_id: id,
            first_offset: txn.first,
            last_offset: txn.marker,
            last_stable_offset,
        })
    }

    /// The first record of the open transactions.
    pub(crate) fn first_open(&self) -> Option<Offset> {
        self.ongoing.keys().next().copied()
    }

    /// The first record whose fate readers of committed data may not know yet.
    pub(crate) fn first_unstable(&self) -> Option<Offset> {
        let ongoing = self.ongoing.keys().next();
        let unreplicated = self.unreplicated.keys().next();
        ongoing.into_iter().chain(unreplicated).min().copied()
    }

    /// The high watermark has moved: markers below it have taken effect.
    pub(crate) fn high_watermark_moved(&mut self, high_watermark: Offset) {
        if !self.unreplicated.is_empty() {
            self.unreplicated.retain(|_, marker| *marker >= high_watermark);
        }
    }

    /// When the producer of the oldest open transaction wrote last.
    pub(crate) fn oldest_txn_written_at(&self) -> Option<Timestamp> {
        let id = self.ongoing.values().next()?;
        Some(self.entries.get(id)?.last_timestamp)
    }

    /// Forgets producers that wrote nothing for `expiry` and have no open transaction; gives how many.
    pub(crate) fn expire(&mut self, now: Timestamp, expiry: Duration) -> usize {
        let before = self.entries.len();
        self.entries.retain(|_, entry| entry.txn_first.is_some() || now.since(entry.last_timestamp) < expiry);
        self.verifications.expire(now, expiry, |id| self.entries.contains_key(&id));
        before - self.entries.len()
    }

    /// Takes over the entries of a snapshot at `end`.
    pub(crate) fn load(&mut self, end: Offset, entries: Vec<(ProducerId, ProducerEntry)>) {
        self.forget(end);
        self.ongoing = entries.iter().filter_map(|(id, entry)| Some((entry.txn_first?, *id))).collect();
        self.entries = entries.into_iter().collect();
    }

    /// Forgets all producers; the state is now that at `end`.
    pub(crate) fn forget(&mut self, end: Offset) {
        self.entries.clear();
        self.ongoing.clear();
        self.unreplicated.clear();
        self.end = end;
    }

    pub(crate) fn snapshots(&self) -> &[Offset] {
        &self.snapshots
    }

    pub(crate) fn snapshot_written(&mut self) {
        let end = self.end;
        self.snapshots.retain(|&offset| offset != end);
        let at = self.snapshots.partition_point(|&offset| offset < end);
        self.snapshots.insert(at, end);
    }

    /// Takes the snapshots for which `gone` holds off the list.
    pub(crate) fn take_snapshots(&mut self, gone: impl Fn(Offset) -> bool) -> Vec<Offset> {
        let (taken, kept) = std::mem::take(&mut self.snapshots).into_iter().partition(|&offset| gone(offset));
        self.snapshots = kept;
        taken
    }
}

#[cfg(test)]
mod tests;
