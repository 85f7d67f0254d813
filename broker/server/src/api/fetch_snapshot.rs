//! FetchSnapshot: a part of a snapshot of the metadata (KIP-630).

use std::sync::Arc;

use broker_protocol::messages::{FetchSnapshotRequest, FetchSnapshotResponse};

use super::members::{self, Answers, Asked};
use crate::{broker::Broker, context::RequestContext, quorum::wire};

pub(crate) async fn handle(
    broker: &Arc<Broker>,
    context: &RequestContext,
    request: FetchSnapshotRequest,
) -> FetchSnapshotResponse {
    let asked = || {
        let (part, max_bytes) = wire::snapshot::read_request(broker.cluster_id(), &request)?;
        Ok(Asked { max_bytes, ..part.into() })
    };
    let answers = Answers { response: wire::snapshot::response, refused: wire::snapshot::refused };
    members::answer(broker, context, asked, answers).await
}
