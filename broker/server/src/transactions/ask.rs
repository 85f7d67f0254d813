//! Questions to the coordinator of a transactional id, where it is this broker.

use std::sync::Arc;

use broker_protocol::ErrorCode;
use broker_txn::{
    AddPartitions, EndTransaction, InitProducerId, Request, Response, Transaction, TransactionCoordinator,
    TxnError,
};
use broker_types::{Producer, ProducerId, TopicPartition, TransactionalId};

use crate::{
    broker::Broker,
    coordinators::Answer,
    groups::{MISMATCHED, unanswered},
    partition::Grounds,
};

/// Who the producer of a transactional id is from now on.
pub(crate) async fn init_producer_id(broker: &Broker, init: InitProducerId) -> Result<Producer, ErrorCode> {
    let id = init.id.clone();
    let request = |spare| Request::InitProducerId(InitProducerId { spare, ..init.clone() });
    with_spare(broker, &id, request, |response| match response {
        Response::InitProducerId(answer) => Some(answer),
        _ => None,
    })
    .await
}

/// Ends a transaction; gives who the producer is from now on.
pub(crate) async fn end(broker: &Broker, end: EndTransaction) -> Result<Producer, ErrorCode> {
    let id = end.id.clone();
    let request = |spare| Request::EndTransaction(EndTransaction { spare, ..end.clone() });
    with_spare(broker, &id, request, |response| match response {
        Response::EndTransaction(answer) => Some(answer),
        _ => None,
    })
    .await
}

/// Takes partitions into a transaction, or says which are not in it.
pub(crate) async fn add_partitions(
    broker: &Broker,
    add: AddPartitions,
    verify_only: bool,
) -> Result<Vec<TopicPartition>, ErrorCode> {
    begin_add(broker, add, verify_only).await?.get().await
}

/// As [`add_partitions`], for who asks for many: its answer is waited for later.
pub(crate) async fn begin_add(
    broker: &Broker,
    add: AddPartitions,
    verify_only: bool,
) -> Result<Adding, ErrorCode> {
    let id = add.id.clone();
    let request = if verify_only { Request::VerifyPartitions(add) } else { Request::AddPartitions(add) };
    begin(broker, &id, request).await.map(Adding)
}

/// Partitions that are being taken in.
pub(crate) struct Adding(Answer<TransactionCoordinator>);

impl Adding {
    /// Those that are not in the transaction.
    pub(crate) async fn get(self) -> Result<Vec<TopicPartition>, ErrorCode> {
        let answer = match self.0.get().await.map_err(unanswered)? {
            Response::AddPartitions(answer) => answer.map(|()| Vec::new()),
            Response::VerifyPartitions(answer) => answer,
            _ => return Err(MISMATCHED),
        };
        answer.map_err(TxnError::code)
    }
}

/// What is known of a transactional id.
pub(crate) async fn describe(broker: &Broker, id: TransactionalId) -> Result<Arc<Transaction>, ErrorCode> {
    let answer = ask(broker, &id, Request::Describe(vec![id.clone()]), |response| match response {
        Response::Describe(described) => described.into_iter().next().map(|(_, transaction)| transaction),
        _ => None,
    });
    answer.await?.map_err(TxnError::code)
}

/// Asks with a producer id that nobody has only where one is needed.
async fn with_spare<T>(
    broker: &Broker,
    id: &TransactionalId,
    request: impl Fn(Option<ProducerId>) -> Request,
    pick: impl Fn(Response) -> Option<Result<T, TxnError>>,
) -> Result<T, ErrorCode> {
    let mut answer = ask(broker, id, request(None), &pick).await?;
    if matches!(answer, Err(TxnError::NeedsProducerId))
        && let Some(spare) = broker.producer_ids().next(broker).await
    {
        answer = ask(broker, id, request(Some(spare)), &pick).await?;
    }
    answer.map_err(TxnError::code)
}

async fn ask<T>(
    broker: &Broker,
    id: &TransactionalId,
    request: Request,
    pick: impl Fn(Response) -> Option<Result<T, TxnError>>,
) -> Result<Result<T, TxnError>, ErrorCode> {
    let answer = begin(broker, id, request).await?.get().await;
    pick(answer.map_err(unanswered)?).ok_or(MISMATCHED)
}

async fn begin(
    broker: &Broker,
    id: &TransactionalId,
    request: Request,
) -> Result<Answer<TransactionCoordinator>, ErrorCode> {
    // Wherever that would be coordinated.
    if id.as_str().is_empty() {
        return Err(ErrorCode::InvalidRequest);
    }
    let index = broker.partition_of_transaction(id.as_str()).ok_or(ErrorCode::NotCoordinator)?;
    broker.transactions.send(index, request, Grounds::default()).await.map_err(unanswered)
}
