//! UpdateRaftVoter: a voter tells the quorum's leader where it is reached now, and what it speaks (KIP-853).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{UpdateRaftVoterRequest, UpdateRaftVoterResponse},
};
use broker_raft::Request;

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    quorum::wire,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: UpdateRaftVoterRequest,
) -> UpdateRaftVoterResponse {
    if !broker.authorizer().allows(context, Operation::ClusterAction, Resource::Cluster) {
        return wire::voters::update_refused(ErrorCode::ClusterAuthorizationFailed);
    }
    let listener = broker.settings().controller_listener();
    let update = match wire::voters::read_update(broker.cluster_id(), listener, &request) {
        Ok(update) => update,
        Err(unusable) => return wire::voters::update_refused(unusable.code()),
    };
    match broker.quorum().receive(Request::Voters(update), 0, None).await {
        Some(reply) => wire::voters::update_response(&reply),
        None => wire::voters::update_refused(ErrorCode::BrokerNotAvailable),
    }
}
