//! Fetch of the metadata partition: the quorum answers, not a partition (KIP-595).

use std::sync::Arc;

use broker_protocol::{
    ErrorCode,
    messages::{FetchRequest, FetchResponse},
};
use broker_raft::Request;

use crate::{authorizer::Operation, broker::Broker, context::RequestContext, quorum::wire};

pub(super) async fn answer(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: &FetchRequest,
) -> FetchResponse {
    if let Err(denied) = broker.authorizer().on_cluster(context, Operation::ClusterAction) {
        return wire::fetch::refused(denied);
    }
    let read = wire::fetch::read_request(broker.cluster_id(), request, context.api_version);
    let (fetch, max_bytes) = match read {
        Ok(read) => read,
        Err(unusable) => return wire::fetch::refused(unusable.code()),
    };
    match broker.quorum().receive(Request::Fetch(fetch), max_bytes, None, &context.listener).await {
        Some(reply) => wire::fetch::response(&reply),
        None => wire::fetch::refused(ErrorCode::BrokerNotAvailable),
    }
}
