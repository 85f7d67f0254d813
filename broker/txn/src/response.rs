//! What the coordinator answers.

use alloc::{sync::Arc, vec::Vec};

use broker_protocol::Str;
use broker_types::{Producer, ProducerId, TopicPartition, TransactionalId};

use crate::{PendingMarkers, Transaction, TransactionState, TxnError};

/// An answer; each to the [`crate::Request`] of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// Who the producer is from now on.
    InitProducerId(Result<Producer, TxnError>),
    /// The partitions are in the transaction; an error is every partition's.
    AddPartitions(Result<(), TxnError>),
    /// Those that are not in the transaction: they get [`TxnError::TransactionAbortable`], the others nothing. An error
    /// is every partition's.
    VerifyPartitions(Result<Vec<TopicPartition>, TxnError>),
    /// The end is decided. Who the producer is from now on: with version 5 of `EndTxn` it must go on as that one.
    EndTransaction(Result<Producer, TxnError>),
    /// In the request's order.
    Describe(Vec<(TransactionalId, Result<Arc<Transaction>, TxnError>)>),
    /// By transactional id.
    List(TransactionList),
    /// In the order in which their transactions ended; none when another request of the kind came.
    AwaitMarkers(Vec<PendingMarkers>),
    /// It is noted.
    MarkersWritten,
}

/// What a list has.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TransactionList {
    /// The names of states that the request has and Kafka has not.
    pub unknown_states: Vec<Str>,
    /// What was found.
    pub transactions: Vec<ListedTransaction>,
}

/// A transactional id in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTransaction {
    /// The transactional id.
    pub id: TransactionalId,
    /// Its producer.
    pub producer_id: ProducerId,
    /// What its transaction does.
    pub state: TransactionState,
}
