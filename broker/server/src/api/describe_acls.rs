//! DescribeAcls: the bindings that a filter matches (KIP-140). Any node answers.

use std::{collections::BTreeMap, sync::Arc};

use broker_authorizer::Pattern;
use broker_protocol::{
    ErrorCode, Str,
    messages::{
        DescribeAclsRequest, DescribeAclsResponse,
        describe_acls_response::{AclDescription, DescribeAclsResource},
    },
};

use super::acls;
use crate::{authorizer::Operation, broker::Broker, context::RequestContext};

/// A filter that Kafka does not read is the end of the connection.
pub(super) fn readable(request: &DescribeAclsRequest) -> Result<(), &'static str> {
    acls::known(&[
        request.pattern_type_filter,
        request.resource_type_filter,
        request.permission_type,
        request.operation,
    ])
}

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: DescribeAclsRequest,
) -> DescribeAclsResponse {
    let without = "No Authorizer is configured on the broker";
    if let Some((code, text)) = acls::refusal(broker, context, Operation::Describe, without) {
        return refused(code, text);
    }
    let filter = acls::Asked {
        resource_type: request.resource_type_filter,
        pattern_type: request.pattern_type_filter,
        name: request.resource_name_filter,
        principal: request.principal_filter,
        host: request.host_filter,
        operation: request.operation,
        permission: request.permission_type,
    };
    let filter = filter.filter();
    let mut resources: BTreeMap<Pattern, Vec<AclDescription>> = BTreeMap::new();
    for binding in broker.image().acls().bindings().matching(&filter) {
        resources.entry(binding.pattern).or_default().push(AclDescription {
            principal: binding.entry.principal,
            host: binding.entry.host,
            operation: binding.entry.operation.code(),
            permission_type: binding.entry.permission.code(),
        });
    }
    let resource = |(pattern, acls): (Pattern, Vec<AclDescription>)| DescribeAclsResource {
        resource_type: pattern.resource_type.code(),
        resource_name: pattern.name,
        pattern_type: pattern.pattern_type.code(),
        acls,
    };
    DescribeAclsResponse {
        resources: resources.into_iter().map(resource).collect(),
        ..DescribeAclsResponse::default()
    }
}

fn refused(code: ErrorCode, message: &str) -> DescribeAclsResponse {
    DescribeAclsResponse {
        error_code: code.code(),
        error_message: Some(Str::from(message)),
        ..DescribeAclsResponse::default()
    }
}
