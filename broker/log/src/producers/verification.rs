//! Transactions that may begin in a log: their coordinator is being asked (KIP-890).
//!
//! Without it, a batch that was delayed until its transaction had ended would begin one that nobody ends. The first
//! batch of a transaction needs a guard that was given before the coordinator was asked, and is void once a marker, or
//! a batch of the producer, has been appended meanwhile. One that a marker voided is worth nothing later either: what was
//! asked about for one transaction does not become part of the next, which may be open by then. Before version 2 both have
//! the same epoch, and Kafka takes it.

use std::{collections::BTreeMap, time::Duration};

use broker_types::{Producer, ProducerEpoch, ProducerId, Sequence, Timestamp, TransactionVersion};

/// The most producers that are asked about at once; beyond it the oldest must begin anew.
const PRODUCERS_MAX: usize = 10_000;

/// Says that a transaction's coordinator was asked after this was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerificationGuard(u64);

/// The guards that are out.
#[derive(Debug, Default)]
pub(crate) struct Verifications {
    last: u64,
    by_producer: BTreeMap<ProducerId, Verification>,
    by_age: BTreeMap<VerificationGuard, ProducerId>,
    /// The last guard that was out when a transaction of the producer was ended: void, as all before it.
    ended: BTreeMap<ProducerId, VerificationGuard>,
}

#[derive(Debug)]
struct Verification {
    guard: VerificationGuard,
    since: Timestamp,
    epoch: ProducerEpoch,
    /// Of the batches that wait for the answer: the first of them must be appended first.
    lowest: Option<Sequence>,
    version: TransactionVersion,
}

impl Verifications {
    /// Gives the guard of a producer's next transaction. Batches that come while it is out share it.
    pub(crate) fn begin(
        &mut self,
        producer: Producer,
        first: Option<Sequence>,
        version: TransactionVersion,
        now: Timestamp,
    ) -> VerificationGuard {
        if let Some(known) = self.by_producer.get_mut(&producer.id) {
            let is_lower = first.map(Sequence::get) < known.lowest.map(Sequence::get);
            if producer.epoch > known.epoch || producer.epoch == known.epoch && is_lower {
                (known.epoch, known.lowest) = (producer.epoch, first);
            }
            return known.guard;
        }
        if self.by_producer.len() >= PRODUCERS_MAX
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.by_producer.remove(&oldest);
        }
        self.last += 1;
        let guard = VerificationGuard(self.last);
        let verification = Verification { guard, since: now, epoch: producer.epoch, lowest: first, version };
        self.by_producer.insert(producer.id, verification);
        self.by_age.insert(guard, producer.id);
        guard
    }

    /// Whether this is the producer's guard.
    pub(crate) fn is_current(&self, id: ProducerId, guard: Option<VerificationGuard>) -> bool {
        guard.is_some() && guard == self.by_producer.get(&id).map(|known| known.guard)
    }

    /// Whether a transaction of the producer was ended after the guard was given.
    pub(crate) fn is_of_an_ended(&self, id: ProducerId, guard: Option<VerificationGuard>) -> bool {
        guard.is_some_and(|guard| self.ended.get(&id).is_some_and(|ended| guard <= *ended))
    }

    /// Beyond which sequence the producer's next batch may not begin; `None` for anywhere. One that bumps its epoch with
    /// every transaction has no sequences from before: where it has no batches it begins with 0.
    pub(crate) fn first_sequence(&self, id: ProducerId, has_batches: bool) -> Option<Option<Sequence>> {
        let known = self.by_producer.get(&id)?;
        let is_fresh = known.version.bumps_epoch() && !has_batches;
        Some(if is_fresh { Some(Sequence::ZERO) } else { known.lowest })
    }

    /// The producer has appended in a transaction, or one of its transactions was ended: what was asked before says nothing.
    /// Only the marker of a transaction of version 2 has the epoch of the next, which may be asked about already.
    pub(crate) fn used(&mut self, producer: Producer, by_marker: bool) {
        let is_next =
            |known: &Verification| by_marker && known.version.bumps_epoch() && known.epoch == producer.epoch;
        let known = self.by_producer.get(&producer.id);
        if known.is_some_and(is_next) {
            return;
        }
        if known.is_some() {
            self.forget(producer.id);
        }
        if by_marker && self.last > 0 {
            self.ended.insert(producer.id, VerificationGuard(self.last));
        }
    }

    /// Forgets what is old, and who is not `known` any more.
    pub(crate) fn expire(&mut self, now: Timestamp, expiry: Duration, known: impl Fn(ProducerId) -> bool) {
        self.ended.retain(|id, _| known(*id));
        let old = self.by_producer.iter().filter(|(_, known)| now.since(known.since) >= expiry);
        let old: Vec<_> = old.map(|(id, _)| *id).collect();
        for id in old {
            self.forget(id);
        }
    }

    fn forget(&mut self, id: ProducerId) {
        if let Some(known) = self.by_producer.remove(&id) {
            self.by_age.remove(&known.guard);
        }
    }
}
