//! Vote: a candidate asks for this voter's vote, or whether it would have it (KIP-595, KIP-996).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{VoteRequest, VoteResponse},
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
    request: VoteRequest,
) -> VoteResponse {
    if !broker.authorizer().allows(context, Operation::ClusterAction, Resource::Cluster) {
        return wire::vote::refused(ErrorCode::ClusterAuthorizationFailed);
    }
    let vote = match wire::vote::read_request(broker.cluster_id(), &request) {
        Ok(vote) => vote,
        Err(unusable) => return wire::vote::refused(unusable.code()),
    };
    match broker.quorum().receive(Request::Vote(vote), 0, None).await {
        Some(reply) => wire::vote::response(&reply),
        None => wire::vote::refused(ErrorCode::BrokerNotAvailable),
    }
}
