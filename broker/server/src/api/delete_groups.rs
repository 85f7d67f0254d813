//! DeleteGroups: empty groups go, with their offsets.

use std::sync::Arc;

use broker_group::Request;
use broker_protocol::{
    ErrorCode, Str,
    messages::{DeleteGroupsRequest, DeleteGroupsResponse, delete_groups_response::DeletableGroupResult},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    groups::{self, answer},
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut results: Vec<DeletableGroupResult> = Vec::with_capacity(request.groups_names.len());
    for group in request.groups_names {
        if results.iter().any(|done| done.group_id == group) {
            continue;
        }
        let error = delete(broker, context, &group).await;
        results.push(DeletableGroupResult { group_id: group, error_code: error.code() });
    }
    DeleteGroupsResponse { results, ..Default::default() }
}

async fn delete(broker: &Arc<Broker>, context: &RequestContext, group: &Str) -> ErrorCode {
    if !broker.authorizer().allows(context, Operation::Delete, Resource::Group(group)) {
        return ErrorCode::GroupAuthorizationFailed;
    }
    let request = Request::DeleteGroups(vec![groups::group_id(group)]);
    match answer!(broker.ask_group(group, request).await, DeleteGroups) {
        Ok(mut results) => match results.pop() {
            Some((_, Ok(()))) => ErrorCode::None,
            Some((_, Err(error))) => error.code(),
            None => groups::MISMATCHED,
        },
        Err(failure) => failure.code(),
    }
}
