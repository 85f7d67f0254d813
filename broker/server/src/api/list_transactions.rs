//! ListTransactions: the transactional ids that this broker coordinates (KIP-664, KIP-994, KIP-1152).

use std::{sync::Arc, time::Duration};

use broker_protocol::{
    ErrorCode, Str,
    messages::{
        ListTransactionsRequest, ListTransactionsResponse, list_transactions_response::TransactionState,
    },
};
use broker_txn::{ListTransactions, Request, Response};
use broker_types::ProducerId;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    coordinators::CoordinatorError,
    groups::{self, whole},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ListTransactionsRequest,
) -> ListTransactionsResponse {
    let pattern = request.transactional_id_pattern.as_deref().filter(|pattern| !pattern.is_empty());
    let Ok(pattern) = pattern.map(whole).transpose() else {
        return refused(ErrorCode::InvalidRegularExpression);
    };
    let filters = ListTransactions {
        states: request.state_filters.iter().map(Str::detached).collect(),
        producer_ids: request.producer_id_filters.iter().map(|id| ProducerId::new(*id)).collect(),
        longer_than: u64::try_from(request.duration_filter).ok().map(Duration::from_millis),
    };
    let mut listed = Vec::new();
    for index in broker.transactions.led() {
        match broker.transactions.ask(index, Request::List(filters.clone())).await {
            Ok(Response::List(list)) => listed.extend(list.transactions),
            // Its new coordinator lists them.
            Err(CoordinatorError::NotHere) => {}
            Ok(_) => return refused(groups::MISMATCHED),
            Err(error) => return refused(groups::unanswered(error)),
        }
    }
    let is_listed = |id: &str| {
        pattern.as_ref().is_none_or(|pattern| pattern.is_match(id))
            && broker.authorizer().allows(context, Operation::Describe, Resource::TransactionalId(id))
    };
    let listed = listed.into_iter().filter(|one| is_listed(one.id.as_str())).map(|one| TransactionState {
        transactional_id: Str::from(one.id.as_str()),
        producer_id: one.producer_id.get(),
        transaction_state: Str::from_static(one.state.name()),
    });
    let unknown = request.state_filters.iter().filter(|name| !broker_txn::TransactionState::is_known(name));
    ListTransactionsResponse {
        unknown_state_filters: unknown.cloned().collect(),
        transaction_states: listed.collect(),
        ..ListTransactionsResponse::default()
    }
}

fn refused(error: ErrorCode) -> ListTransactionsResponse {
    ListTransactionsResponse { error_code: error.code(), ..ListTransactionsResponse::default() }
}
