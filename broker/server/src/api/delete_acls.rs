//! DeleteAcls: through the controller, whatever the filters match (KIP-140).

use std::sync::Arc;

use broker_authorizer::{Binding, Filter};
use broker_controller::{DeleteAcls, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DeleteAclsRequest, DeleteAclsResponse,
        delete_acls_request::DeleteAclsFilter,
        delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl},
    },
};

use super::acls;
use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// A filter that Kafka does not read is the end of the connection.
pub(super) fn readable(request: &DeleteAclsRequest) -> Result<(), &'static str> {
    request.filters.iter().try_for_each(|one| {
        acls::known(&[one.pattern_type_filter, one.resource_type_filter, one.operation, one.permission_type])
    })
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DeleteAclsRequest,
) -> DeleteAclsResponse {
    let count = request.filters.len();
    let all = |code: ErrorCode, message: Option<&str>| answer(vec![refused(code, message); count]);
    let refusal = acls::refusal(broker, context, Operation::Alter, "No Authorizer is configured.");
    if let Some((code, text)) = refusal {
        return all(code, Some(text));
    }
    let filters = request.filters.into_iter().map(filter).collect();
    let delete = Request::DeleteAcls(DeleteAcls { filters });
    match broker.quorum().ask(delete, acls::PATIENCE_MS).await {
        Ok(Response::DeleteAcls(deleted)) => {
            let result = |result: Result<Vec<Binding>, broker_controller::DeleteAclError>| match result {
                Ok(bindings) => DeleteAclsFilterResult {
                    error_message: None,
                    matching_acls: bindings.into_iter().map(matching).collect(),
                    ..DeleteAclsFilterResult::default()
                },
                // What Kafka calls unknown it says nothing about.
                Err(error) if error.code() == ErrorCode::UnknownServerError => refused(error.code(), None),
                Err(error) => refused(error.code(), Some(&error.to_string())),
            };
            answer(deleted.into_iter().map(result).collect())
        }
        Ok(_) => all(ErrorCode::UnknownServerError, None),
        Err(error) => all(error.code(), Some(&error.to_string())),
    }
}

fn answer(filter_results: Vec<DeleteAclsFilterResult>) -> DeleteAclsResponse {
    DeleteAclsResponse { filter_results, ..DeleteAclsResponse::default() }
}

fn refused(code: ErrorCode, message: Option<&str>) -> DeleteAclsFilterResult {
    DeleteAclsFilterResult {
        error_code: code.code(),
        error_message: message.map(Str::from),
        ..DeleteAclsFilterResult::default()
    }
}

fn filter(one: DeleteAclsFilter) -> Filter {
    let asked = acls::Asked {
        resource_type: one.resource_type_filter,
        pattern_type: one.pattern_type_filter,
        name: one.resource_name_filter,
        principal: one.principal_filter,
        host: one.host_filter,
        operation: one.operation,
        permission: one.permission_type,
    };
    asked.filter()
}

fn matching(binding: Binding) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl {
        error_message: None,
        resource_type: binding.pattern.resource_type.code(),
        resource_name: binding.pattern.name,
        pattern_type: binding.pattern.pattern_type.code(),
        principal: binding.entry.principal,
        host: binding.entry.host,
        operation: binding.entry.operation.code(),
        permission_type: binding.entry.permission.code(),
        ..DeleteAclsMatchingAcl::default()
    }
}
