//! What one request or tick does.

use alloc::{sync::Arc, vec::Vec};

use broker_coordinator::{Outcome, Replies};
use broker_types::{Now, ProducerId, ReplyId, TransactionVersion, TransactionalId};

use crate::{Response, Settings, Transaction, TransactionRecord, TxnError, former::Former, markers::Markers};

/// The means of a decision, and what comes of it.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) now: Now,
    pub(crate) settings: &'a Settings,
    /// The cluster's.
    pub(crate) version: TransactionVersion,
    pub(crate) markers: &'a mut Markers,
    pub(crate) former: &'a mut Former,
    /// To be written.
    pub(crate) records: Vec<TransactionRecord>,
    /// To be answered once everything is committed.
    pub(crate) replies: Replies<Response>,
}

impl Work<'_> {
    pub(crate) fn reply(&mut self, reply: ReplyId, response: Response) {
        self.replies.push((reply, response));
    }

    /// Writes what a transactional id is from now on; gives it as it is written.
    pub(crate) fn write(&mut self, id: &TransactionalId, value: Transaction) -> Arc<Transaction> {
        let record = TransactionRecord::new(id.clone(), value, self.version);
        let value = record.value.clone();
        self.records.push(record);
        match value {
            Some(value) => value,
            None => unreachable!("it is no tombstone"),
        }
    }

    /// Whether what a client of KIP-890 does can be written: records of before the level that Kafka makes it by have no
    /// room for it.
    pub(crate) fn has_room_for(&self, client: TransactionVersion) -> Result<(), TxnError> {
        if client.bumps_epoch() && self.version == TransactionVersion::V0 {
            return Err(TxnError::UnsupportedVersion);
        }
        Ok(())
    }

    pub(crate) fn forget(&mut self, id: &TransactionalId) {
        self.former.forget(id);
        self.records.push(TransactionRecord::tombstone(id.clone(), self.version));
    }

    /// Writes that a transaction is about to end. One without partitions needs no markers, and is complete at once.
    pub(crate) fn prepare(&mut self, id: &TransactionalId, before: &Transaction, prepared: Transaction) {
        if prepared.client_version.bumps_epoch() {
            self.former.bumped(id, before.producer, prepared.producer);
        }
        let prepared = self.write(id, prepared);
        if prepared.partitions.is_empty() {
            self.complete(id, &prepared);
        } else {
            self.markers.add(id, &prepared);
        }
    }

    /// Writes that all markers of a transaction are written.
    pub(crate) fn complete(&mut self, id: &TransactionalId, prepared: &Transaction) {
        let completed = self.write(id, prepared.completed(self.now.wall));
        self.former.renamed(id, prepared.producer, completed.producer);
    }

    /// Aborts an open transaction whoever its producer is, which is fenced by it.
    pub(crate) fn fence(&mut self, id: &TransactionalId, open: &Transaction, next_id: Option<ProducerId>) {
        let fenced = open.fencing(self.version, next_id, self.now.wall);
        self.prepare(id, open, fenced);
    }

    pub(crate) fn outcome(mut self) -> Outcome<TransactionRecord, Replies<Response>> {
        self.markers.tell(&mut self.replies);
        Outcome { records: self.records, response: self.replies, atomic: false }
    }
}

/// The producer id to go on with when the epochs of the present one are exhausted; `None` while they are not.
pub(crate) fn next_id(
    transaction: &Transaction,
    spare: Option<ProducerId>,
) -> Result<Option<ProducerId>, TxnError> {
    match spare {
        _ if !transaction.is_exhausted() => Ok(None),
        None => Err(TxnError::NeedsProducerId),
        spare => Ok(spare),
    }
}
