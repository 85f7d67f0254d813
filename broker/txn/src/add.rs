//! `AddPartitionsToTxn`: what a transaction writes to.

use alloc::{sync::Arc, vec::Vec};

use broker_types::{TopicPartition, TransactionalId};

use crate::{AddPartitions, State, Transaction, TransactionState, TxnError, work::Work};

impl Work<'_> {
    pub(crate) fn add_partitions(&mut self, state: &State, request: &AddPartitions) -> Result<(), TxnError> {
        let transaction = known(state, &request.id)?;
        // Before anything is said of the producer: it may be bumped by the very end that it waits for.
        if transaction.ending().is_some() {
            return Err(TxnError::ConcurrentTransactions);
        }
        check_producer(transaction, request)?;
        let is_open = transaction.state == TransactionState::Ongoing;
        if !is_open || !transaction.partitions.contains_all(&request.partitions) {
            self.has_room_for(request.client_version)?;
            let next = transaction.adding(&request.partitions, request.client_version, self.now.wall);
            self.write(&request.id, next);
        }
        Ok(())
    }
}

/// The partitions that are not in the transaction.
pub(crate) fn missing_partitions(
    state: &State,
    request: &AddPartitions,
) -> Result<Vec<TopicPartition>, TxnError> {
    let transaction = known(state, &request.id)?;
    check_producer(transaction, request)?;
    if transaction.ending().is_some() {
        return Err(TxnError::ConcurrentTransactions);
    }
    let all = request.partitions.iter();
    let missing = all.filter(|(topic, partition)| !transaction.partitions.contains(topic, *partition));
    Ok(missing.map(|(topic, partition)| TopicPartition::new(topic.clone(), partition)).collect())
}

/// The transactional id of a producer's request.
pub(crate) fn known<'a>(state: &'a State, id: &TransactionalId) -> Result<&'a Arc<Transaction>, TxnError> {
    if id.as_str().is_empty() {
        return Err(TxnError::InvalidRequest);
    }
    state.get(id.as_str()).ok_or(TxnError::InvalidProducerIdMapping)
}

fn check_producer(transaction: &Transaction, request: &AddPartitions) -> Result<(), TxnError> {
    if transaction.producer.id != request.producer.id {
        return Err(TxnError::InvalidProducerIdMapping);
    }
    if transaction.producer.epoch != request.producer.epoch {
        return Err(TxnError::ProducerFenced);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
