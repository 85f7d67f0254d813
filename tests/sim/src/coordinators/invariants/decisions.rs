//! A transaction's end is decided once, in its coordinator's log, before any marker says it (KIP-98, "Transaction
//! Coordinator"); what is about to end ends so; the epoch of a producer id never goes back; answers are of what is committed.

use std::collections::{BTreeMap, BTreeSet};

use broker_group::EndTransaction;
use broker_txn::{Response, State, TransactionRecord, TransactionState};
use broker_types::{Producer, ProducerEpoch, TransactionResult};

use super::{Claim, Truth};
use crate::coordinators::coverage::Coverage;

/// How transactions ended, by the producer that their markers carry.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    ends: BTreeMap<Producer, BTreeSet<bool>>,
}

impl Decisions {
    fn has(&self, producer: Producer, result: TransactionResult) -> bool {
        let is_commit = result == TransactionResult::Commit;
        self.ends.get(&producer).is_some_and(|ends| ends.contains(&is_commit))
    }

    /// Looks at a record before it is replayed.
    pub(super) fn look(
        &mut self,
        state: &State,
        record: &TransactionRecord,
        coverage: &mut Coverage,
    ) -> Result<(), String> {
        let Some(after) = &record.value else { return Ok(()) };
        let id = &record.id;
        if let Some(before) = state.get(id.as_str()) {
            if before.producer.id == after.producer.id && before.producer.epoch > after.producer.epoch {
                let (from, to) = (before.producer, after.producer);
                return Err(format!("the producer of {id:?} went from {from:?} to {to:?}"));
            }
            let follows = match before.state {
                TransactionState::PrepareCommit => after.state == TransactionState::CompleteCommit,
                TransactionState::PrepareAbort => after.state == TransactionState::CompleteAbort,
                TransactionState::Ongoing => !after.state.is_idle(),
                _ => after.state != TransactionState::PrepareCommit,
            };
            if !follows {
                return Err(format!("{id:?} went from {:?} to {:?}", before.state, after.state));
            }
        }
        match after.state {
            TransactionState::CompleteCommit => coverage.commits += 1,
            TransactionState::CompleteAbort => coverage.aborts += 1,
            _ => {}
        }
        if let Some(result) = after.ending() {
            let is_commit = result == TransactionResult::Commit;
            let late = after.started_at.is_some_and(|since| after.updated_at.since(since) > after.timeout);
            coverage.timed_out += u64::from(late && !is_commit);
            let ends = self.ends.entry(after.producer).or_default();
            if after.client_version.bumps_epoch() && ends.contains(&!is_commit) {
                return Err(format!("{:?} of {id:?} ends twice, and otherwise", after.producer));
            }
            ends.insert(is_commit);
        }
        Ok(())
    }
}

impl Truth {
    /// A marker is written to a partition.
    pub(in crate::coordinators) fn marker_written(
        &self,
        part: usize,
        end: EndTransaction,
    ) -> Result<(), String> {
        if self.decisions.has(end.producer, end.result) {
            return Ok(());
        }
        Err(format!("partition {part} has a marker of {end:?}, which is not decided"))
    }

    /// What an answer says about a transaction.
    pub(in crate::coordinators) fn txn_claim(
        &self,
        part: usize,
        claim: &Claim,
        response: &Response,
    ) -> Result<(), String> {
        let state = &self.transactions[part];
        match (claim, response) {
            (Claim::Init(id), Response::InitProducerId(Ok(producer))) => {
                let known = state.get(id.as_str()).map(|known| known.producer);
                let holds =
                    known.is_some_and(|known| known.id == producer.id && known.epoch >= producer.epoch);
                if holds { Ok(()) } else { Err(format!("{producer:?} is told, and {known:?} committed")) }
            }
            (Claim::Add(id, producer, partitions), Response::AddPartitions(Ok(()))) => {
                let known = state.get(id.as_str());
                let holds = known.is_some_and(|known| {
                    known.producer.epoch > producer.epoch || known.partitions.contains_all(partitions)
                });
                let ended = self.has_ended(*producer, TransactionResult::Commit)
                    || self.has_ended(*producer, TransactionResult::Abort);
                if holds || ended {
                    return Ok(());
                }
                Err(format!("{partitions:?} are in {id:?} by the answer, and not in {known:?}"))
            }
            (Claim::End(id, producer, result), Response::EndTransaction(Ok(_))) => {
                if self.has_ended(*producer, *result) {
                    return Ok(());
                }
                Err(format!("{result:?} of {id:?} by {producer:?} is answered, and not committed"))
            }
            _ => Ok(()),
        }
    }

    fn has_ended(&self, producer: Producer, result: TransactionResult) -> bool {
        let bumped = ProducerEpoch::new(producer.epoch.get().saturating_add(1));
        self.decisions.has(producer, result)
            || self.decisions.has(Producer { epoch: bumped, ..producer }, result)
    }
}
