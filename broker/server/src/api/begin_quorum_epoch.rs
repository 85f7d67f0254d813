//! BeginQuorumEpoch: a new leader of the quorum says that it leads (KIP-595, KIP-853).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{BeginQuorumEpochRequest, BeginQuorumEpochResponse},
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
    request: BeginQuorumEpochRequest,
) -> BeginQuorumEpochResponse {
    if !broker.authorizer().allows(context, Operation::ClusterAction, Resource::Cluster) {
        return wire::begin_epoch::refused(ErrorCode::ClusterAuthorizationFailed);
    }
    let read = wire::begin_epoch::read_request(broker.cluster_id(), broker.quorum_key(), &request);
    let (begin, leader) = match read {
        Ok(read) => read,
        Err(unusable) => return wire::begin_epoch::refused(unusable.code()),
    };
    match broker.quorum().receive(begin, 0, leader).await {
        Some(reply) => wire::begin_epoch::response(&reply),
        None => wire::begin_epoch::refused(ErrorCode::BrokerNotAvailable),
    }
}
