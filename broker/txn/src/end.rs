//! `EndTxn`: commit or abort.

use broker_types::{Producer, TransactionResult, TransactionVersion};

use crate::{
    EndTransaction, State, Transaction, TransactionState, TxnError,
    add::known,
    work::{Work, next_id},
};

/// What an end does.
enum Decision {
    /// It was decided before: the answer is the same.
    AsBefore,
    /// It is decided now.
    Prepare,
}

impl Work<'_> {
    pub(crate) fn end_transaction(
        &mut self,
        state: &State,
        request: &EndTransaction,
    ) -> Result<Producer, TxnError> {
        let transaction = known(state, &request.id)?;
        let decision = if request.client_version.bumps_epoch() {
            with_bump(transaction, request)?
        } else {
            without_bump(transaction, request)?
        };
        match decision {
            Decision::AsBefore => Ok(transaction.producer),
            Decision::Prepare => self.end(transaction, request),
        }
    }

    fn end(&mut self, transaction: &Transaction, request: &EndTransaction) -> Result<Producer, TxnError> {
        let EndTransaction { id, result, client_version, spare, .. } = request;
        self.has_room_for(*client_version)?;
        let (version, next_id) = match client_version {
            TransactionVersion::V2 => (TransactionVersion::V2, next_id(transaction, *spare)?),
            TransactionVersion::V0 | TransactionVersion::V1 => (TransactionVersion::V0, None),
        };
        let prepared = transaction.preparing(*result, version, next_id, self.now.wall);
        // It may go on as that one: until it is, requests are told to come again.
        let producer = prepared.completed(self.now.wall).producer;
        self.prepare(id, transaction, prepared);
        Ok(producer)
    }
}

/// Clients before KIP-890. The epoch says nothing about which transaction is meant: a repeated end of a transaction is
/// known by its result alone.
fn without_bump(transaction: &Transaction, request: &EndTransaction) -> Result<Decision, TxnError> {
    if transaction.producer.id != request.producer.id {
        return Err(TxnError::InvalidProducerIdMapping);
    }
    if transaction.producer.epoch != request.producer.epoch {
        return Err(TxnError::ProducerFenced);
    }
    match (transaction.state, request.result) {
        (TransactionState::Ongoing, _) => Ok(Decision::Prepare),
        (TransactionState::PrepareCommit | TransactionState::PrepareAbort, _) => {
            Err(TxnError::ConcurrentTransactions)
        }
        (TransactionState::CompleteCommit, TransactionResult::Commit)
        | (TransactionState::CompleteAbort, TransactionResult::Abort) => Ok(Decision::AsBefore),
        _ => Err(TxnError::InvalidTxnState),
    }
}

/// Clients of KIP-890. Whoever comes with the epoch before the present one repeats the end that bumped it; whoever comes
/// with the present one may abort even if nothing was added, for it may not know.
fn with_bump(transaction: &Transaction, request: &EndTransaction) -> Result<Decision, TxnError> {
    if transaction.ending().is_some() {
        return Err(TxnError::ConcurrentTransactions);
    }
    let (now, asks) = (transaction.producer, request.producer);
    let is_renamed = transaction.previous_producer_id == Some(asks.id)
        && asks.epoch == Transaction::EPOCH_MAX
        && now.epoch.get() == 0;
    if now.id != asks.id && !is_renamed {
        return Err(TxnError::InvalidProducerIdMapping);
    }
    // Kafka does not ask whether that end bumped the epoch: there, the success of an older client's transaction can be told
    // to the producer that it fenced.
    let is_bumped = i32::from(now.epoch.get()) == i32::from(asks.epoch.get()) + 1
        && transaction.client_version.bumps_epoch()
        // The epoch that only fences is told to nobody.
        && now.epoch <= Transaction::EPOCH_MAX;
    let is_complete =
        matches!(transaction.state, TransactionState::CompleteCommit | TransactionState::CompleteAbort);
    let is_retry = is_complete && (is_bumped || is_renamed);
    if !is_retry && now.epoch != asks.epoch {
        return Err(TxnError::ProducerFenced);
    }
    match (transaction.state, request.result) {
        (TransactionState::Ongoing, _) => Ok(Decision::Prepare),
        (TransactionState::CompleteCommit, TransactionResult::Commit)
        | (TransactionState::CompleteAbort, TransactionResult::Abort)
            if is_retry =>
        {
            Ok(Decision::AsBefore)
        }
        (_, TransactionResult::Abort) if !is_retry => Ok(Decision::Prepare),
        _ => Err(TxnError::InvalidTxnState),
    }
}

#[cfg(test)]
mod tests;
