//! `DescribeTransactions` and `ListTransactions`.

use alloc::{sync::Arc, vec::Vec};

use broker_types::{Timestamp, TransactionalId};

use crate::{
    ListTransactions, ListedTransaction, State, Transaction, TransactionList, TransactionState, TxnError,
};

pub(crate) fn describe(
    state: &State,
    ids: Vec<TransactionalId>,
) -> Vec<(TransactionalId, Result<Arc<Transaction>, TxnError>)> {
    let describe = |id: &TransactionalId| match state.get(id.as_str()) {
        _ if id.as_str().is_empty() => Err(TxnError::InvalidRequest),
        None => Err(TxnError::TransactionalIdNotFound),
        Some(transaction) => Ok(Arc::clone(transaction)),
    };
    ids.into_iter().map(|id| (id.clone(), describe(&id))).collect()
}

pub(crate) fn list(state: &State, now: Timestamp, request: &ListTransactions) -> TransactionList {
    let unknown = request.states.iter().filter(|name| !TransactionState::is_known(name));
    let listed = |(id, transaction): (&TransactionalId, &Arc<Transaction>)| ListedTransaction {
        id: id.clone(),
        producer_id: transaction.producer.id,
        state: transaction.state,
    };
    let found = state.iter().filter(|(_, transaction)| matches(transaction, now, request));
    TransactionList { unknown_states: unknown.cloned().collect(), transactions: found.map(listed).collect() }
}

fn matches(transaction: &Transaction, now: Timestamp, request: &ListTransactions) -> bool {
    let ListTransactions { states, producer_ids, longer_than } = request;
    let has_state = states.is_empty() || states.iter().any(|name| name.as_str() == transaction.state.name());
    let has_id = producer_ids.is_empty() || producer_ids.contains(&transaction.producer.id);
    // What never began is as old as time, for Kafka.
    let is_long = |started: Timestamp| longer_than.is_none_or(|longer| now.since(started) > longer);
    has_state && has_id && transaction.started_at.is_none_or(is_long)
}

#[cfg(test)]
mod tests;
