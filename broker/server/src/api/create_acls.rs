//! CreateAcls: through the controller, each binding for itself (KIP-140).

use std::sync::Arc;

use broker_authorizer::{
    Binding, CLUSTER_NAME, Entry, Operation, Pattern, PatternType, Permission, ResourceType,
};
use broker_controller::{CreateAclError, CreateAcls, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        CreateAclsRequest, CreateAclsResponse, create_acls_request::AclCreation,
        create_acls_response::AclCreationResult,
    },
};

use super::acls;
use crate::{broker::Broker, context::RequestContext};

/// A binding that Kafka does not read is the end of the connection.
pub(super) fn readable(request: &CreateAclsRequest) -> Result<(), &'static str> {
    request.creations.iter().try_for_each(|one| {
        acls::known(&[one.resource_pattern_type, one.resource_type, one.permission_type, one.operation])
    })
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: CreateAclsRequest,
) -> CreateAclsResponse {
    let count = request.creations.len();
    let all = |code: ErrorCode, message: Option<&str>| answer(vec![refused(code, message); count]);
    let refusal = acls::refusal(broker, context, Operation::Alter, "No Authorizer is configured.");
    if let Some((code, text)) = refusal {
        return all(code, Some(text));
    }
    let bindings: Vec<_> = request.creations.into_iter().map(binding).collect();
    if bindings.iter().any(is_filter) {
        return all(ErrorCode::UnknownServerError, None);
    }
    let faults: Vec<_> = bindings.iter().map(fault).collect();
    let valid = bindings.into_iter().zip(&faults).filter(|(_, fault)| fault.is_none());
    let bindings: Vec<_> = valid.map(|(binding, _)| binding).collect();
    let wanted = bindings.len();
    let created =
        match broker.quorum().ask(Request::CreateAcls(CreateAcls { bindings }), acls::PATIENCE_MS).await {
            Ok(Response::CreateAcls(created)) => {
                let told = |one: Result<(), CreateAclError>| match one {
                    Ok(()) => AclCreationResult::default(),
                    Err(error) => refused(error.code(), Some(&error.to_string())),
                };
                created.into_iter().map(told).collect()
            }
            Ok(_) => vec![refused(ErrorCode::UnknownServerError, None); wanted],
            Err(error) => vec![refused(error.code(), Some(&error.to_string())); wanted],
        };
    let mut created = created.into_iter();
    let result = |fault: Option<String>| match fault {
        Some(text) => refused(ErrorCode::InvalidRequest, Some(&text)),
        None => created.next().unwrap_or_else(|| refused(ErrorCode::UnknownServerError, None)),
    };
    answer(faults.into_iter().map(result).collect())
}

fn answer(results: Vec<AclCreationResult>) -> CreateAclsResponse {
    CreateAclsResponse { results, ..CreateAclsResponse::default() }
}

fn refused(code: ErrorCode, message: Option<&str>) -> AclCreationResult {
    AclCreationResult { error_code: code.code(), error_message: message.map(Str::from) }
}

fn binding(one: AclCreation) -> Binding {
    Binding {
        pattern: Pattern {
            resource_type: ResourceType::from_code(one.resource_type),
            pattern_type: PatternType::from_code(one.resource_pattern_type),
            name: one.resource_name,
        },
        entry: Entry {
            principal: one.principal,
            host: one.host,
            operation: Operation::from_code(one.operation),
            permission: Permission::from_code(one.permission_type),
        },
    }
}

/// Whether it has what only filters have: of this Kafka cannot make a binding, and answers that it failed.
fn is_filter(binding: &Binding) -> bool {
    binding.pattern.resource_type == ResourceType::Any
        || matches!(binding.pattern.pattern_type, PatternType::Any | PatternType::Match)
        || binding.entry.operation == Operation::Any
        || binding.entry.permission == Permission::Any
}

/// What is wrong with a binding before the controller looks at it.
fn fault(binding: &Binding) -> Option<String> {
    let pattern = &binding.pattern;
    if pattern.resource_type == ResourceType::Cluster && pattern.name != CLUSTER_NAME {
        return Some(format!("The only valid name for the CLUSTER resource is {CLUSTER_NAME}"));
    }
    pattern.name.is_empty().then(|| "Invalid empty resource name".to_owned())
}
