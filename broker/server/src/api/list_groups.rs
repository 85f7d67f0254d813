//! ListGroups: there are no groups yet, so the list is empty, which is true.

use std::sync::Arc;

use broker_protocol::messages::{ListGroupsRequest, ListGroupsResponse};

use crate::{broker::Broker, context::RequestContext};

pub(crate) async fn handle(
    _broker: &Arc<Broker>,
    _context: &RequestContext,
    _request: ListGroupsRequest,
) -> ListGroupsResponse {
    ListGroupsResponse::default()
}
