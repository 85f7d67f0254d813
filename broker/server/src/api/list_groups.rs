//! ListGroups: the groups that this broker coordinates.

use std::sync::Arc;

use broker_group::{ListGroups, Request, Response};
use broker_protocol::{
    ErrorCode, Str,
    messages::{ListGroupsRequest, ListGroupsResponse, list_groups_response::ListedGroup},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    coordinators::CoordinatorError,
    groups,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let filters = ListGroups {
        states: request.states_filter.iter().map(Str::detached).collect(),
        types: request.types_filter.iter().map(Str::detached).collect(),
    };
    let sees_all = broker.authorizer().sees(context, Operation::Describe, Resource::Cluster);
    let mut listed = Vec::new();
    for index in broker.groups.led() {
        match broker.groups.ask(index, Request::ListGroups(filters.clone())).await {
            Ok(Response::ListGroups(groups)) => listed.extend(groups),
            // Its new coordinator lists them.
            Err(CoordinatorError::NotHere) => {}
            Ok(_) => return refused(groups::MISMATCHED),
            Err(error) => return refused(groups::unanswered(error)),
        }
    }
    let may_see = |group: &str| {
        sees_all || broker.authorizer().sees(context, Operation::Describe, Resource::Group(group))
    };
    let listed = listed.into_iter().filter(|one| may_see(one.group.as_str())).map(|one| ListedGroup {
        group_id: Str::from(one.group.as_str()),
        protocol_type: one.protocol_type,
        group_state: Str::from_static(one.state.name()),
        group_type: Str::from_static(one.kind.name()),
    });
    ListGroupsResponse { groups: listed.collect(), ..Default::default() }
}

fn refused(error: ErrorCode) -> ListGroupsResponse {
    ListGroupsResponse { error_code: error.code(), ..Default::default() }
}
