//! DescribeAcls: no authorizer is configured, and this is what Kafka says then.

use std::sync::Arc;

use broker_protocol::{
    ErrorCode, Str,
    messages::{DescribeAclsRequest, DescribeAclsResponse},
};

use crate::{broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    _broker: &Arc<Broker>,
    _context: &RequestContext,
    _request: DescribeAclsRequest,
) -> DescribeAclsResponse {
    DescribeAclsResponse {
        error_code: ErrorCode::SecurityDisabled.code(),
        error_message: Some(Str::from_static("No Authorizer is configured on the broker")),
        ..DescribeAclsResponse::default()
    }
}
