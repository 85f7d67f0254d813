//! DescribeTransactions: what transactional ids do (KIP-664).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeTransactionsRequest, DescribeTransactionsResponse,
        describe_transactions_response::{TopicData, TransactionState},
    },
};
use broker_txn::Transaction;
use broker_types::Timestamp;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    transactions,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeTransactionsRequest,
) -> DescribeTransactionsResponse {
    let mut states = Vec::with_capacity(request.transactional_ids.len());
    for id in request.transactional_ids {
        let allows =
            |resource: Resource<'_>| broker.authorizer().allows(context, Operation::Describe, resource);
        let described = if allows(Resource::TransactionalId(&id)) {
            transactions::describe(broker, transactions::transactional_id(&id)).await
        } else {
            Err(ErrorCode::TransactionalIdAuthorizationFailed)
        };
        states.push(match described {
            Ok(transaction) => state(id, &transaction, |topic| allows(Resource::Topic(topic))),
            Err(error) => TransactionState {
                error_code: error.code(),
                transactional_id: id,
                ..TransactionState::default()
            },
        });
    }
    DescribeTransactionsResponse { transaction_states: states, ..DescribeTransactionsResponse::default() }
}

fn state(id: Str, transaction: &Transaction, may_see: impl Fn(&str) -> bool) -> TransactionState {
    let topics = transaction.partitions.by_topic().filter(|(topic, _)| may_see(topic.as_str()));
    TransactionState {
        error_code: 0,
        transactional_id: id,
        transaction_state: Str::from_static(transaction.state.name()),
        transaction_timeout_ms: i32::try_from(transaction.timeout.as_millis()).unwrap_or(i32::MAX),
        transaction_start_time_ms: transaction.started_at.map_or(-1, Timestamp::as_millis),
        producer_id: transaction.producer.id.get(),
        producer_epoch: transaction.producer.epoch.get(),
        topics: topics
            .map(|(topic, indexes)| TopicData {
                topic: Str::from(topic.as_str()),
                partitions: indexes.iter().map(|index| index.get()).collect(),
            })
            .collect(),
    }
}
