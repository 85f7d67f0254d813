//! FetchSnapshot: a part of a snapshot of the metadata (KIP-630).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{FetchSnapshotRequest, FetchSnapshotResponse},
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
    request: FetchSnapshotRequest,
) -> FetchSnapshotResponse {
    if !broker.authorizer().allows(context, Operation::ClusterAction, Resource::Cluster) {
        return wire::snapshot::refused(ErrorCode::ClusterAuthorizationFailed);
    }
    let (part, max_bytes) = match wire::snapshot::read_request(broker.cluster_id(), &request) {
        Ok(read) => read,
        Err(unusable) => return wire::snapshot::refused(unusable.code()),
    };
    match broker.quorum().receive(part, max_bytes, None).await {
        Some(reply) => wire::snapshot::response(&reply),
        None => wire::snapshot::refused(ErrorCode::BrokerNotAvailable),
    }
}
