//! `InitProducerId`: who the producer of a transactional id is from now on.

use core::time::Duration;

use broker_types::{Producer, ProducerEpoch, TransactionVersion};

use crate::{
    InitProducerId, State, Transaction, TransactionState, TxnError,
    work::{Work, next_id},
};

const FIRST: ProducerEpoch = ProducerEpoch::new(0);

impl Work<'_> {
    pub(crate) fn init_producer_id(
        &mut self,
        state: &State,
        request: &InitProducerId,
    ) -> Result<Producer, TxnError> {
        let timeout = self.timeout(request)?;
        let Some(transaction) = state.get(request.id.as_str()) else {
            let spare = request.spare.ok_or(TxnError::NeedsProducerId)?;
            let new = self.write(&request.id, Transaction::new(spare, timeout, self.now.wall));
            return Ok(new.producer);
        };
        if transaction.ending().is_some() {
            return Err(TxnError::ConcurrentTransactions);
        }
        if request.expected.is_some_and(|expected| !has_or_had_id(transaction, expected)) {
            return Err(TxnError::ProducerFenced);
        }
        if transaction.state == TransactionState::Ongoing {
            self.fence_open(transaction, request)?;
            // Whoever asks must ask again when it is aborted: the epoch that fences is given to nobody.
            return Err(TxnError::ConcurrentTransactions);
        }
        let producer = self.next_producer(transaction, request)?;
        self.write(&request.id, transaction.initialized(producer, timeout, self.now.wall));
        Ok(producer)
    }

    fn timeout(&self, request: &InitProducerId) -> Result<Duration, TxnError> {
        if request.id.as_str().is_empty() {
            return Err(TxnError::InvalidRequest);
        }
        if request.two_phase_commit && !self.settings.two_phase_commit {
            return Err(TxnError::TransactionalIdAuthorizationFailed);
        }
        if request.keep_prepared {
            return Err(TxnError::UnsupportedVersion);
        }
        if request.two_phase_commit {
            return Ok(Transaction::NO_TIMEOUT);
        }
        if request.timeout.is_zero() || request.timeout > self.settings.timeout_max {
            return Err(TxnError::InvalidTransactionTimeout);
        }
        Ok(request.timeout)
    }

    fn fence_open(&mut self, open: &Transaction, request: &InitProducerId) -> Result<(), TxnError> {
        let next_id = match self.version {
            TransactionVersion::V2 => next_id(open, request.spare)?,
            TransactionVersion::V0 | TransactionVersion::V1 => None,
        };
        self.fence(&request.id, open, next_id);
        Ok(())
    }

    /// The producer after an idle one. Whoever does not say who it expects takes the transactional id over; who
    /// does is the producer, or was it until it was bumped and did not hear of it, or is fenced.
    fn next_producer(&mut self, idle: &Transaction, request: &InitProducerId) -> Result<Producer, TxnError> {
        let InitProducerId { id, expected, spare, .. } = request;
        let is_retry = expected.is_some_and(|expected| self.former.was(id, idle.producer, expected));
        if expected.is_some_and(|expected| expected != idle.producer) && !is_retry {
            return Err(TxnError::ProducerFenced);
        }
        if is_retry && !idle.is_exhausted() {
            return Ok(idle.producer);
        }
        let next = match next_id(idle, *spare)? {
            None => idle.bumped(),
            Some(id) => Producer { id, epoch: FIRST },
        };
        match expected {
            Some(_) => self.former.bumped(id, idle.producer, next),
            None => self.former.forget(id),
        }
        Ok(next)
    }
}

/// Whether one that expects to be the producer has its id, or had it until its epochs were exhausted.
fn has_or_had_id(transaction: &Transaction, expected: Producer) -> bool {
    expected.id == transaction.producer.id
        || transaction.previous_producer_id == Some(expected.id) && expected.epoch >= Transaction::EPOCH_MAX
}

#[cfg(test)]
mod tests;
