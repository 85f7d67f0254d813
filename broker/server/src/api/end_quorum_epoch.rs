//! EndQuorumEpoch: a leader of the quorum says that it leads no longer (KIP-595).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{EndQuorumEpochRequest, EndQuorumEpochResponse},
};

use crate::{
    authorizer::{Operation, Resource},
    broker::Broker,
    context::RequestContext,
    quorum::wire,
};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: EndQuorumEpochRequest,
) -> EndQuorumEpochResponse {
    if !broker.authorizer().allows(context, Operation::ClusterAction, Resource::Cluster) {
        return wire::end_epoch::refused(ErrorCode::ClusterAuthorizationFailed);
    }
    let end = match wire::end_epoch::read_request(broker.cluster_id(), broker.quorum_key(), &request) {
        Ok(end) => end,
        Err(unusable) => return wire::end_epoch::refused(unusable.code()),
    };
    match broker.quorum().receive(end, 0, None).await {
        Some(reply) => wire::end_epoch::response(&reply),
        None => wire::end_epoch::refused(ErrorCode::BrokerNotAvailable),
    }
}
