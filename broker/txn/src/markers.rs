//! The markers that are to be written: soft state.

use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use core::{ops::Bound, time::Duration};

use broker_coordinator::Replies;
use broker_types::{
    LeaderEpoch, Mono, Producer, ReplyId, TransactionResult, TransactionVersion, TransactionalId,
};

use crate::{AwaitMarkers, MarkersWritten, Partitions, Response, State, Transaction};

/// The most transactions in one answer.
const ANSWER_MAX: usize = 500;

/// How long after a completion that was not written the next is tried.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Names the markers of one transaction's end. Later ones have greater numbers; no two of a partition in the life of a
/// process have the same, for every leadership begins beyond the microseconds that the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkerNumber(u64);

impl MarkerNumber {
    /// Wraps a raw number.
    #[must_use]
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The raw number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Markers to be written: what `WriteTxnMarkers` asks of the partitions' leaders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMarkers {
    /// Comes back in [`MarkersWritten`].
    pub number: MarkerNumber,
    /// The transactional id.
    pub id: TransactionalId,
    /// Whose transaction; goes into the marker.
    pub producer: Producer,
    /// How it ends.
    pub result: TransactionResult,
    /// The epoch of the coordinator: leaders refuse an older one.
    pub coordinator_epoch: LeaderEpoch,
    /// How strictly leaders compare the producer's epoch (KIP-1228): `WriteTxnMarkers` has it from version 2 on.
    pub client_version: TransactionVersion,
    /// Where.
    pub partitions: Partitions,
}

/// The markers of all transactions that are about to end, and who waits for news of them.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    /// Never goes back, so that a late answer of before a load names nothing.
    last: u64,
    pending: BTreeMap<TransactionalId, Pending>,
    by_number: BTreeMap<MarkerNumber, TransactionalId>,
    waiting: Option<Waiting>,
    /// Of the last request that waited.
    epoch: Option<LeaderEpoch>,
    /// When what could not be completed is tried again.
    retry_at: Option<Mono>,
}

#[derive(Debug)]
struct Pending {
    number: MarkerNumber,
    /// As it is prepared.
    transaction: Arc<Transaction>,
    /// Where there is no marker yet.
    left: Partitions,
}

#[derive(Debug)]
struct Waiting {
    reply: ReplyId,
    request: AwaitMarkers,
}

impl Markers {
    /// A transaction is prepared: all its markers are to be written.
    pub(crate) fn add(&mut self, id: &TransactionalId, transaction: &Arc<Transaction>) {
        debug_assert!(transaction.ending().is_some(), "markers are of what ends");
        self.forget(id);
        self.last += 1;
        let number = MarkerNumber::new(self.last);
        let left = transaction.partitions.clone();
        self.by_number.insert(number, id.clone());
        self.pending.insert(id.clone(), Pending { number, transaction: Arc::clone(transaction), left });
    }

    /// Somebody waits for markers.
    pub(crate) fn wait(&mut self, reply: ReplyId, request: AwaitMarkers, replies: &mut Replies<Response>) {
        if let Some(former) = self.waiting.replace(Waiting { reply, request }) {
            replies.push((former.reply, Response::AwaitMarkers(Vec::new())));
        }
        self.epoch = Some(request.epoch);
        self.tell(replies);
    }

    /// Answers who waits, when there is something to tell.
    pub(crate) fn tell(&mut self, replies: &mut Replies<Response>) {
        let Some(Waiting { reply, request }) = &self.waiting else { return };
        let markers = self.after(*request);
        if !markers.is_empty() {
            replies.push((*reply, Response::AwaitMarkers(markers)));
            self.waiting = None;
        }
    }

    fn after(&self, request: AwaitMarkers) -> Vec<PendingMarkers> {
        let start = request.after.map_or(Bound::Unbounded, Bound::Excluded);
        let later = self.by_number.range((start, Bound::Unbounded));
        let known = later.filter_map(|(_, id)| Some((id, self.pending.get(id)?)));
        known.filter_map(|(id, pending)| pending.told(id, request.epoch)).take(ANSWER_MAX).collect()
    }

    /// Takes away what is written. Gives the transaction when nothing is left of it: it is complete.
    pub(crate) fn written(&mut self, request: &MarkersWritten) -> Option<Arc<Transaction>> {
        let pending = self.pending.get_mut(&request.id)?;
        if pending.number != request.number || self.epoch != Some(request.epoch) || pending.left.is_empty() {
            return None;
        }
        pending.left.remove_all(&request.partitions);
        if !pending.left.is_empty() {
            return None;
        }
        let transaction = Arc::clone(&pending.transaction);
        self.forget(&request.id);
        Some(transaction)
    }

    /// Gives what has all its markers and could not be completed, once it is time to try again.
    pub(crate) fn retry(&mut self, now: Mono) -> Vec<(TransactionalId, Arc<Transaction>)> {
        if self.retry_at.is_none_or(|at| now < at) {
            return Vec::new();
        }
        self.retry_at = None;
        let is_written = |pending: &Pending| pending.left.is_empty();
        let written = self.pending.iter().filter(|(_, pending)| is_written(pending));
        let written: Vec<_> =
            written.map(|(id, pending)| (id.clone(), Arc::clone(&pending.transaction))).collect();
        for (id, _) in &written {
            self.forget(id);
        }
        written
    }

    /// When [`Markers::retry`] has something to give.
    pub(crate) const fn next_deadline(&self) -> Option<Mono> {
        self.retry_at
    }

    /// Begins anew with everything that is prepared. What has no partitions needs no markers, and is complete at once.
    pub(crate) fn load(&mut self, now: Mono, state: &State) {
        self.clear();
        self.last = self.last.max(now.as_micros());
        for (id, transaction) in state.prepared() {
            self.add(id, transaction);
            if transaction.partitions.is_empty() {
                self.retry_at = Some(now);
            }
        }
    }

    /// What was decided last is gone; this is left. An end that is gone needs no markers. A completion that is gone
    /// leaves a transaction with all its markers written, for only then was it decided: it is completed again, later.
    pub(crate) fn roll_back(&mut self, now: Mono, state: &State) {
        let is_left =
            |id: &TransactionalId, pending: &Pending| state.get(id.as_str()) == Some(&pending.transaction);
        self.pending.retain(|id, pending| is_left(id, pending));
        let pending = &self.pending;
        self.by_number.retain(|number, id| pending.get(id).is_some_and(|pending| pending.number == *number));
        for (id, transaction) in state.prepared() {
            if !self.pending.contains_key(id) {
                self.add(id, transaction);
                if let Some(pending) = self.pending.get_mut(id) {
                    pending.left = Partitions::default();
                }
                self.retry_at.get_or_insert(now.plus(RETRY_AFTER));
            }
        }
    }

    /// Leadership is over. Gives the reply that waits.
    pub(crate) fn clear(&mut self) -> Option<ReplyId> {
        let waiting = self.waiting.take();
        *self = Self { last: self.last, ..Self::default() };
        waiting.map(|waiting| waiting.reply)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.pending.contains_key(id)
    }

    fn forget(&mut self, id: &TransactionalId) {
        if let Some(pending) = self.pending.remove(id) {
            self.by_number.remove(&pending.number);
        }
    }
}

impl Pending {
    /// What is told of it; nothing when all is written.
    fn told(&self, id: &TransactionalId, epoch: LeaderEpoch) -> Option<PendingMarkers> {
        let result = self.transaction.ending().filter(|_| !self.left.is_empty())?;
        Some(PendingMarkers {
            number: self.number,
            id: id.clone(),
            producer: self.transaction.producer,
            result,
            coordinator_epoch: epoch,
            client_version: self.transaction.client_version,
            partitions: self.left.clone(),
        })
    }
}

#[cfg(test)]
mod tests;
